//! A `RequestGroup` of the clinical tracker: in a list with what is known at a glance, in the whole view with its lines,
//! what dispensers answered, and every change of its status.

use super::json::{Index, at, coding, extensions, list, part, text};
use super::lines::{dispensed, item, reason};
use super::{BundleError, blank, kind};
use crate::prescription::rules::{status, withdrawal_reason};
use crate::prescription::{Dispensed, Event, Item, Prescription, Repeats, kind_words};
use serde_json::Value;
use std::collections::BTreeMap;

/// More lines, events or answers than any prescription has: four lines are the most (medicines.md 2.4).
const MOST: usize = 200;

/// `entries`: of the bundle that it stands in, where its lines may stand too.
pub fn read<'a>(
    group: &'a Value,
    entries: &'a [Value],
    index: &Index<'a>,
) -> Result<Prescription, BundleError> {
    let id = text(group, &["identifier", "value"]);
    let mut found = blank(&id)?;
    found.issued = text(group, &["authoredOn"]);
    found.kind = kind_words(&text(group, &["intent"]));
    let (code, display) =
        coding(at(part(group, "Extension-EPS-PrescriptionStatusHistory", "status"), &["valueCoding"]));
    found.status = status(&code, &display);
    found.cancellation_reason = reason(
        at(part(group, "Extension-EPS-PrescriptionStatusHistory", "cancellationReason"), &["valueCoding"]),
        withdrawal_reason,
    );
    found.pending_cancellation = is_true(group, "prescriptionPendingCancellation");
    found.items_pending_cancellation = is_true(group, "lineItemPendingCancellation");
    found.repeats = repeats(group);
    found.prescriber = index.prescriber(group, at(group, &["author"]));
    found.events = events(group)?;
    let lines: Vec<&Value> = requests(group, entries, index);
    let answers = entries.iter().map(|entry| at(entry, &["resource"]));
    let answers = answers.filter(|one| kind(one) == "MedicationDispense");
    with_lines(&mut found, &lines, answers, index, &handed_over(group))?;
    found.items_pending_cancellation |= found.items.iter().any(|item| item.pending_cancellation);
    if let Some(first) = lines.first()
        && found.prescriber.is_empty()
    {
        found.prescriber = index.prescriber(first, at(first, &["requester"]));
    }
    Ok(found)
}

/// A prescription that is only its lines; its status is what theirs make it.
pub fn of_lines<'a>(
    requests: impl Iterator<Item = &'a Value>,
    answers: impl Iterator<Item = &'a Value>,
    index: &Index<'a>,
) -> Result<Prescription, BundleError> {
    let lines: Vec<&Value> = requests.collect();
    let Some(first) = lines.first() else { return Err(BundleError::OtherKind) };
    let id = text(first, &["groupIdentifier", "value"]);
    if lines.iter().any(|line| text(line, &["groupIdentifier", "value"]) != id) {
        return Err(BundleError::OtherKind);
    }
    let mut found = blank(&id)?;
    found.issued = text(first, &["authoredOn"]);
    found.kind = kind_words(&text(first, &["courseOfTherapyType", "coding", "code"]));
    found.prescriber = index.prescriber(first, at(first, &["requester"]));
    with_lines(&mut found, &lines, answers, index, &BTreeMap::new())?;
    found.items_pending_cancellation = found.items.iter().any(|item| item.pending_cancellation);
    found.status = status(of_items(&found.items), "");
    Ok(found)
}

/// What a prescription is whose items are so (medicines.md 2.8).
fn of_items(items: &[Item]) -> &'static str {
    let any = |codes: &[&str]| items.iter().any(|item| codes.contains(&item.status.code.as_str()));
    let all = |code: &str| !items.is_empty() && items.iter().all(|item| item.status.code == code);
    match () {
        () if all("0005") => "0005",
        () if all("0006") => "0004",
        () if all("0002") => "0007",
        () if any(&["0003", "0004"]) => "0003",
        () if any(&["0008"]) => "0002",
        () if any(&["0007"]) => "0001",
        () if any(&["0001"]) => "0006",
        () => "",
    }
}

fn is_true(group: &Value, name: &str) -> bool {
    at(part(group, "Extension-PendingCancellation", name), &["valueBoolean"]) == &Value::Bool(true)
}

