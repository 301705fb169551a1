//! Reads an address book from a CSV file: every line that is not right is named, and nothing is ever calculated.

use shared::api::AddressChange;
use std::collections::HashMap;

/// Bytes of a file that are taken.
pub const LARGEST_FILE: usize = 8 * 1024 * 1024;
/// Lines of a file that are taken. England has some 6,500 practices and 11,000 pharmacies.
pub const MOST_LINES: usize = 20_000;
/// Bad lines that are named one by one.
const NAMED: usize = 50;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// One line that can be kept, tidied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it begins in the file, from 1.
    pub number: u64,
    pub address: AddressChange,
}

/// Why nothing of a file was taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    #[error("The file is larger than 8 MB or has more than {MOST_LINES} lines. Nothing was imported.")]
    TooLarge,
    #[error("The first line has no column “{0}”. Nothing was imported.")]
    NoColumn(&'static str),
    #[error("The first line has the column “{0}” twice. Nothing was imported.")]
    ColumnTwice(&'static str),
    #[error("The file holds no line. Nothing was imported.")]
    Empty,
    /// Each by its number.
    #[error("{} Nothing was imported.", .0.join("\n"))]
    BadLines(Vec<String>),
}

/// The columns, by all the names they go by.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("ods", &["ods", "ods code", "code"]),
    ("kind", &["kind"]),
    ("name", &["name", "organisation"]),
    ("email", &["email", "e-mail", "email address", "e-mail address"]),
    ("phone", &["phone", "telephone"]),
    ("note", &["note", "notes"]),
];

/// Where each of [`COLUMNS`] is.
fn columns(head: &csv::StringRecord) -> Result<[Option<usize>; 6], NotTaken> {
    let mut places = [None; 6];
    for (place, name) in head.iter().enumerate() {
        let name = name.trim().to_lowercase();
        let known = COLUMNS.iter().position(|(_, names)| names.contains(&name.as_str()));
        if let Some(column) = known
            && places[column].replace(place).is_some()
        {
            return Err(NotTaken::ColumnTwice(COLUMNS[column].0));
        }
    }
    for column in [2, 3] {
        if places[column].is_none() {
            return Err(NotTaken::NoColumn(COLUMNS[column].0));
        }
    }
    Ok(places)
}

/// Counts lines as an editor does. The reader's own count is one behind where lines end with a carriage return.
struct Count<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Count<'_> {
    /// The line of what begins at that byte or, where that is the end of a line before, after it. Asked in order.
    fn line(&mut self, from: Option<&csv::Position>) -> u64 {
        let from = from.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.at);
        let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let begins = from + self.bytes.iter().skip(from).take_while(|byte| ends(byte)).count();
        while self.at < begins {
            let here = self.bytes.get(self.at);
            // The two of Windows are one end.
            let paired = here == Some(&b'\r') && self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line += u64::from(here.is_some_and(ends) && !paired);
            self.at += 1;
        }
        self.line
    }
}

/// Every line of the file, or every line that is wrong. Quotes, line ends of any system and a byte order mark are
/// understood; columns that are not known are left out; a cell is its text, also where it begins with `=`.
pub fn read(bytes: &[u8]) -> Result<Vec<Line>, NotTaken> {
    if bytes.len() > LARGEST_FILE {
        return Err(NotTaken::TooLarge);
    }
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let (mut good, mut bad, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    let mut layout: Option<([Option<usize>; 6], usize)> = None;
    let mut count = Count { bytes, at: 0, line: 1 };
    let mut line = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut line) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let number = count.line(error.position());
                bad.push((number, "it is not text in UTF-8. Save the file as “CSV UTF-8”".to_owned()));
                // Without a first line nothing after it can be understood.
                if layout.is_none() {
                    break;
                }
                continue;
            }
        }
        let number = count.line(line.position());
        let Some((places, cells)) = &layout else {
            layout = Some((columns(&line)?, line.len()));
            continue;
        };
        if line.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if good.len() + bad.len() == MOST_LINES {
            return Err(NotTaken::TooLarge);
        }
        match one(&line, places, *cells) {
            Err(why) => bad.push((number, why)),
            Ok(address) => match seen.insert(key(&address), number) {
                Some(earlier) => {
                    bad.push((number, format!("this organisation is in line {earlier} already")));
                }
                None => good.push(Line { number, address }),
            },
        }
    }
    match (bad.is_empty(), good.is_empty()) {
        (false, _) => Err(NotTaken::BadLines(told(&bad))),
        (true, true) => Err(NotTaken::Empty),
        (true, false) => Ok(good),
    }
}

fn one(line: &csv::StringRecord, places: &[Option<usize>; 6], cells: usize) -> Result<AddressChange, String> {
    if line.len() != cells {
        return Err(format!("it has {} cells, and the first line has {cells}", line.len()));
    }
    let cell =
        |column: usize| places[column].and_then(|place| line.get(place)).unwrap_or_default().to_owned();
    let address = AddressChange {
        ods: cell(0),
        kind: cell(1),
        name: cell(2),
        email: cell(3),
        phone: cell(4),
        note: cell(5),
    };
    let address = address.tidied();
    match address.problem() {
        None => Ok(address),
        Some(problem) => Err(problem.trim_end_matches('.').to_owned()),
    }
}

/// What makes two lines the same organisation: its code, or its name where it has none.
pub(super) fn key(address: &AddressChange) -> String {
    if address.ods.is_empty() { format!("name {}", address.name.to_lowercase()) } else { address.ods.clone() }
}

