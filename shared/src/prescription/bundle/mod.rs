//! What the NHS answers when prescriptions are looked for, read: the clinical tracker's list and its whole view of one
//! prescription (medicines.md 2.11), the `Task` shapes of the medicines implementation guide, and their errors.

mod group;
mod json;
mod lines;
mod outcome;
mod task;

#[cfg(test)]
mod tests;

use super::{Found, NotAnId, Prescription};
use json::{Index, at, list, text};
use serde_json::Value;

/// The largest answer that is read, in bytes: a hundred times the largest published one.
pub const LARGEST: usize = 4 * 1024 * 1024;
/// More of anything than any patient has.
const MOST: usize = 1000;

/// Why nothing was learnt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    #[error("the answer is larger than any that is expected")]
    TooLarge,
    /// Where JSON stopped being JSON. What the parser says besides may quote the patient.
    #[error("not JSON at line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("not an answer about prescriptions")]
    OtherKind,
    #[error("{what} is longer than is expected")]
    TooMany { what: &'static str },
    #[error("the answer says that there are {said} prescriptions and holds {held}")]
    Incomplete { said: u64, held: u64 },
    /// Whose the other prescriptions are is then a guess.
    #[error("the answer is about more than one NHS number")]
    TwoPatients,
    /// A prescription that nobody could look up again makes the whole answer doubtful.
    #[error("a prescription has no proper id")]
    Id(#[from] NotAnId),
    /// The NHS said no: the codes of its issues (`value`, `not-found`, `timeout`, …).
    #[error("refused: {code}")]
    Refused {
        /// FHIR issue type of the first issue.
        code: String,
        /// Code of `http-error-codes`: `NOT_FOUND`; empty where there is none.
        spine: String,
    },
}

/// Reads an answer, whatever of the published shapes it has. One prescription that cannot be read makes it no answer:
/// that may be the one that is looked for.
pub fn read(bytes: &[u8]) -> Result<Found, BundleError> {
    if bytes.len() > LARGEST {
        return Err(BundleError::TooLarge);
    }
    let answer: Value = serde_json::from_slice(bytes)
        .map_err(|error| BundleError::NotJson { line: error.line(), column: error.column() })?;
    match kind(&answer) {
        "OperationOutcome" => Err(outcome::refused(&answer)),
        "Task" => {
            let index = Index::of(&[]);
            Ok(Found {
                nhs_number: task::nhs_number(&answer),
                prescriptions: vec![task::read(&answer, &index)?],
                ..Found::default()
            })
        }
        "Bundle" => bundle(&answer),
        _ => Err(BundleError::OtherKind),
    }
}

fn bundle(answer: &Value) -> Result<Found, BundleError> {
    if text(answer, &["type"]) != "searchset" {
        return Err(BundleError::OtherKind);
    }
    let entries = list(answer, "entry");
    if entries.len() > MOST {
        return Err(BundleError::TooMany { what: "the list" });
    }
    let index = Index::of(entries);
    let mut found = Found::default();
    for entry in entries {
        let resource = at(entry, &["resource"]);
        match kind(resource) {
            "RequestGroup" => found.prescriptions.push(group::read(resource, entries, &index)?),
            "Task" => {
                of_patient(task::nhs_number(resource), &mut found)?;
                found.prescriptions.push(task::read(resource, &index)?);
            }
            "Bundle" => nested(resource, &mut found)?,
            "Patient" => patient(resource, &mut found)?,
            "OperationOutcome" if outcome::is_error(resource) => return Err(outcome::refused(resource)),
            _ => {}
        }
    }
    let (said, held) = (at(answer, &["total"]).as_u64().unwrap_or(0), found.prescriptions.len() as u64);
    if said > held {
        return Err(BundleError::Incomplete { said, held });
    }
    Ok(found)
}

/// One prescription as a collection of its parts, without a status of its own.
fn nested(collection: &Value, found: &mut Found) -> Result<(), BundleError> {
    let entries = list(collection, "entry");
    if entries.len() > MOST {
        return Err(BundleError::TooMany { what: "a prescription" });
    }
    let index = Index::of(entries);
    let of_kind = |wanted: &'static str| {
        entries.iter().map(|entry| at(entry, &["resource"])).filter(move |one| kind(one) == wanted)
    };
    for one in of_kind("Patient") {
        patient(one, found)?;
    }
    if of_kind("MedicationRequest").next().is_none() {
        return Err(BundleError::OtherKind);
    }
    for one in of_kind("MedicationRequest") {
        of_patient(text(one, &["subject", "identifier", "value"]), found)?;
    }
    found.prescriptions.push(group::of_lines(
        of_kind("MedicationRequest"),
        of_kind("MedicationDispense"),
        &index,
    )?);
    Ok(())
}

/// Whom a part of the answer is about, where it says so: all of it must be about one person.
fn of_patient(nhs_number: String, found: &mut Found) -> Result<(), BundleError> {
    if nhs_number.is_empty() || nhs_number == found.nhs_number {
        return Ok(());
    }
    if !found.nhs_number.is_empty() {
        return Err(BundleError::TwoPatients);
    }
    found.nhs_number = nhs_number;
    Ok(())
}

fn patient(resource: &Value, found: &mut Found) -> Result<(), BundleError> {
    of_patient(text(resource, &["identifier", "value"]), found)?;
    found.birth_date = text(resource, &["birthDate"]);
    let name = at(resource, &["name"]);
    let name = if name.is_array() { &name[0] } else { name };
    let parts = ["prefix", "given"].into_iter().flat_map(|part| list(name, part));
    let mut words: Vec<String> = parts.map(|part| text(part, &[])).collect();
    words.push(text(name, &["family"]));
    words.retain(|word| !word.is_empty());
    found.patient = words.join(" ");
    Ok(())
}

fn kind(resource: &Value) -> &str {
    resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
}

/// A prescription about which nothing is known yet but its id.
fn blank(id: &str) -> Result<Prescription, NotAnId> {
    Ok(Prescription {
        id: super::Id::parse(id)?,
        issued: String::new(),
        kind: String::new(),
        status: super::status("", ""),
        items: Vec::new(),
        prescriber: String::new(),
        with_dispenser: String::new(),
        dispenser_name: String::new(),
        nominated: String::new(),
        repeats: None,
        events: Vec::new(),
        pending_cancellation: false,
        items_pending_cancellation: false,
        cancellation_reason: None,
    })
}
