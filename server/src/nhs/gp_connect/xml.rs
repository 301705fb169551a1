//! Writes FHIR STU3 XML: every fact is an attribute called `value`, so a few verbs are enough.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesStart, Event};
use quick_xml::name::QName;
use uuid::Uuid;

/// One code of one system, in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nhs) struct Coding<'a> {
    pub system: &'a str,
    pub code: &'a str,
    pub display: &'a str,
}

impl<'a> Coding<'a> {
    pub const fn snomed(code: &'a str, display: &'a str) -> Self {
        Self { system: "http://snomed.info/sct", code, display }
    }
}

/// An XML text being written.
pub(in crate::nhs) struct Fhir(Writer<Vec<u8>>);

impl Fhir {
    /// Writes a whole document with `name` as its root, in FHIR's namespace.
    pub fn document(name: &str, inside: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut fhir = Self(Writer::new_with_indent(Vec::new(), b' ', 2));
        fhir.element_with(name, Some(("xmlns", "http://hl7.org/fhir")), inside);
        fhir.0.into_inner()
    }

    pub fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.element_with(name, None, inside);
    }

    /// `<name value="…"/>`; nothing at all for an empty value, which FHIR does not allow.
    pub fn value(&mut self, name: &str, value: &str) {
        let value = allowed(value.trim());
        if !value.is_empty() {
            self.write(Event::Empty(start(name, Some(("value", &value)))));
        }
    }

    pub fn extension(&mut self, url: &str, inside: impl FnOnce(&mut Self)) {
        self.element_with("extension", Some(("url", url)), inside);
    }

    pub fn coding(&mut self, coding: Coding<'_>) {
        self.element("coding", |at| at.code_values(coding));
    }

    /// System, code and display without an element around them.
    pub fn code_values(&mut self, coding: Coding<'_>) {
        self.value("system", coding.system);
        self.value("code", coding.code);
        self.value("display", coding.display);
    }

    /// A `CodeableConcept`: the code, and its words as text.
    pub fn concept(&mut self, name: &str, coding: Coding<'_>) {
        self.element(name, |at| {
            at.coding(coding);
            at.value("text", coding.display);
        });
    }

    pub fn reference(&mut self, name: &str, to: Uuid) {
        self.element(name, |at| at.value("reference", &urn(to)));
    }

    pub fn identifier(&mut self, system: &str, value: &str) {
        self.element("identifier", |at| {
            at.value("system", system);
            at.value("value", value);
        });
    }

    /// A resource's own id as its business identifier (FHIR: a UUID's system is `urn:ietf:rfc:3986`).
    pub fn own_identifier(&mut self, id: Uuid) {
        self.identifier("urn:ietf:rfc:3986", &urn(id));
    }

    fn element_with(&mut self, name: &str, attribute: Option<(&str, &str)>, inside: impl FnOnce(&mut Self)) {
        self.write(Event::Start(start(name, attribute)));
        inside(self);
        self.write(Event::End(BytesEnd::new(name)));
    }

    fn write(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes what is written to it");
    }
}

/// `urn:uuid:…`, the only form in which ITK3 messages refer to anything.
pub(in crate::nhs) fn urn(id: Uuid) -> String {
    id.urn().to_string()
}

fn start<'a>(name: &'a str, attribute: Option<(&'a str, &str)>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    if let Some((key, value)) = attribute {
        // Bare line breaks and tabs in an attribute are read back as spaces; as references they survive.
        let value = escape(value).replace('\n', "&#10;").replace('\t', "&#9;");
        start.push_attribute(Attribute { key: QName(key), value: value.into() });
    }
    start
}

/// Without the control characters that XML 1.0 cannot carry at all, and with one kind of line break.
fn allowed(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let carried =
        |c: &char| matches!(c, '\t' | '\n') || (!c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(carried).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_back(words: &str) -> Option<String> {
        let bytes = Fhir::document("Basic", |at| at.value("text", words));
        let xml = String::from_utf8(bytes).expect("text");
        let document = roxmltree::Document::parse(&xml).expect("well-formed");
        let text = document.descendants().find(|node| node.has_tag_name("text"))?;
        text.attribute("value").map(str::to_owned)
    }

    #[test]
    fn line_breaks_and_markup_in_words_survive() {
        let words = "Fever < 38 & \"well\"\nSee 'advice'\tgiven";
        assert_eq!(read_back(words).as_deref(), Some(words));
    }

    #[test]
    fn an_empty_value_is_left_out() {
        assert_eq!(read_back(" \u{1} "), None);
    }

    proptest! {
        #[test]
        fn any_words_make_well_formed_xml(words in any::<String>()) {
            read_back(&words);
        }
    }
}
