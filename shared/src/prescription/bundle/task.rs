//! A `Task` of the medicines implementation guide, as its trackers answer: one prescription with what became of it.

use super::json::{Index, at, coding, extensions, list, part, text};
use super::{BundleError, blank};
use crate::prescription::rules::{item_status, status};
use crate::prescription::{Dispensed, Event, Item, Prescription, Repeats, kind_words};
use serde_json::Value;

const MOST: usize = 200;

/// Whose it is; empty where it does not say.
pub fn nhs_number(task: &Value) -> String {
    text(task, &["for", "identifier", "value"])
}

pub fn read<'a>(task: &'a Value, index: &Index<'a>) -> Result<Prescription, BundleError> {
    let focus = text(task, &["focus", "identifier", "value"]);
    let id = if focus.is_empty() { text(task, &["groupIdentifier", "value"]) } else { focus };
    let mut found = blank(&id)?;
    found.issued = text(task, &["authoredOn"]);
    let course = part(task, "Extension-EPS-Prescription", "courseOfTherapyType");
    found.kind = kind_words(&text(course, &["valueCoding", "code"]));
    let (code, display) = coding(at(task, &["businessStatus"]));
    found.status = status(&code, &display);
    found.prescriber = index.prescriber(task, at(task, &["requester"]));
    (found.with_dispenser, found.dispenser_name) = index.organisation(task, at(task, &["owner"]));
    let number = |name: &str| {
        let value = at(part(task, "Extension-EPS-RepeatInformation", name), &["valueInteger"]);
        u32::try_from(value.as_u64()?).ok()
    };
    found.repeats = number("numberOfRepeatsIssued")
        .zip(number("numberOfRepeatsAllowed"))
        .map(|(issue, of)| Repeats { issue, of });
    let (inputs, outputs) = (list(task, "input"), list(task, "output"));
    if inputs.len() > MOST || outputs.len() > MOST {
        return Err(BundleError::TooMany { what: "a prescription" });
    }
    found.items = inputs.iter().map(item).collect();
    found.events = outputs.iter().flat_map(events).collect();
    Ok(found)
}

fn item(input: &Value) -> Item {
    let (code, display) =
        coding(at(part(input, "Extension-EPS-DispensingInformation", "dispenseStatus"), &["valueCoding"]));
    let last =
        text(part(input, "Extension-EPS-DispensingInformation", "dateLastDispensed"), &["valueDateTime"]);
    let status = item_status(&code, &display);
    let named = text(input, &["valueReference", "display"]);
    Item {
        name: if named.is_empty() { "Item that the tracker does not name".to_owned() } else { named },
        dispensed: (!last.is_empty())
            .then(|| Dispensed { at: last, status: status.clone(), ..Dispensed::default() })
            .into_iter()
            .collect(),
        status,
        ..Item::default()
    }
}

/// What the release and the dispensing left: days only, no status.
fn events(output: &Value) -> Vec<Event> {
    let kinds = ["Extension-EPS-DispensingReleaseInformation", "ExtensionRepeatDispensingInformation"];
    let words = [
        ("dateDownloaded", "Downloaded by the dispenser"),
        ("dateLastDispensed", "Last dispensed"),
        ("dateLastIssuedDispensed", "Last issue dispensed"),
    ];
    let mut events = Vec::new();
    for extension in kinds.into_iter().flat_map(|kind| extensions(output, kind)) {
        for (name, title) in words {
            let at = extensions(extension, name).map(|one| text(one, &["valueDateTime"])).next();
            events.extend(at.filter(|at| !at.is_empty()).map(|at| Event {
                at,
                title: title.to_owned(),
                status: status("", ""),
                who: String::new(),
            }));
        }
    }
    events
}
