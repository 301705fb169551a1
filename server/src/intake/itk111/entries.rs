//! The coded entries and attachments inside a report's sections. Nothing in them is passed over in silence.

use super::people::shown;
use super::triage::{self, Triage};
use super::{narrative, times, xml};
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use roxmltree::Node;
use shared::consultation::ReportSection;
use shared::time::day_and_time;

/// What the entries of one document hold.
#[derive(Default)]
pub struct Entries {
    pub triage: Triage,
    pub warnings: Vec<String>,
    /// Permission to view, in words.
    pub consent: Vec<String>,
    /// Appointments and attachments that are text.
    pub sections: Vec<ReportSection>,
}

/// Reads every entry of the document's body.
pub fn read(body: Node<'_, '_>) -> Entries {
    let mut found = Entries::default();
    for entry in xml::anywhere(body, "entry") {
        for statement in entry.children().filter(Node::is_element) {
            match statement.tag_name().name().to_ascii_lowercase().as_str() {
                "observationmedia" => attachment(statement, &mut found),
                "observation" => observation(statement, &mut found),
                "encounter" => found.sections.push(appointment(statement)),
                "templateid" | "contentid" | "seperatableind" | "sequencenumber" => {}
                other => found.warnings.push(format!(
                    "The report holds an entry that cannot be shown here ({other}). Ask the sender about it."
                )),
            }
        }
    }
    found
}

fn observation(statement: Node<'_, '_>, found: &mut Entries) {
    let code = xml::child(statement, "code");
    let said: Vec<String> =
        xml::children(statement, "value").map(value).filter(|text| !text.is_empty()).collect();
    let said = said.join(", ");
    match code.map(|code| xml::attribute(code, "code")) {
        Some("PTV") => found.consent.push(permission(statement, &said)),
        Some("CD") => found.warnings.push(format!("Clinical discriminator: {said}")),
        _ => {
            let what = code.map(shown).filter(|words| !words.is_empty()).unwrap_or_else(|| "Flag".to_owned());
            let negated = if xml::attribute(statement, "negationInd") == "true" { "no, " } else { "" };
            let words = if said.is_empty() { what } else { format!("{what}: {negated}{said}") };
            found.warnings.push(words);
        }
    }
}

fn value(node: Node<'_, '_>) -> String {
    let coded = shown(node);
    if !coded.is_empty() {
        return coded;
    }
    let measured = format!("{} {}", xml::attribute(node, "value"), xml::attribute(node, "unit"));
    let measured = xml::squeeze(&measured);
    if measured.is_empty() { xml::words(node) } else { measured }
}

fn permission(statement: Node<'_, '_>, said: &str) -> String {
    let time = xml::child(statement, "effectiveTime");
    let bound = |name| {
        time.and_then(|time| xml::child(time, name))
            .and_then(|at| times::instant(xml::attribute(at, "value")))
            .map(day_and_time)
    };
    let mut words = format!("Permission to view: {said}");
    if let Some(from) = bound("low") {
        words = format!("{words}, from {from}");
    }
    if let Some(until) = bound("high") {
        words = format!("{words}, until {until}");
    }
    words
}

fn appointment(encounter: Node<'_, '_>) -> ReportSection {
    let kind = xml::child(encounter, "code").map(shown).unwrap_or_default();
    let at = xml::child(encounter, "effectiveTime")
        .and_then(|time| times::instant(xml::attribute(time, "value")))
        .map(day_and_time)
        .unwrap_or_default();
    let place = xml::anywhere(encounter, "playingEntity")
        .filter_map(|entity| xml::child(entity, "name"))
        .map(xml::words)
        .collect::<Vec<_>>()
        .join(", ");
    let lines = [kind, at, place].into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    ReportSection { title: "Appointment".to_owned(), text: lines.join("\n") }
}

fn attachment(media: Node<'_, '_>, found: &mut Entries) {
    for value in xml::children(media, "value") {
        let media_type = xml::attribute(value, "mediaType");
        if let Some(inline) = value.children().find(Node::is_element) {
            if let Some(triage) = triage::read(inline) {
                add_triage(found, triage);
            } else {
                let text = narrative::plain(value);
                found.sections.push(ReportSection { title: "Attachment".to_owned(), text });
            }
            continue;
        }
        let text: String = value.text().unwrap_or("").to_owned();
        if text.trim().is_empty() {
            continue;
        }
        let encoded = xml::attribute(value, "representation").eq_ignore_ascii_case("B64");
        let bytes = if encoded { decoded(&text) } else { Some(text.into_bytes()) };
        let shown = bytes.is_some_and(|bytes| show(&bytes, media_type, found));
        if !shown {
            let kind = if media_type.is_empty() { "unknown kind" } else { media_type };
            found.warnings.push(format!(
                "An attachment ({kind}) came with this report and cannot be shown here. Ask the sender for it."
            ));
        }
    }
}

fn show(bytes: &[u8], media_type: &str, found: &mut Entries) -> bool {
    let Ok(text) = xml::decode(bytes) else { return false };
    if let Ok(document) = xml::parse(&text) {
        let triage = triage::read(document.root_element());
        let readable = triage.is_some();
        if let Some(triage) = triage {
            add_triage(found, triage);
        }
        return readable;
    }
    let plain = media_type == "text/plain";
    if plain {
        found.sections.push(ReportSection { title: "Attachment".to_owned(), text: text.trim().to_owned() });
    }
    plain
}

fn add_triage(found: &mut Entries, triage: Triage) {
    if found.triage.condition.is_empty() {
        found.triage.condition = triage.condition;
    }
    found.triage.lines.extend(triage.lines);
}

/// Base64 as suppliers wrap it: broken over lines, with padding or without.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config)
        .decode(&compact)
        .or_else(|_| general_purpose::URL_SAFE.decode(&compact))
        .ok()
}
