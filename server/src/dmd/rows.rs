//! Rows of a dm+d file one by one, however large the file: XML without its tree.

use super::metered::Metered;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::Read;

/// Deeper than any file of dm+d.
const DEEPEST: usize = 8;
/// A row has at most thirty fields; packs with their GTINs have some hundred.
const MOST_FIELDS: usize = 5000;
/// Together with their names.
const LARGEST_ROW: usize = 1024 * 1024;

/// Why a file is none of dm+d.
#[derive(Debug, thiserror::Error)]
pub enum NotDmd {
    #[error("it cannot be read as XML after {at} bytes: {cause}")]
    Xml { at: u64, cause: String },
    #[error("it begins with <{found}> where <{expected}> was expected")]
    Root { found: String, expected: &'static str },
    #[error("it ends in the middle: fetch it again")]
    CutShort,
    #[error("it holds {0}, which no file of dm+d has")]
    Strange(&'static str),
}

/// The fields of one row. Used again for each row, so that reading a file takes no memory to speak of.
#[derive(Debug, Default)]
pub struct Row {
    text: String,
    /// Where name and value of each field begin, and where the value ends.
    fields: Vec<(usize, usize, usize)>,
}

impl Row {
    fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), NotDmd> {
        if self.fields.len() >= MOST_FIELDS || self.text.len() + name.len() + value.len() > LARGEST_ROW {
            return Err(NotDmd::Strange("a row without an end"));
        }
        let at = self.text.len();
        self.text.push_str(name);
        let value_at = self.text.len();
        self.text.push_str(value.trim());
        self.fields.push((at, value_at, self.text.len()));
        Ok(())
    }

    /// Values of all fields of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(at, value, _)| &self.text[*at..*value] == name)
            .map(|(_, value, end)| &self.text[*value..*end])
    }

    /// What stands in a field; `None` where it is absent or empty.
    pub fn get<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next().filter(|value| !value.is_empty())
    }

    /// Flags are `1`, `0001` or there at all; `0` and `0000` say no.
    pub fn flag(&self, name: &str) -> bool {
        self.all(name).next().is_some_and(|value| value.parse::<u32>() != Ok(0))
    }
}

