//! Reaching into FHIR that somebody else wrote: what is not there is empty, what repeats may stand alone.

use serde_json::Value;
use std::collections::BTreeMap;

static NOTHING: Value = Value::Null;
/// Letters of one text that are kept. A longer one is told as cut.
const LONGEST: usize = 500;

/// Down a path of fields; of a list the first is meant.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, field| {
        let value = value.as_array().map_or(value, |list| list.first().unwrap_or(&NOTHING));
        value.get(field).unwrap_or(&NOTHING)
    })
}

/// The text at the end of a path, trimmed; a number as it is written. Empty where there is none.
pub fn text(value: &Value, path: &[&str]) -> String {
    let found = at(value, path);
    let found = found.as_array().map_or(found, |list| list.first().unwrap_or(&NOTHING));
    match found {
        Value::String(text) => bounded(text.trim()),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What repeats; one that stands alone is a list of one.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    match value.get(field) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

/// The extensions whose address ends with this name.
pub fn extensions<'a>(value: &'a Value, name: &'a str) -> impl Iterator<Item = &'a Value> {
    list(value, "extension").iter().filter(move |extension| {
        let url = extension.get("url").and_then(Value::as_str).unwrap_or_default();
        url.rsplit('/').next() == Some(name)
    })
}

/// A part of an extension, wherever among several extensions of that name it is.
pub fn part<'a>(value: &'a Value, name: &'a str, part: &'a str) -> &'a Value {
    extensions(value, name).flat_map(|one| extensions(one, part)).next().unwrap_or(&NOTHING)
}

/// Code and display of a `Coding`, of a `CodeableConcept` by its first.
pub fn coding(value: &Value) -> (String, String) {
    let coding = value.get("coding").unwrap_or(value);
    (text(coding, &["code"]), text(coding, &["display"]))
}

/// `20 tablet`.
pub fn quantity(value: &Value) -> String {
    let (number, unit) = (text(value, &["value"]), text(value, &["unit"]));
    format!("{number} {unit}").trim().to_owned()
}

/// What references lead to.
pub struct Index<'a>(BTreeMap<String, &'a Value>);

impl<'a> Index<'a> {
    pub fn of(entries: &'a [Value]) -> Self {
        let mut index = BTreeMap::new();
        for entry in entries {
            let resource = at(entry, &["resource"]);
            let (url, id) = (text(entry, &["fullUrl"]), text(resource, &["id"]));
            if !id.is_empty() {
                index.insert(format!("urn:uuid:{id}"), resource);
                index.insert(format!("{}/{id}", text(resource, &["resourceType"])), resource);
            }
            if !url.is_empty() {
                index.insert(url, resource);
            }
        }
        Self(index)
    }

    /// What a `Reference` means: in the bundle, or in the resource itself.
    pub fn resolve(&self, holder: &'a Value, reference: &Value) -> Option<&'a Value> {
        let address = text(reference, &["reference"]);
        if let Some(inside) = address.strip_prefix('#') {
            return list(holder, "contained").iter().find(|one| text(one, &["id"]) == inside);
        }
        self.0.get(&address).copied()
    }

    /// ODS code and name of the organisation that a reference means; each empty where it is not said.
    pub fn organisation(&self, holder: &'a Value, reference: &Value) -> (String, String) {
        let (code, name) = (text(reference, &["identifier", "value"]), text(reference, &["display"]));
        if !code.is_empty() || !name.is_empty() {
            return (code, name);
        }
        let Some(found) = self.resolve(holder, reference) else { return (code, name) };
        match text(found, &["resourceType"]).as_str() {
            "Organization" => (text(found, &["identifier", "value"]), text(found, &["name"])),
            // One step further only: a chain of references could lead in a circle.
            "PractitionerRole" => {
                let organisation = at(found, &["organization"]);
                let (code, name) =
                    (text(organisation, &["identifier", "value"]), text(organisation, &["display"]));
                match self.resolve(holder, organisation) {
                    Some(end) if code.is_empty() => {
                        (text(end, &["identifier", "value"]), text(end, &["name"]))
                    }
                    _ => (code, name),
                }
            }
            _ => (code, name),
        }
    }

    /// Who prescribed, as far as it is said: name, organisation, its code.
    pub fn prescriber(&self, holder: &'a Value, reference: &Value) -> String {
        let role = self.resolve(holder, reference);
        let person = role.map_or(&NOTHING, |role| at(role, &["practitioner"]));
        let mut name = text(person, &["display"]);
        if name.is_empty()
            && let Some(person) = self.resolve(holder, person)
        {
            name = ["prefix", "given", "family"].map(|part| text(person, &["name", part])).join(" ");
        }
        let (code, organisation) = self.organisation(holder, reference);
        let code = if code.is_empty() { code } else { format!("({code})") };
        let organisation = format!("{organisation} {code}");
        let known = [name.trim(), organisation.trim()];
        known.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}
