//! The audit log as a table for a spreadsheet.

use shared::api::AuditLine;
use shared::ids::OdsCode;

/// One line more, with the pharmacy it belongs to and the hash that chains it.
pub struct Row<'a> {
    pub line: &'a AuditLine,
    pub pharmacy: Option<&'a OdsCode>,
    pub hash: String,
}

const HEAD: [&str; 15] = [
    "place",
    "at",
    "done_at",
    "pharmacy",
    "person",
    "name",
    "device",
    "device_label",
    "action",
    "words",
    "subject",
    "about",
    "why",
    "chain_version",
    "hash",
];

/// The names of the columns.
pub fn head() -> Result<Vec<u8>, csv::Error> {
    written(|out| out.write_record(HEAD))
}

/// Lines under the head.
pub fn rows<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Result<Vec<u8>, csv::Error> {
    written(|out| {
        for Row { line, pharmacy, hash } in rows {
            let id = |id: Option<String>| id.unwrap_or_default();
            out.write_record(
                [
                    line.place.to_string(),
                    line.at.clone(),
                    line.done_at.clone(),
                    id(pharmacy.map(ToString::to_string)),
                    id(line.person.map(|id| id.to_string())),
                    line.name.clone(),
                    id(line.device.map(|id| id.to_string())),
                    line.device_label.clone(),
                    line.action.clone(),
                    line.words.clone(),
                    line.subject.clone(),
                    line.about.clone(),
                    line.why.clone(),
                    "1".to_owned(),
                    hash,
                ]
                .map(harmless),
            )?;
        }
        Ok(())
    })
}

/// A whole table in memory.
pub fn written(
    write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error>,
) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    write(&mut out)?;
    out.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A spreadsheet takes a cell that begins like this for a formula and carries it out (OWASP, CSV injection). An
/// apostrophe before it makes it text.
pub fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, why: &str) -> AuditLine {
        AuditLine {
            place: 7,
            at: "2026-11-22T14:05:00Z".to_owned(),
            done_at: String::new(),
            person: None,
            name: name.to_owned(),
            device: None,
            device_label: String::new(),
            action: "invited".to_owned(),
            words: "Invited somebody".to_owned(),
            subject: "pharmacist".to_owned(),
            about: String::new(),
            why: why.to_owned(),
        }
    }

    fn table(line: &AuditLine) -> String {
        let row = Row { line, pharmacy: None, hash: "00".to_owned() };
        String::from_utf8(rows([row]).expect("memory takes it")).expect("text")
    }

    #[test]
    fn a_spreadsheet_does_not_take_a_name_for_a_formula() {
        for name in ["=HYPERLINK(\"http://evil\")", "+1", "-1", "@SUM(A1)", "\t=1"] {
            let text = table(&line(name, ""));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let record = reader.records().next().expect("a row").expect("CSV");
            assert_eq!(record[5], format!("'{name}"));
        }
    }

    #[test]
    fn commas_quotes_and_line_ends_stay_in_their_cell() {
        let text = table(&line("Patel, \"Asha\"", "one\ntwo"));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let record = reader.records().next().expect("a row").expect("CSV");
        assert_eq!((&record[5], &record[12], record.len()), ("Patel, \"Asha\"", "one\ntwo", HEAD.len()));
        assert!(head().expect("memory takes it").starts_with(b"place,at,done_at"));
    }
}
