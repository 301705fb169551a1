//! Foreign XML: read in whatever encoding, refused at once where it would cost more than it is worth, and walked by local
//! names, whatever prefixes the supplier chose. Every reader of XML stands on it.

use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;

/// More elements and texts than any message of 5 MiB could use well.
const MOST_NODES: u32 = 500_000;

/// Real reports nest about 25 deep. A bound keeps the walks over what was parsed from exhausting the stack.
const DEEPEST: u32 = 200;

/// Real elements have at most a dozen. The parser compares each with each.
const MOST_ATTRIBUTES: u32 = 256;

/// Real messages declare ten, some of them on many elements. The parser copies and compares them at each declaration:
/// without bounds, one megabyte of declarations inside one another would keep it busy for days.
const MOST_PREFIXES: usize = 64;
const MOST_DECLARATIONS: u32 = 20_000;

/// Why bytes are not read as XML. Says nothing of what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not valid UTF-8 after byte {valid}")]
    NotUtf8 { valid: usize },
    #[error("it begins as UTF-16 and is not valid UTF-16")]
    NotUtf16,
    #[error("it is not well-formed XML near line {line}, column {column}")]
    NotXml { line: u32, column: u32 },
    #[error("it holds a document type definition, which is not accepted")]
    Doctype,
    #[error("it has more than {MOST_NODES} XML nodes")]
    TooMany,
    #[error("it has more than {DEEPEST} elements inside one another")]
    TooDeep,
    #[error("an element of it has more than {MOST_ATTRIBUTES} attributes")]
    TooManyAttributes,
    #[error(
        "it declares more than {MOST_PREFIXES} prefixes, or namespaces more than {MOST_DECLARATIONS} times"
    )]
    TooManyNamespaces,
}

/// What Windows puts where Latin-1 has only controls, which nobody means: senders that declare Latin-1 write these
/// (WHATWG Encoding, windows-1252).
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The bytes as text: UTF-8, UTF-16 with or without a byte order mark, or Latin-1 when it declares itself so.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    let wide = |little: bool, bytes: &[u8]| {
        // Half a character at the end is no text either.
        if !bytes.len().is_multiple_of(2) {
            return Err(Unreadable::NotUtf16);
        }
        let units = bytes.chunks_exact(2).map(|pair| {
            if little {
                u16::from_le_bytes([pair[0], pair[1]])
            } else {
                u16::from_be_bytes([pair[0], pair[1]])
            }
        });
        let text = char::decode_utf16(units).collect::<Result<String, _>>();
        text.map(Cow::Owned).map_err(|_| Unreadable::NotUtf16)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => return wide(true, rest),
        [0xFE, 0xFF, rest @ ..] => return wide(false, rest),
        [b'<', 0, ..] => return wide(true, bytes),
        [0, b'<', ..] => return wide(false, bytes),
        _ => {}
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map(Cow::Borrowed).or_else(|error| {
        let declaration = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).to_lowercase();
        if ["iso-8859-1", "windows-1252", "latin1"].iter().any(|name| declaration.contains(name)) {
            Ok(Cow::Owned(bytes.iter().map(|byte| of_windows(*byte)).collect()))
        } else {
            Err(Unreadable::NotUtf8 { valid: error.valid_up_to() })
        }
    })
}

fn of_windows(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// The document, without a DTD and of bounded size and shape, so that no entity can expand (OWASP XXE, entity bombs) and
/// no walk over it can exhaust the stack.
pub fn parse(text: &str) -> Result<Document<'_>, Unreadable> {
    let text = text.trim_start();
    check_shape(text)?;
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => Unreadable::Doctype,
        roxmltree::Error::NodesLimitReached => Unreadable::TooMany,
        other => {
            let place = other.pos();
            Unreadable::NotXml { line: place.row, column: place.col }
        }
    })
}