fn told(bad: &[(u64, String)]) -> Vec<String> {
    let mut told: Vec<String> =
        bad.iter().take(NAMED).map(|(line, why)| format!("Line {line}: {why}.")).collect();
    if bad.len() > NAMED {
        told.push(format!("And {} lines more.", bad.len() - NAMED));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> Vec<Line> {
        read(text.as_bytes()).expect("a good file")
    }

    fn refused(bytes: &[u8]) -> String {
        read(bytes).expect_err("a bad file").to_string()
    }

    #[test]
    fn quotes_a_byte_order_mark_and_the_line_ends_of_windows_are_understood() {
        let text = "\u{feff}ODS code,Name,E-mail,Telephone,Notes,Something else\r\n\
                    a99999,\"Elm, Road \"\"Old\"\" Surgery\",elm@nhs.net,01632 960801,\"two\r\nlines\",x\r\n\
                    \r\n\
                    FB456,Heron Close Pharmacy,heron@nhs.net,,,\r\n";
        let read = lines(text);
        assert_eq!(read.len(), 2);
        assert_eq!(
            read[0].address,
            AddressChange {
                ods: "A99999".into(),
                kind: "practice".into(),
                name: "Elm, Road \"Old\" Surgery".into(),
                email: "elm@nhs.net".into(),
                phone: "01632 960801".into(),
                note: "two lines".into(),
            }
        );
        assert_eq!((read[1].address.kind.as_str(), read[1].number), ("pharmacy", 5));
    }

    #[test]
    fn every_bad_line_is_named_and_nothing_is_taken() {
        let text = "ods,name,email\nA99999,Elm,elm@nhs.net\nA9,Elm,elm@nhs.net\nA99998,,x@nhs.net\n\
                    A99997,Oak,oak at nhs.net\nA99999,Elm again,elm2@nhs.net\nA99996,Fir,fir@nhs.net,extra\n";
        let said = refused(text.as_bytes());
        for named in [
            "Line 3:",
            "Line 4:",
            "Line 5:",
            "Line 6: this organisation is in line 2 already",
            "Line 7: it has 4 cells",
        ] {
            assert!(said.contains(named), "{named} in {said}");
        }
        assert!(!said.contains("Line 2:") && said.ends_with("Nothing was imported."));
    }

    #[test]
    fn a_line_has_the_number_that_an_editor_gives_it_whatever_ends_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let text =
                ["name,email", "Elm,elm@nhs.net", "", "Oak,oak", "\"Fir,", "Ltd\",fir", "Ash,ash"].join(end);
            let said = refused(text.as_bytes());
            for named in ["Line 4:", "Line 5:", "Line 7:"] {
                assert!(said.contains(named), "{named} in {said} with {end:?}");
            }
            assert!(!said.contains("Line 2:") && !said.contains("Line 6:"), "{said}");
        }
    }

    #[test]
    fn two_without_a_code_are_the_same_by_their_name() {
        assert!(refused(b"name,email\nOut of hours,a@nhs.net\nOUT OF  HOURS,b@nhs.net").contains("Line 3:"));
    }

    #[test]
    fn cells_that_a_spreadsheet_would_calculate_stay_text() {
        let read = lines(
            "name,email,note,phone\n=1+1,a@nhs.net,\"=HYPERLINK(\"\"http://x\"\")\",+44 1632 960801\n@SUM(A1),b@nhs.net,-2,",
        );
        assert_eq!(
            (read[0].address.name.as_str(), read[0].address.note.as_str()),
            ("=1+1", "=HYPERLINK(\"http://x\")")
        );
        assert_eq!(read[0].address.phone, "+44 1632 960801");
        assert_eq!(read[1].address.name, "@SUM(A1)");
    }

    #[test]
    fn ten_thousand_lines_are_read_and_ten_thousand_bad_ones_are_not_all_told() {
        let line = |n: usize| format!("A{n:05},Practice {n},practice{n}@nhs.net\n");
        let text: String =
            std::iter::once("ods,name,email\n".to_owned()).chain((0..10_000).map(line)).collect();
        assert_eq!(lines(&text).len(), 10_000);
        let said = refused(text.replace("@nhs.net", "").as_bytes());
        assert!(said.contains("And 9950 lines more.") && said.len() < 10_000);
    }

    #[test]
    fn what_is_no_such_file_says_what_it_lacks() {
        assert_eq!(read(b""), Err(NotTaken::Empty));
        assert_eq!(read(b"name,email\n\n"), Err(NotTaken::Empty));
        assert_eq!(read(b"ods,name\nA99999,Elm"), Err(NotTaken::NoColumn("email")));
        assert_eq!(read(b"name,email,E-mail\nElm,a@nhs.net,b@nhs.net"), Err(NotTaken::ColumnTwice("email")));
        assert_eq!(read(&vec![b'a'; LARGEST_FILE + 1]), Err(NotTaken::TooLarge));
        let many = "name,email\n".to_owned() + &"x,y\n".repeat(MOST_LINES + 1);
        assert_eq!(read(many.as_bytes()), Err(NotTaken::TooLarge));
    }

    #[test]
    fn another_encoding_is_named_by_its_line() {
        let said = refused(b"name,email\nElm,elm@nhs.net\nCaf\xe9,cafe@nhs.net\nOak,oak@nhs.net\n");
        assert!(said.contains("Line 3: it is not text in UTF-8"), "{said}");
        let utf16: Vec<u8> =
            "name,email\nElm,elm@nhs.net\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&[&[0xff, 0xfe], utf16.as_slice()].concat()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = read(&bytes);
        }
    }
}
