//! Reading XML by local names, whatever prefixes and encodings the supplier chose.

use super::fault::Fault;
use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;

/// More elements, attributes and texts than any report of [`super::MAX_BODY`] bytes could use well.
const MAX_NODES: u32 = 500_000;

/// Real reports nest about 25 deep. A bound keeps the walk over a section from exhausting the stack.
const MAX_DEPTH: u32 = 200;

/// The body as text: UTF-8, UTF-16 with or without a byte order mark, or Latin-1 when it declares itself so.
pub fn decode(body: &[u8]) -> Result<Cow<'_, str>, Fault> {
    let wide = |little: bool, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|pair| {
            if little {
                u16::from_le_bytes([pair[0], pair[1]])
            } else {
                u16::from_be_bytes([pair[0], pair[1]])
            }
        });
        char::decode_utf16(units).collect::<Result<String, _>>().map(Cow::Owned).map_err(|_| {
            Fault::client(
                "The message is not readable text.",
                "The body begins as UTF-16 and is not valid UTF-16.",
            )
        })
    };
    match body {
        [0xFF, 0xFE, rest @ ..] => return wide(true, rest),
        [0xFE, 0xFF, rest @ ..] => return wide(false, rest),
        [b'<', 0, ..] => return wide(true, body),
        [0, b'<', ..] => return wide(false, body),
        _ => {}
    }
    let body = body.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(body);
    std::str::from_utf8(body).map(Cow::Borrowed).or_else(|error| {
        let declaration = String::from_utf8_lossy(&body[..body.len().min(120)]).to_lowercase();
        if ["iso-8859-1", "windows-1252", "latin1"].iter().any(|name| declaration.contains(name)) {
            Ok(Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()))
        } else {
            Err(Fault::client(
                "The message is not readable text.",
                format!("The body is not valid UTF-8 after byte {}.", error.valid_up_to()),
            ))
        }
    })
}

/// The document, without a DTD and of bounded size, so that no entity can expand (OWASP XXE, entity bombs).
pub fn parse(text: &str) -> Result<Document<'_>, Fault> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let text = text.trim_start();
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => Fault::client(
            "The message holds a document type definition, which is not accepted.",
            "Remove the DOCTYPE and its entities.",
        ),
        roxmltree::Error::NodesLimitReached => {
            Fault::client("The message has too many elements.", format!("More than {MAX_NODES} XML nodes."))
        }
        other => {
            let place = other.pos();
            Fault::client(
                "The message is not well-formed XML.",
                format!("Near line {}, column {}.", place.row, place.col),
            )
        }
    })?;
    if too_deep(&document) {
        return Err(Fault::client(
            "The message is nested too deeply.",
            format!("More than {MAX_DEPTH} elements inside one another."),
        ));
    }
    Ok(document)
}

fn too_deep(document: &Document<'_>) -> bool {
    let mut depth = 0_u32;
    let mut node = document.root();
    loop {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > MAX_DEPTH {
                return true;
            }
            node = child;
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return false };
            depth = depth.saturating_sub(1);
            node = parent;
        }
    }
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
