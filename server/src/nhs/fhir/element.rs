//! One element of a FHIR message, read from XML or JSON alike, whatever its version: names, values, children in order.

use roxmltree::{Node, ParsingOptions};
use serde_json::Value;

/// Elements of a message beyond which it is not read.
const MOST: usize = 200_000;
/// Elements inside one another. Real messages stay under 20.
const DEEPEST: usize = 64;
const FHIR: &str = "http://hl7.org/fhir";

/// Why a message cannot be read. Says nothing of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not XML: line {line}, column {column}")]
    Xml { line: u32, column: u32 },
    #[error("it is not JSON: line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("it is not FHIR: the outermost element is none of its resources")]
    NotFhir,
    #[error("it has a document type declaration, which is not taken")]
    Doctype,
    #[error("it nests more than {DEEPEST} elements or holds more than {MOST}")]
    TooMuch,
}

/// An element, or a resource where `kind` is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// `Bundle`, `Patient`; empty for what is no resource.
    pub kind: String,
    /// A primitive's value as it is written; empty for none.
    pub value: String,
    /// Names and what stands under them, in order.
    pub(super) children: Vec<(String, Element)>,
}

impl Element {
    /// Reads a whole resource in JSON. Comments, unknown elements and order do not matter.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Unreadable> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Unreadable::Json { line: error.line(), column: error.column() })?;
        let mut left = MOST;
        let root = of_json(&value, 0, &mut left)?;
        if root.kind.is_empty() { Err(Unreadable::NotFhir) } else { Ok(root) }
    }

    /// Reads a whole resource in XML. Narrative is left out.
    pub fn from_xml(text: &str) -> Result<Self, Unreadable> {
        let options = ParsingOptions { nodes_limit: MOST as u32, ..ParsingOptions::default() };
        let document =
            roxmltree::Document::parse_with_options(text, options).map_err(|error| match error {
                roxmltree::Error::DtdDetected => Unreadable::Doctype,
                roxmltree::Error::NodesLimitReached => Unreadable::TooMuch,
                error => Unreadable::Xml { line: error.pos().row, column: error.pos().col },
            })?;
        let root = document.root_element();
        if root.tag_name().namespace() != Some(FHIR) || !is_kind(root.tag_name().name()) {
            return Err(Unreadable::NotFhir);
        }
        let mut element = of_xml(root, 0)?;
        root.tag_name().name().clone_into(&mut element.kind);
        Ok(element)
    }

    /// The children of that name, in order.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |(known, _)| known == name).map(|(_, child)| child)
    }

    /// The first element at a path of names with dots between, for example `code.coding.code`; `None` for none.
    pub fn first(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |element, wanted| {
            element.children.iter().find(|(name, _)| name == wanted).map(|(_, child)| child)
        })
    }

    /// Every element at a path, in order.
    pub fn all(&self, path: &str) -> Vec<&Self> {
        path.split('.').fold(vec![self], |found, name| {
            found
                .into_iter()
                .flat_map(|element| element.children.iter().filter(|(known, _)| known == name))
                .map(|(_, child)| child)
                .collect()
        })
    }

    /// The value of the first element at a path; empty for none.
    pub fn text(&self, path: &str) -> &str {
        self.first(path).map_or("", |element| &element.value)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.kind.is_empty() && self.value.is_empty() && self.children.is_empty()
    }

    /// The first extension with exactly that address.
    pub fn extension(&self, url: &str) -> Option<&Self> {
        self.children("extension").find(|extension| extension.text("url") == url)
    }

    /// The resource inside: of a `Bundle.entry`, a `Parameters.parameter`, something contained.
    pub fn resource(&self) -> Option<&Self> {
        self.children("resource").next()
    }
}

fn of_json(value: &Value, depth: usize, left: &mut usize) -> Result<Element, Unreadable> {
    *left = left.checked_sub(1).ok_or(Unreadable::TooMuch)?;
    if depth > DEEPEST {
        return Err(Unreadable::TooMuch);
    }
    let mut element = Element::default();
    match value {
        Value::String(text) => element.value.clone_from(text),
        Value::Number(number) => element.value = number.to_string(),
        Value::Bool(truth) => element.value = truth.to_string(),
        Value::Object(members) => {
            for (name, member) in members {
                if name == "resourceType" {
                    member.as_str().unwrap_or_default().clone_into(&mut element.kind);
                    continue;
                }
                // `_birthDate` holds the id and extensions of the primitive `birthDate`, which has its value elsewhere.
                if name == "text" && member.get("div").is_some() || name.starts_with('_') {
                    continue;
                }
                let items = match member {
                    Value::Array(items) => items.as_slice(),
                    one => std::slice::from_ref(one),
                };
                for item in items {
                    element.children.push((name.clone(), of_json(item, depth + 1, left)?));
                }
            }
        }
        Value::Null | Value::Array(_) => {}
    }
    Ok(element)
}

