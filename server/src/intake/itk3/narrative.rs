//! The words of a document's sections, which FHIR keeps as XHTML: read as plain lines, never shown as markup.

use roxmltree::{Document, Node, ParsingOptions};

const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// More elements than any letter has.
const MOST_NODES: u32 = 500_000;
/// Deeper than any letter nests its words.
const DEEPEST: usize = 64;
/// As much as a screen shows; the rest stands in the original.
const LONGEST: usize = 64 * 1024;

/// Every section's title and words in the order of the document, and whether something was left out.
pub fn words(text: &str) -> (String, bool) {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let Ok(document) = Document::parse_with_options(text, options) else { return (String::new(), false) };
    let mut words = String::new();
    for section in document.descendants().filter(|node| node.tag_name().name() == "section") {
        if words.len() > LONGEST {
            return (cut(words), true);
        }
        let title = section.children().find(|node| node.tag_name().name() == "title");
        if let Some(title) = title.and_then(|title| title.attribute("value")) {
            line_break(&mut words);
            words.push_str(title.trim());
            words.push_str(":\n");
        }
        let narrative = section.children().find(|node| node.tag_name().name() == "text");
        let divs = narrative.into_iter().flat_map(|node| node.children());
        for div in divs.filter(|node| node.tag_name().namespace() == Some(XHTML)) {
            plain(div, &mut words, 0);
        }
    }
    (cut(words), false)
}

fn cut(words: String) -> String {
    let words = words.trim();
    let end = words.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST).unwrap_or(words.len());
    words[..end].to_owned()
}

fn line_break(words: &mut String) {
    if !words.is_empty() && !words.ends_with('\n') {
        words.push('\n');
    }
}

fn plain(node: Node<'_, '_>, words: &mut String, depth: usize) {
    if depth > DEEPEST || words.len() > 2 * LONGEST {
        return;
    }
    for child in node.children() {
        if let Some(text) = child.text().filter(|_| child.is_text()) {
            let tidy = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !tidy.is_empty() {
                let apart = words.ends_with(|c: char| !c.is_whitespace());
                if apart {
                    words.push(' ');
                }
                words.push_str(&tidy);
            }
            continue;
        }
        let block = matches!(
            child.tag_name().name(),
            "p" | "div" | "li" | "tr" | "table" | "ul" | "ol" | "br" | "h1" | "h2" | "h3" | "h4"
        );
        if block {
            line_break(words);
        }
        plain(child, words, depth + 1);
        if block {
            line_break(words);
        }
    }
}