/// One pass over the tags before anything is built: what the parser would take long over is refused at once. What is not
/// well-formed is left to the parser, which says where.
fn check_shape(text: &str) -> Result<(), Unreadable> {
    let mut depth = 0_u32;
    let mut declarations = 0_u32;
    let mut prefixes: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = if rest.starts_with("<!--") {
            after(rest, "<!--", "-->")
        } else if rest.starts_with("<![CDATA[") {
            after(rest, "<![CDATA[", "]]>")
        } else if rest.starts_with("<?") {
            after(rest, "<?", "?>")
        } else if rest.starts_with("<!") {
            return Err(Unreadable::Doctype);
        } else if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
            rest.find('>')
        } else {
            let (length, attributes) = tag(rest);
            if attributes.len() > MOST_ATTRIBUTES as usize {
                return Err(Unreadable::TooManyAttributes);
            }
            for prefix in attributes.into_iter().filter(|name| name.starts_with("xmlns")) {
                declarations += 1;
                if !prefixes.contains(&prefix) {
                    prefixes.push(prefix);
                }
                if prefixes.len() > MOST_PREFIXES || declarations > MOST_DECLARATIONS {
                    return Err(Unreadable::TooManyNamespaces);
                }
            }
            if length.is_some_and(|length| !rest[..length].ends_with('/')) {
                depth += 1;
            }
            if depth > DEEPEST {
                return Err(Unreadable::TooDeep);
            }
            length
        };
        let Some(end) = end else { return Ok(()) };
        rest = &rest[end + 1..];
    }
    Ok(())
}

/// Where what ends a stretch stands, looked for behind what opens it.
fn after(text: &str, open: &str, close: &str) -> Option<usize> {
    text.get(open.len()..)?.find(close).map(|at| open.len() + at)
}

/// Where the `>` of an opening tag stands, and the names of its attributes; no more of them than matter.
fn tag(text: &str) -> (Option<usize>, Vec<&str>) {
    let mut attributes = Vec::new();
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' => quote = Some(byte),
                b'=' => {
                    let before = text[..at].trim_end();
                    let name = before.rsplit(|c: char| c.is_ascii_whitespace() || "\"'=".contains(c)).next();
                    let name = name.unwrap_or(before);
                    attributes.push(name);
                    if attributes.len() > MOST_ATTRIBUTES as usize {
                        return (None, attributes);
                    }
                }
                b'>' => return (Some(at), attributes),
                _ => {}
            },
        }
    }
    (None, attributes)
}

/// Child elements of that local name, in order.
pub fn children<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| named(*child, name))
}

/// The first child element of that local name.
pub fn child<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// The element found by taking the first child of each name in turn.
pub fn below<'a, 'i: 'a>(node: Node<'a, 'i>, path: &[&'static str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |at, name| child(at, name))
}

/// Elements of that local name anywhere inside.
pub fn anywhere<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |inner| named(*inner, name))
}

/// An element of that local name in any namespace; suppliers differ in the case of `ObservationMedia`.
pub fn named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name().eq_ignore_ascii_case(name)
}

/// The attribute of that local name, trimmed; empty when absent.
pub fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attributes()
        .find(|attribute| attribute.name() == name)
        .map_or("", |attribute| attribute.value().trim())
}

/// All text inside, in order, runs of white space as one space.
pub fn words(node: Node<'_, '_>) -> String {
    let text: String = node.descendants().filter(Node::is_text).filter_map(|inner| inner.text()).collect();
    squeeze(&text)
}

