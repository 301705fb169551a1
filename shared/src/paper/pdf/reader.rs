//! Reads back what this writer writes, strictly: tests look at pages, texts and bars as a printer would.

use super::{POINTS, Style};
use std::collections::BTreeMap;

/// A page as it was found in the file; places in millimetres from the top left.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Seen {
    pub width: f64,
    pub height: f64,
    pub texts: Vec<SeenText>,
    /// Left, top, width and height of black rectangles.
    pub bars: Vec<[f64; 4]>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct SeenText {
    pub x: f64,
    pub y: f64,
    /// Letter by letter as WinAnsiEncoding; those above 159 are Latin-1.
    pub text: String,
    pub size: f64,
    pub bold: bool,
}

impl SeenText {
    /// Where it ends.
    pub fn right(&self) -> f64 {
        let style = if self.bold { Style::bold(self.size) } else { Style::regular(self.size) };
        self.x + style.width_of(&self.text)
    }
}

impl Seen {
    /// All texts, a space between.
    pub fn words(&self) -> String {
        self.texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Where that text stands.
    pub fn place_of(&self, text: &str) -> Option<(f64, f64)> {
        self.texts.iter().find(|seen| seen.text == text).map(|seen| (seen.x, seen.y))
    }
}

/// Follows `startxref`, the table, the trailer, the catalogue and the tree of pages. Panics where the file is broken.
pub fn read(bytes: &[u8]) -> Vec<Seen> {
    let file: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    assert!(file.starts_with("%PDF-1.6\n"), "no header");
    assert!(file.ends_with("%%EOF\n"), "no end");
    let objects = objects(&file);
    let catalogue = &objects[&reference(trailer(&file), "/Root")];
    assert!(catalogue.contains("/PrintScaling /None"), "it would be scaled");
    let pages = &objects[&reference(catalogue, "/Pages")];
    let kids = between(pages, "/Kids [", "]");
    let kids: Vec<usize> = kids.split(" 0 R").filter_map(|kid| kid.trim().parse().ok()).collect();
    assert_eq!(between(pages, "/Count ", " "), kids.len().to_string());
    kids.into_iter().map(|kid| page(&objects[&kid], &objects)).collect()
}

fn trailer(file: &str) -> &str {
    &file[file.rfind("trailer").expect("a trailer")..]
}

fn objects(file: &str) -> BTreeMap<usize, String> {
    let start = file.rfind("startxref\n").expect("a startxref") + 10;
    let table: usize = file[start..].lines().next().expect("a place").parse().expect("a number");
    let table = &file[byte(file, table)..];
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("xref"), "startxref does not lead to the table");
    let count: usize = lines.next().expect("a range")[2..].parse().expect("a count");
    assert_eq!(between(trailer(file), "/Size ", " "), count.to_string());
    let mut objects = BTreeMap::new();
    for (number, line) in lines.take(count).enumerate() {
        assert_eq!(line.len(), 19, "an entry of the table has twenty bytes with its line end");
        if number == 0 {
            continue;
        }
        let place: usize = line[..10].parse().expect("a place");
        let object = &file[byte(file, place)..];
        let head = format!("{number} 0 obj\n");
        assert!(object.starts_with(&head), "object {number} is not where the table says");
        let length = object.find("/Length ").filter(|at| object[..*at].lines().count() == 2);
        let end = match length {
            Some(_) => {
                let length: usize = between(object, "/Length ", " ").parse().expect("a length");
                let from = object.find("stream\n").expect("a stream") + 7;
                let stream: String = object[from..].chars().take(length).collect();
                assert!(object[from + stream.len()..].starts_with("\nendstream\nendobj\n"), "a wrong length");
                from + stream.len()
            }
            None => object.find("\nendobj\n").expect("an end"),
        };
        objects.insert(number, object[head.len()..end].to_owned());
    }
    objects
}

/// Bytes were read as letters, so a byte's place is a letter's.
fn byte(file: &str, place: usize) -> usize {
    file.char_indices().nth(place).map_or(file.len(), |(at, _)| at)
}

fn reference(object: &str, key: &str) -> usize {
    between(object, &format!("{key} "), " ").parse().expect("a reference")
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).expect("a beginning") + from.len();
    &text[start..start + text[start..].find(to).expect("an end")]
}

fn page(object: &str, objects: &BTreeMap<usize, String>) -> Seen {
    let size: Vec<f64> =
        between(object, "/MediaBox [", "]").split(' ').filter_map(|n| n.parse().ok()).collect();
    let (width, height) = (size[2] / POINTS, size[3] / POINTS);
    let mut seen = Seen { width, height, ..Seen::default() };
    let content = &objects[&reference(object, "/Contents")];
    let content = &content[content.find("stream\n").expect("a stream") + 7..];
    for line in operations(content) {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<f64>().expect("a number");
        if line.starts_with("BT ") {
            let open = line.find('(').expect("a text");
            let close = line.rfind(") Tj ET").expect("the end of a text");
            seen.texts.push(SeenText {
                x: number(4) / POINTS,
                y: height - number(5) / POINTS,
                text: unescaped(&line[open + 1..close]),
                size: number(2),
                bold: words[1] == "/F2",
            });
        } else if line.ends_with(" re f") {
            let tall = number(3) / POINTS;
            seen.bars.push([
                number(0) / POINTS,
                height - number(1) / POINTS - tall,
                number(2) / POINTS,
                tall,
            ]);
        } else {
            assert!(line.ends_with(" l S"), "an unknown operation: {line}");
        }
    }
    seen
}

fn operations(content: &str) -> impl Iterator<Item = &str> {
    content.split('\n').filter(|line| !line.is_empty())
}

fn unescaped(text: &str) -> String {
    let mut letters = text.chars();
    let mut plain = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            '(' | ')' => panic!("a bracket that would end the text: {text}"),
            _ => plain.push(letter),
        }
    }
    plain
}
