//! Reads laid-out pages back: from typst's own frames always, by poppler where it is installed.

use crate::layout;
use shared::letter::Letter;
use std::io::Write as _;
use std::process::{Command, Stdio};
use typst::layout::{Frame, FrameItem, Point};

/// One piece of text: where it begins on the page and where it ends, its size, its words.
struct Piece {
    right: f64,
    points: f64,
    words: String,
}

fn pieces(frame: &Frame, origin: Point, found: &mut Vec<Piece>) {
    for (at, item) in frame.items() {
        let at = origin + *at;
        match item {
            FrameItem::Group(group) => pieces(&group.frame, at, found),
            FrameItem::Text(text) => found.push(Piece {
                right: (at.x + text.width()).to_pt(),
                points: text.size.to_pt(),
                words: text.text.to_string(),
            }),
            _ => {}
        }
    }
}

fn all(letter: &Letter) -> Vec<Vec<Piece>> {
    let document = layout::pages(letter).expect("pages");
    let pages = document.pages().iter();
    pages
        .map(|page| {
            let mut found = Vec::new();
            pieces(&page.frame, Point::zero(), &mut found);
            found
        })
        .collect()
}

/// The words of each page. Pieces are joined by a space; where a line may break unseen, nothing is between.
pub fn pages(letter: &Letter) -> Vec<String> {
    let pages = all(letter).into_iter();
    pages
        .map(|page| {
            let words: Vec<String> =
                page.into_iter().map(|piece| piece.words.replace('\u{200b}', "")).collect();
            words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// The words of the whole letter.
pub fn words(letter: &Letter) -> String {
    pages(letter).join(" ")
}

/// The size of the body, in points.
pub fn points(letter: &Letter) -> f64 {
    let sizes = all(letter).into_iter().flatten().map(|piece| (piece.points * 100.0).round() / 100.0);
    sizes.filter(|size| [9.5, 10.5].contains(size)).fold(0.0, f64::max)
}

/// How far right anything reaches, in points.
pub fn rightmost(letter: &Letter) -> f64 {
    all(letter).into_iter().flatten().map(|piece| piece.right).fold(0.0, f64::max)
}

/// What a tool of poppler says of a file; `None`, said aloud, where it is not installed.
pub fn tool(name: &str, arguments: &[&str], file: &[u8]) -> Option<String> {
    let piped = Command::new(name).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut running) = piped else {
        // Past the test harness, which swallows what is printed. Standard error may be closed; then nobody reads it.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {name} is not installed (package poppler-utils)");
        return None;
    };
    let mut input = running.stdin.take().expect("a pipe");
    let file = file.to_vec();
    let writing = std::thread::spawn(move || input.write_all(&file));
    let said = running.wait_with_output().expect("an answer");
    writing.join().expect("written").expect("read by the tool");
    assert!(said.status.success(), "{name} does not read it: {}", String::from_utf8_lossy(&said.stderr));
    Some(String::from_utf8_lossy(&said.stdout).into_owned())
}