fn repeats(group: &Value) -> Option<Repeats> {
    let number = |name: &str| {
        let value = at(part(group, "Extension-EPS-RepeatInformation", name), &["valueInteger"]);
        u32::try_from(value.as_u64()?).ok()
    };
    Some(Repeats { issue: number("numberOfRepeatsIssued")?, of: number("numberOfRepeatsAllowed")? })
}

/// Actions below the group's own: lines first, changes of status second; told apart by what is in them.
fn actions(group: &Value) -> impl Iterator<Item = &Value> {
    list(group, "action").iter().flat_map(|action| list(action, "action"))
}

fn requests<'a>(group: &'a Value, entries: &'a [Value], index: &Index<'a>) -> Vec<&'a Value> {
    let named: Vec<&Value> = actions(group)
        .filter_map(|action| index.resolve(group, at(action, &["resource"])))
        .filter(|resource| kind(resource) == "MedicationRequest")
        .collect();
    if !named.is_empty() {
        return named;
    }
    let id = text(group, &["identifier", "value"]);
    let all = entries.iter().map(|entry| at(entry, &["resource"]));
    all.filter(|one| kind(one) == "MedicationRequest" && text(one, &["groupIdentifier", "value"]) == id)
        .collect()
}

/// When each `MedicationDispense` was, by what the change of status it came with refers to.
fn handed_over(group: &Value) -> BTreeMap<String, String> {
    let mut when = BTreeMap::new();
    for action in actions(group) {
        for inside in list(action, "action") {
            let reference = text(inside, &["resource", "reference"]);
            when.insert(reference, text(action, &["timingDateTime"]));
        }
    }
    when
}

fn events(group: &Value) -> Result<Vec<Event>, BundleError> {
    let mut events = Vec::new();
    for action in actions(group).filter(|action| action.get("timingDateTime").is_some()) {
        let concept = list(action, "code").iter().map(coding).find(|(code, _)| code.len() == 4);
        let (code, display) = concept.unwrap_or_default();
        let who = list(action, "participant").iter().flat_map(|one| {
            let kind = "extension-RequestOrchestration.action.participant.typeReference";
            extensions(one, kind).map(|one| text(one, &["valueReference", "identifier", "value"]))
        });
        events.push(Event {
            at: text(action, &["timingDateTime"]),
            title: text(action, &["title"]),
            status: status(&code, &display),
            who: who.filter(|code| !code.is_empty()).collect::<Vec<_>>().join(", "),
        });
    }
    if events.len() > MOST {
        return Err(BundleError::TooMany { what: "the history of a prescription" });
    }
    Ok(events)
}

fn with_lines<'a>(
    found: &mut Prescription,
    lines: &[&'a Value],
    answers: impl Iterator<Item = &'a Value>,
    index: &Index<'a>,
    when: &BTreeMap<String, String>,
) -> Result<(), BundleError> {
    let answers: Vec<&Value> = answers.take(MOST + 1).collect();
    if lines.len() > MOST || answers.len() > MOST {
        return Err(BundleError::TooMany { what: "a prescription" });
    }
    for line in lines {
        let mut one = item(line);
        for answer in &answers {
            let meant = index.resolve(answer, at(answer, &["authorizingPrescription"]));
            if meant.is_some_and(|meant| std::ptr::eq(meant, *line)) {
                one.dispensed.push(timed(dispensed(answer, index), answer, when));
            }
        }
        found.items.push(one);
        let (code, name) = index.organisation(line, at(line, &["performer"]));
        if !code.is_empty() || !name.is_empty() {
            (found.with_dispenser, found.dispenser_name) = (code, name);
        }
        let nominated = index.organisation(line, at(line, &["dispenseRequest", "performer"])).0;
        if !nominated.is_empty() {
            found.nominated = nominated;
        }
    }
    Ok(())
}

fn timed(mut one: Dispensed, answer: &Value, when: &BTreeMap<String, String>) -> Dispensed {
    if one.at.is_empty() {
        let key = format!("urn:uuid:{}", text(answer, &["id"]));
        one.at = when.get(&key).cloned().unwrap_or_default();
    }
    one
}
