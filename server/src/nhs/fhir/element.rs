//! One element of a FHIR message, read from XML or JSON alike, whatever its version: names, values, children in order.

use crate::intake::{narrative, xml};
use roxmltree::Node;
use serde_json::Value;

/// Elements of a message beyond which it is not read.
const MOST: usize = 200_000;
/// Elements inside one another. Real messages stay under 20.
const DEEPEST: usize = 64;
/// Brackets inside one another in JSON: two for each element at most.
const DEEPEST_BRACKETS: usize = 2 * DEEPEST;
const FHIR: &str = "http://hl7.org/fhir";
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Why a message cannot be read. Says nothing of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not XML: line {line}, column {column}")]
    Xml { line: u32, column: u32 },
    #[error("it is not text in UTF-8, nor in another encoding that it declares")]
    NotText,
    #[error("it is not JSON: line {line}, column {column}")]
    Json { line: usize, column: usize },
    #[error("it is not FHIR: the outermost element is none of its resources")]
    NotFhir,
    #[error("it has a document type declaration, which is not taken")]
    Doctype,
    #[error("it nests more than {DEEPEST} elements or holds more than {MOST}")]
    TooMuch,
}

impl From<xml::Unreadable> for Unreadable {
    fn from(why: xml::Unreadable) -> Self {
        match why {
            xml::Unreadable::NotUtf8 { .. } | xml::Unreadable::NotUtf16 => Self::NotText,
            xml::Unreadable::NotXml { line, column } => Self::Xml { line, column },
            xml::Unreadable::Doctype => Self::Doctype,
            xml::Unreadable::TooMany
            | xml::Unreadable::TooDeep
            | xml::Unreadable::TooManyAttributes
            | xml::Unreadable::TooManyNamespaces => Self::TooMuch,
        }
    }
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
    /// Reads a whole resource in JSON, which is UTF-8 with or without a mark (RFC 8259). Comments, unknown elements and
    /// order do not matter. Narrative is as in [`Self::from_xml`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Unreadable> {
        let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        check_shape(bytes)?;
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Unreadable::Json { line: error.line(), column: error.column() })?;
        let mut left = MOST;
        let root = of_json(&value, 0, &mut left)?;
        if root.kind.is_empty() { Err(Unreadable::NotFhir) } else { Ok(root) }
    }

    /// Reads a whole resource in XML. Narrative is at `text.div`, as plain lines.
    pub fn from_xml(text: &str) -> Result<Self, Unreadable> {
        let document = xml::parse(text)?;
        let root = document.root_element();
        if root.tag_name().namespace() != Some(FHIR) || !is_kind(root.tag_name().name()) {
            return Err(Unreadable::NotFhir);
        }
        let mut left = MOST;
        let mut element = of_xml(root, 0, &mut left)?;
        root.tag_name().name().clone_into(&mut element.kind);
        Ok(element)
    }

    /// As [`Self::from_xml`], in whatever encoding: UTF-8, UTF-16, or Latin-1 where it declares itself so.
    pub fn from_xml_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        Self::from_xml(&xml::decode(bytes)?)
    }

    /// As [`Self::from_json`] or [`Self::from_xml_bytes`], by what the bytes begin with.
    pub fn from_either(bytes: &[u8]) -> Result<Self, Unreadable> {
        let text = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
        match text.trim_ascii_start().first() {
            Some(b'{') => Self::from_json(bytes),
            _ => Self::from_xml_bytes(bytes),
        }
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

/// One pass over the brackets before anything is built: what holds more values than are read, or goes deeper, takes no
/// memory.
fn check_shape(bytes: &[u8]) -> Result<(), Unreadable> {
    let (mut values, mut depth, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in bytes {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => (values, depth) = (values + 1, depth + 1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if values > MOST || depth > DEEPEST_BRACKETS {
            return Err(Unreadable::TooMuch);
        }
    }
    Ok(())
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
                if name.starts_with('_') {
                    continue;
                }
                if let (true, Some(div)) = (name == "text", member.get("div").and_then(Value::as_str)) {
                    let narrative = Element { value: plain(div), ..Element::default() };
                    let children = vec![("div".to_owned(), narrative)];
                    element.children.push((name.clone(), Element { children, ..Element::default() }));
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

/// Narrative as plain lines; as it stands where it is not the XHTML it should be.
fn plain(div: &str) -> String {
    match xml::parse(div) {
        Ok(document) => narrative::plain(document.root_element()),
        Err(_) => xml::squeeze(div),
    }
}

fn of_xml(node: Node<'_, '_>, depth: usize, left: &mut usize) -> Result<Element, Unreadable> {
    *left = left.checked_sub(1).ok_or(Unreadable::TooMuch)?;
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
        let name = child.tag_name().name();
        if child.tag_name().namespace() == Some(XHTML) {
            let narrative = Element { value: narrative::plain(child), ..Element::default() };
            element.children.push((name.to_owned(), narrative));
        }
        if child.tag_name().namespace() != Some(FHIR) {
            continue;
        }
        // A resource stands inside the element that holds it; in JSON it is that element.
        if is_kind(name) {
            let inner = of_xml(child, depth + 1, left)?;
            element = Element { kind: name.to_owned(), ..inner };
            continue;
        }
        element.children.push((name.to_owned(), of_xml(child, depth + 1, left)?));
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
            assert_eq!((patient.text("birthDate"), patient.text("text.div")), ("", "Words"));
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

    #[test]
    fn a_hundred_thousand_levels_are_refused_on_the_smallest_stack() {
        let thread = std::thread::Builder::new().stack_size(128 * 1024).spawn(|| {
            for level in ["[", "{\"a\":", "{\"a\":["] {
                let deep = format!("{{\"resourceType\":\"Bundle\",\"a\":{}", level.repeat(100_000));
                assert!(matches!(Element::from_json(deep.as_bytes()), Err(Unreadable::TooMuch)));
            }
            let deep = format!("<Bundle xmlns=\"{FHIR}\">{}", "<a>".repeat(100_000));
            assert!(matches!(Element::from_xml(&deep), Err(Unreadable::TooMuch)));
        });
        thread.expect("a thread").join().expect("no overflow and no failure");
    }

    #[test]
    fn more_values_than_are_read_are_refused_before_they_take_memory() {
        let many = format!("{{\"resourceType\":\"Bundle\",\"a\":[{}0]}}", "0,".repeat(MOST));
        assert!(matches!(Element::from_json(many.as_bytes()), Err(Unreadable::TooMuch)));
        let text = format!("{{\"resourceType\":\"Bundle\",\"id\":\"{}\"}}", "\\\",[{".repeat(MOST));
        assert!(Element::from_json(text.as_bytes()).is_ok(), "brackets in a text are no values");
        let many = format!("<Bundle xmlns=\"{FHIR}\">{}</Bundle>", "<a/>".repeat(MOST));
        assert!(matches!(Element::from_xml(&many), Err(Unreadable::TooMuch)));
    }

    #[test]
    fn the_encoding_of_xml_may_be_another_and_of_json_may_not() {
        let wide: Vec<u8> = XML.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Element::from_either(&wide).expect("UTF-16").kind, "Bundle");
        assert!(matches!(Element::from_either(b"<Bundle>\xE9</Bundle>"), Err(Unreadable::NotText)));
        let wide: Vec<u8> = JSON.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(Element::from_json(&wide).is_err());
        let marked = [&[0xEF, 0xBB, 0xBF][..], JSON.as_bytes()].concat();
        assert_eq!(Element::from_either(&marked).expect("a mark").kind, "Bundle");
    }
}