fn of_xml(node: Node<'_, '_>, depth: usize) -> Result<Element, Unreadable> {
    if depth > DEEPEST {
        return Err(Unreadable::TooMuch);
    }
    let mut element =
        Element { value: node.attribute("value").unwrap_or_default().to_owned(), ..Element::default() };
    for attribute in node.attributes().filter(|attribute| matches!(attribute.name(), "url" | "id")) {
        let child = Element { value: attribute.value().to_owned(), ..Element::default() };
        element.children.push((attribute.name().to_owned(), child));
    }
    for child in node.children().filter(Node::is_element) {
        // Narrative is of another namespace.
        if child.tag_name().namespace() != Some(FHIR) {
            continue;
        }
        let name = child.tag_name().name();
        // As from JSON: narrative is left out whole, its status too.
        if name == "text" && child.children().any(|inner| inner.tag_name().name() == "div") {
            continue;
        }
        // A resource stands inside the element that holds it; in JSON it is that element.
        if is_kind(name) {
            let inner = of_xml(child, depth + 1)?;
            element = Element { kind: name.to_owned(), ..inner };
            continue;
        }
        element.children.push((name.to_owned(), of_xml(child, depth + 1)?));
    }
    Ok(element)
}

/// Resources begin with a capital letter, elements do not.
fn is_kind(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0"?>
        <Bundle xmlns="http://hl7.org/fhir"><type value="message"/>
          <entry><resource><Patient><id value="p1"/>
            <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Words</p></div></text>
            <extension url="https://example.org/rank"><valueInteger value="1"/></extension>
            <name><given value="Ada"/><given value="May"/></name><active value="true"/></Patient></resource></entry>
        </Bundle>"#;
    const JSON: &str = r#"{"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"Patient",
        "id":"p1","text":{"status":"generated","div":"<div>Words</div>"},
        "extension":[{"url":"https://example.org/rank","valueInteger":1}],
        "name":[{"given":["Ada","May"]}],"active":true,"_birthDate":{"id":"x"}}}]}"#;

    #[test]
    fn xml_and_json_of_one_message_say_the_same() {
        for bundle in
            [Element::from_xml(XML).expect("XML"), Element::from_json(JSON.as_bytes()).expect("JSON")]
        {
            assert_eq!((bundle.kind.as_str(), bundle.text("type")), ("Bundle", "message"));
            let patient = bundle.first("entry").and_then(Element::resource).expect("a patient");
            assert_eq!((patient.kind.as_str(), patient.text("id")), ("Patient", "p1"));
            let given: Vec<&str> = patient.all("name.given").iter().map(|name| name.value.as_str()).collect();
            assert_eq!((given, patient.text("active")), (vec!["Ada", "May"], "true"));
            let rank = patient.extension("https://example.org/rank").expect("there");
            assert_eq!(rank.text("valueInteger"), "1");
            assert!(patient.text("birthDate").is_empty() && patient.text("text.div").is_empty());
        }
    }

    #[test]
    fn what_is_too_deep_too_much_declared_or_no_fhir_is_refused_at_once() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let deep = format!(
            "{{\"resourceType\":\"Bundle\",\"a\":{}}}",
            deep.replace('[', "{\"a\":").replace(']', "}").replace("{\"a\":}", "{}")
        );
        assert!(matches!(Element::from_json(deep.as_bytes()), Err(Unreadable::TooMuch)));
        let deep = format!("<Bundle xmlns=\"{FHIR}\">{}{}</Bundle>", "<a>".repeat(100), "</a>".repeat(100));
        assert!(matches!(Element::from_xml(&deep), Err(Unreadable::TooMuch)));
        let declared = "<!DOCTYPE b [<!ENTITY a \"aaa\">]><Bundle xmlns=\"http://hl7.org/fhir\"><a value=\"&a;\"/></Bundle>";
        assert!(matches!(Element::from_xml(declared), Err(Unreadable::Doctype)));
        assert!(matches!(Element::from_json(b"{\"type\":\"message\"}"), Err(Unreadable::NotFhir)));
        assert!(matches!(Element::from_xml("<Bundle/>"), Err(Unreadable::NotFhir)));
        assert!(matches!(Element::from_json(b"{"), Err(Unreadable::Json { .. })));
    }
}
