//! Elements as FHIR R4 in XML and JSON: in the published order, with the published types. What R4 does not know is left
//! out. A reader bounds how deep elements lie, and what is built here is flat, so these functions may call themselves.

use super::Element;
use super::shapes::{self, Shape};
use quick_xml::escape::escape;
use serde_json::{Map, Number, Value};
use std::fmt::Write as _;

/// A whole resource.
pub fn json(resource: &Element) -> Value {
    object(resource, &resource.kind)
}

fn object(element: &Element, kind: &str) -> Value {
    let mut members = Map::new();
    if !element.kind.is_empty() {
        members.insert("resourceType".to_owned(), Value::String(element.kind.clone()));
    }
    for shape in shapes::of(kind) {
        let mut values = element.children(shape.name).filter_map(|child| member(child, shape)).peekable();
        if values.peek().is_none() {
            continue;
        }
        let value =
            if shape.repeats { Value::Array(values.collect()) } else { values.next().unwrap_or_default() };
        members.insert(shape.name.to_owned(), value);
    }
    Value::Object(members)
}

/// `None` for what has no value: FHIR knows no empty objects and no empty text.
fn member(child: &Element, shape: &Shape) -> Option<Value> {
    if shape.is_primitive() {
        return primitive(&child.value, shape.kind);
    }
    let value = object(child, inner(child, shape));
    let empty = value.as_object().is_none_or(Map::is_empty);
    (!empty).then_some(value)
}

fn primitive(value: &str, kind: &str) -> Option<Value> {
    if value.is_empty() {
        return None;
    }
    match kind {
        "boolean" => value.parse().ok().map(Value::Bool),
        "integer" | "positiveInt" | "unsignedInt" | "decimal" => {
            value.parse::<Number>().ok().map(Value::Number)
        }
        _ => Some(Value::String(value.to_owned())),
    }
}

/// The type whose elements stand inside.
fn inner<'a>(child: &'a Element, shape: &'a Shape) -> &'a str {
    if shape.kind == "Resource" { &child.kind } else { shape.kind }
}

/// A whole resource, with an XML declaration.
pub fn xml(resource: &Element) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let kind = &resource.kind;
    let _ = write!(text, "<{kind} xmlns=\"http://hl7.org/fhir\">");
    content(&mut text, resource, kind);
    let _ = write!(text, "</{kind}>");
    text
}

/// What stands between the tags. Writing into a `String` cannot fail.
fn content(text: &mut String, element: &Element, kind: &str) {
    for shape in shapes::of(kind) {
        if is_attribute(element, kind, shape) {
            continue;
        }
        let most = if shape.repeats { usize::MAX } else { 1 };
        for child in element.children(shape.name).filter(|child| says_something(child, shape)).take(most) {
            let name = shape.name;
            if shape.is_primitive() {
                let _ = write!(text, "<{name} value=\"{}\"/>", attribute(&child.value));
            } else if shape.kind == "Resource" {
                let _ = write!(text, "<{name}><{}>", child.kind);
                content(text, child, &child.kind);
                let _ = write!(text, "</{}></{name}>", child.kind);
            } else {
                let _ = write!(text, "<{name}");
                for (name, value) in attributes(child, shape.kind) {
                    let _ = write!(text, " {name}=\"{}\"", attribute(value));
                }
                text.push('>');
                content(text, child, shape.kind);
                let _ = write!(text, "</{name}>");
            }
        }
    }
}

fn says_something(child: &Element, shape: &Shape) -> bool {
    member(child, shape).is_some()
}

/// Line breaks and tabs in an attribute are read as spaces unless they are written so.
fn attribute(value: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    let kept: String = value.chars().filter(allowed).collect();
    escape(kept.as_str()).replace('\n', "&#10;").replace('\r', "&#13;").replace('\t', "&#9;")
}

/// In XML the id of an element that is no resource, and the address of an extension, are attributes.
fn is_attribute(element: &Element, kind: &str, shape: &Shape) -> bool {
    (shape.name == "id" && element.kind.is_empty()) || (shape.name == "url" && kind == "Extension")
}

fn attributes<'a>(child: &'a Element, kind: &str) -> impl Iterator<Item = (&'static str, &'a str)> {
    let url = if kind == "Extension" { child.text("url") } else { "" };
    [("id", child.text("id")), ("url", url)].into_iter().filter(|(_, value)| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nhs::fhir::Format;

    fn patient() -> Element {
        let rank = Element::default().with("url", "https://example.org/rank").with("valuePositiveInt", "1");
        let name =
            Element::default().with("family", "O’Hare & <Sons>").with("given", "Ada").with("given", "May");
        let contact = Element::default()
            .with("telecom", Element::default().with("value", "07700 900123").with("system", "phone"))
            .with("extension", rank);
        Element::resource_of("Patient")
            .with("gender", "female")
            .with("contact", contact)
            .with("name", name)
            .with("active", "true")
            .with("id", "p1")
            .with("unknownToFhir", "x")
    }

    #[test]
    fn a_resource_is_written_in_the_published_order_with_the_published_types() {
        let written = json(&patient());
        assert_eq!(written["active"], Value::Bool(true));
        assert_eq!(written["name"][0]["given"][1], "May");
        assert_eq!(written["contact"][0]["extension"][0]["valuePositiveInt"], 1);
        assert!(written.get("unknownToFhir").is_none());
        let text = xml(&patient());
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
        assert!(
            at("<id ") < at("<active ") && at("<active ") < at("<name>") && at("<name>") < at("<gender ")
        );
        assert!(text.contains(
            "<extension url=\"https://example.org/rank\"><valuePositiveInt value=\"1\"/></extension>"
        ));
        assert!(text.contains("value=\"O’Hare &amp; &lt;Sons&gt;\""), "{text}");
    }

    #[test]
    fn what_is_written_in_either_format_is_read_back_the_same() {
        let note = Element::resource_of("Task").with("description", "One line\nand\tanother \"quoted\"");
        let entry = |resource| Element::default().with("resource", resource);
        let bundle = Element::resource_of("Bundle")
            .with("type", "message")
            .with("entry", entry(patient()))
            .with("entry", entry(note));
        let [from_xml, from_json] =
            [Format::Xml, Format::Json].map(|format| format.read(&format.write(&bundle)).expect("readable"));
        assert_eq!(json(&from_xml), json(&from_json));
        let task = from_xml.all("entry.resource")[1];
        assert_eq!(task.text("description"), "One line\nand\tanother \"quoted\"");
    }
}