/// Calls `each` with the element's name and fields for every element that `is_row`. Elements inside a row that have
/// elements of their own are seen through. `each` gets the bytes read so far, too.
pub fn read<R: Read>(
    source: Metered<R>,
    root: &'static str,
    is_row: &dyn Fn(&str) -> bool,
    each: &mut dyn FnMut(&str, &str, &Row, u64),
) -> Result<[u8; 32], NotDmd> {
    let mut xml = Reader::from_reader(source);
    let (mut buffer, mut row, mut value) = (Vec::new(), Row::default(), String::new());
    let mut path: Vec<String> = Vec::new();
    // How deep the row is that is being read, and whether the element just begun may be a field.
    let (mut inside, mut leaf, mut rooted) = (None::<usize>, false, false);
    loop {
        buffer.clear();
        xml.get_mut().next_event();
        let at = xml.buffer_position();
        let not_xml = |cause: String| NotDmd::Xml { at, cause };
        match xml.read_event_into(&mut buffer).map_err(|error| not_xml(error.to_string()))? {
            Event::Start(start) => {
                let name: &str = start.name().into_inner();
                if path.is_empty() {
                    if rooted || name != root {
                        return Err(NotDmd::Root { found: shortened(name), expected: root });
                    }
                    rooted = true;
                } else if inside.is_none() && is_row(name) {
                    inside = Some(path.len());
                    row.clear();
                }
                if path.len() >= DEEPEST {
                    return Err(NotDmd::Strange("elements inside elements without end"));
                }
                path.push(name.to_owned());
                value.clear();
                leaf = true;
            }
            Event::Empty(empty) => {
                let name: &str = empty.name().into_inner();
                if path.is_empty() {
                    return Err(NotDmd::Root { found: shortened(name), expected: root });
                }
                if inside.is_some() {
                    row.add(name, "")?;
                }
                leaf = false;
            }
            Event::End(_) => {
                let Some(name) = path.pop() else { return Err(NotDmd::CutShort) };
                match inside {
                    Some(depth) if depth == path.len() => {
                        inside = None;
                        let section = path.last().map_or("", String::as_str);
                        let so_far = xml.get_ref().read_so_far();
                        each(section, &name, &row, so_far);
                    }
                    Some(_) if leaf => row.add(&name, &value)?,
                    _ => {}
                }
                leaf = false;
            }
            Event::Text(text) if inside.is_some() && leaf => value.push_str(&text.xml10_content()),
            Event::CData(text) if inside.is_some() && leaf => value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) if inside.is_some() && leaf => {
                let known = reference.resolve_char_ref().map_err(|error| not_xml(error.to_string()))?;
                let named = || quick_xml::escape::resolve_predefined_entity(&reference);
                match (known, known.is_none().then(named).flatten()) {
                    (Some(character), _) => value.push(character),
                    (None, Some(text)) => value.push_str(text),
                    (None, None) => return Err(NotDmd::Strange("a reference that means nothing")),
                }
            }
            Event::DocType(_) => return Err(NotDmd::Strange("a document type")),
            Event::Eof if rooted && path.is_empty() => return Ok(xml.into_inner().digest()),
            Event::Eof => return Err(NotDmd::CutShort),
            _ => {}
        }
        if value.len() > LARGEST_ROW {
            return Err(NotDmd::Strange("a field without an end"));
        }
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Vec<(String, Vec<(String, String)>)>;

    fn all(text: &str) -> Result<Seen, NotDmd> {
        let mut seen = Vec::new();
        read(Metered::new(text.as_bytes(), 1 << 20), "R", &|name| name == "X", &mut |section, _, row, _| {
            let fields = row.fields.iter().map(|(at, value, end)| {
                (row.text[*at..*value].to_owned(), row.text[*value..*end].to_owned())
            });
            seen.push((section.to_owned(), fields.collect()));
        })?;
        Ok(seen)
    }

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn comments_empty_sections_and_missing_fields_are_nothing_special() {
        let text =
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<R xmlns=\"\"><!-- Generated -->\n<S/><T></T><U>
            <X><A> 1 &amp; 2 </A><B/></X><!-- between --><X></X></U></R>\n";
        let seen = all(text).expect("read");
        assert_eq!(seen, [("U".to_owned(), pairs(&[("A", "1 & 2"), ("B", "")])), ("U".to_owned(), vec![])]);
    }

    #[test]
    fn elements_inside_a_row_are_seen_through() {
        let seen = all("<R><X><I>7</I><D><G>1</G><S>a</S></D><D><G>&#50;</G></D></X></R>").expect("read");
        assert_eq!(seen[0].1, pairs(&[("I", "7"), ("G", "1"), ("S", "a"), ("G", "2")]));
    }

    #[test]
    fn a_flag_is_one_or_zero_padded_or_there_at_all() {
        let mut row = Row::default();
        for (name, value) in [("A", "1"), ("B", "0001"), ("C", ""), ("D", "0000"), ("E", "0")] {
            row.add(name, value).expect("room");
        }
        assert_eq!(
            ["A", "B", "C", "D", "E", "F"].map(|name| row.flag(name)),
            [true, true, true, false, false, false]
        );
    }

    #[test]
    fn what_is_no_file_of_dmd_is_refused() {
        for text in [
            "",
            "<R>",
            "<R><X>",
            "<R><X></R>",
            "<Q/>",
            "<R/>",
            "<Q></Q>",
            "<R></R><R></R>",
            "<!DOCTYPE R [<!ENTITY a \"b\">]><R><X><A>&a;</A></X></R>",
            "<R><X><A>&lol;</A></X></R>",
            "<R><a><b><c><d><e><f><g><h><i></i></h></g></f></e></d></c></b></a></R>",
            "not XML at all",
        ] {
            assert!(all(text).is_err(), "{text}");
        }
        let bytes = b"<R><X><A>\xff\xfe</A></X></R>";
        let mut nothing = |_: &str, _: &str, _: &Row, _: u64| {};
        assert!(read(Metered::new(&bytes[..], 99), "R", &|_| true, &mut nothing).is_err());
    }
}