/// Runs of white space as one space, none at the ends.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEEP: usize = 100_000;

    fn refused(text: &str) -> Unreadable {
        parse(text).expect_err("refused")
    }

    /// On a stack far smaller than any thread's here: a walk that went down element by element would not come back.
    fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
        let thread = std::thread::Builder::new().stack_size(128 * 1024).spawn(work).expect("a thread");
        thread.join().expect("no overflow and no failure");
    }

    #[test]
    fn a_hundred_thousand_nested_elements_are_refused_on_the_smallest_stack() {
        on_a_small_stack(|| {
            for tag in ["a", "a xmlns=\"u\"", "a b='>'"] {
                let deep = format!("{}{}", format!("<{tag}>").repeat(DEEP), "</a>".repeat(DEEP));
                assert_eq!(refused(&deep), Unreadable::TooDeep);
                assert_eq!(refused(&format!("<{tag}>").repeat(DEEP)), Unreadable::TooDeep, "never closed");
            }
        });
    }

    #[test]
    fn as_deep_as_is_allowed_is_read_on_the_smallest_stack() {
        on_a_small_stack(|| {
            let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
            let text = deep(DEEPEST as usize);
            assert_eq!(words(parse(&text).expect("read").root_element()), "");
            assert_eq!(refused(&deep(DEEPEST as usize + 1)), Unreadable::TooDeep);
            assert!(parse(&format!("<a>{}</a>", "<b/><c></c>".repeat(1_000))).is_ok(), "wide is not deep");
        });
    }

    #[test]
    fn what_hides_a_tag_from_a_reader_hides_it_from_the_guard_too() {
        for harmless in ["<!-- <a> -->", "<![CDATA[<a>]]>", "<?p <a> ?>", "<b c='<'/>", "<b c=\"'>\"/>"] {
            let many = format!("<r>{}</r>", harmless.replace("c='<'", "c='&lt;'").repeat(1_000));
            assert!(parse(&many).is_ok(), "{harmless}");
        }
        // Nothing of it closes early for the guard and late for the parser.
        let hidden = format!("<r><!--><![CDATA[-->{}{}<!--]]>--></r>", "<a>".repeat(300), "</a>".repeat(300));
        assert_eq!(refused(&hidden), Unreadable::TooDeep);
    }

    #[test]
    fn declarations_that_would_keep_the_parser_busy_for_days_are_refused_at_once() {
        let nested = (0..DEEP).map(|n| format!("<a xmlns:p{n}='u'>")).collect::<Vec<_>>().concat();
        assert_eq!(refused(&nested), Unreadable::TooManyNamespaces);
        let beside = (0..100).map(|n| format!(" xmlns:p{n}='u{n}'")).collect::<Vec<_>>().concat();
        assert_eq!(refused(&format!("<a{beside}/>")), Unreadable::TooManyNamespaces);
        let again = format!("<r>{}</r>", "<a xmlns='u'/>".repeat(MOST_DECLARATIONS as usize + 1));
        assert_eq!(refused(&again), Unreadable::TooManyNamespaces);
        let attributes = (0..DEEP).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
        assert_eq!(refused(&format!("<a{attributes}/>")), Unreadable::TooManyAttributes);
        let many = format!("<r>{}</r>", "<a/>".repeat(MOST_NODES as usize));
        assert_eq!(refused(&many), Unreadable::TooMany);
    }

    #[test]
    fn a_document_type_is_refused_before_an_entity_can_grow_or_reach_out() {
        for declared in [
            "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x>&b;</x>",
            "<?xml version='1.0'?>\n<!DOCTYPE x SYSTEM 'http://127.0.0.1:1/x.dtd'><x/>",
            "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><x>&f;</x>",
            "<!DOCTYPE x [<!ENTITY % p SYSTEM 'file:///dev/zero'>%p;]><x/>",
        ] {
            assert_eq!(refused(declared), Unreadable::Doctype, "{declared}");
        }
        assert!(matches!(refused("<x>&b;</x>"), Unreadable::NotXml { .. }), "an entity nobody declared");
    }

    #[test]
    fn the_encoding_may_be_utf_16_or_latin_1_or_begin_with_a_mark_and_no_other() {
        let text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>é</a>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: [u8; 2], bytes: &[u8]| [&mark[..], bytes].concat();
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
        let utf8 = [&[0xEF, 0xBB, 0xBF][..], text.as_bytes()].concat();
        for bytes in [marked([0xFF, 0xFE], &little), marked([0xFE, 0xFF], &big), little, big, latin, utf8] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
        let typed = b"<?xml version='1.0' encoding='windows-1252'?><a>O\x92Neill \x80\x9F \xE9</a>";
        assert!(decode(typed).expect("text").contains("O’Neill €Ÿ é"), "as Windows writes a name");
        let utf_32: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let decoded = decode(&utf_32).expect("it looks like UTF-16");
        assert!(matches!(parse(&decoded), Err(Unreadable::NotXml { .. })), "UTF-32 is not XML here");
        assert_eq!(decode(&[0xFF, 0xFE, 0x00, 0xD8]), Err(Unreadable::NotUtf16), "half a pair");
        assert_eq!(decode(&[b'<', 0, b'a']), Err(Unreadable::NotUtf16), "half a character");
        assert_eq!(
            decode(b"<a>\xE9</a>"),
            Err(Unreadable::NotUtf8 { valid: 3 }),
            "Latin-1 that does not say so"
        );
    }
}
