//! The text of a pathway file: parsed part by part, so that all mistakes are told at once, each with its line.

use serde::de::DeserializeOwned;
use shared::pathway::{
    Case, Field, Gateway, Link, Outcome, Pathway, Score, Section, Treatment, Warning, common,
};
use shared::supply::pgd::Direction;
use std::fmt;

/// Something wrong, for whoever writes the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// From 1; 0 where it is not of this file but of a common group.
    pub line: usize,
    pub place: String,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            write!(f, "{}", self.what)
        } else {
            write!(f, "{}: {}", self.place, self.what)
        }
    }
}

/// One `[[kind]]` with all lines that belong to it.
#[derive(Debug)]
struct Block {
    kind: String,
    /// Its `id`, or a case's `name`; empty where it has none.
    name: String,
    /// Lines of the text, from 0; the last is not part of it.
    lines: std::ops::Range<usize>,
}

/// A file's text, cut into its parts.
#[derive(Debug)]
pub struct Source {
    text: String,
    blocks: Vec<Block>,
}

impl Source {
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if let Some(kind) = line.strip_prefix("[[").and_then(|rest| rest.split("]]").next()) {
                blocks.push(Block { kind: kind.trim().to_owned(), name: String::new(), lines: at..at + 1 });
                open = true;
                continue;
            }
            let Some(block) = blocks.last_mut().filter(|_| open) else { continue };
            let own = format!("[{}.", block.kind);
            if line.starts_with('[') && !line.starts_with(&own) {
                open = false;
                continue;
            }
            if block.name.is_empty() && !line.starts_with('[') {
                block.name = named(line).unwrap_or_default();
            }
            block.lines.end = at + 1;
        }
        Self { text, blocks }
    }

    /// The pathway with its common groups, or all that keeps it from being read.
    pub fn read(&self) -> Result<Pathway, Vec<Fault>> {
        let mut pathway: Pathway = match toml::from_str(&self.text) {
            Ok(pathway) => pathway,
            Err(error) => return Err(self.unreadable(&error)),
        };
        let unknown = pathway.include(common());
        if unknown.is_empty() {
            return Ok(pathway);
        }
        let fault = |name: &String| Fault {
            line: self.text.lines().position(|line| line.contains(name.as_str())).map_or(0, |at| at + 1),
            place: "include".to_owned(),
            what: format!("there is no group {name} in common.toml"),
        };
        Err(unknown.iter().map(fault).collect())
    }

    /// A fault with the line of its place, as `shared::pathway` names places: `field temperature, shown`.
    pub fn fault(&self, place: &str, what: impl Into<String>) -> Fault {
        Fault { line: self.line_of(place), place: place.to_owned(), what: what.into() }
    }

    fn line_of(&self, place: &str) -> usize {
        let named = self.blocks.iter().filter(|block| {
            let full = format!("{} {}", block.kind, block.name);
            place.strip_prefix(&full).is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
        });
        if let Some(block) = named.max_by_key(|block| block.name.len()) {
            return block.lines.start + 1;
        }
        let table = place.split([' ', ',']).next().unwrap_or_default();
        let header = format!("[{table}]");
        let at = self.text.lines().position(|line| line.trim() == header);
        at.map_or_else(|| usize::from(table == "pathway"), |at| at + 1)
    }

    /// Every part that cannot be read; the whole file's error where each part by itself can be.
    fn unreadable(&self, whole: &toml::de::Error) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.blocks.iter().filter_map(|block| self.unread(block)).collect();
        faults.extend(self.unread_head());
        if faults.is_empty() {
            faults.push(fault_of(&self.text, whole));
        }
        faults.sort_by_key(|fault| fault.line);
        faults
    }

    fn unread(&self, block: &Block) -> Option<Fault> {
        // Without its own name it is a table of its own, whose mistakes have places.
        let own = format!("[{}.", block.kind);
        let alone = self.only(|at| block.lines.contains(&at) && at != block.lines.start).replace(&own, "[");
        let error = match block.kind.as_str() {
            "section" => part::<Section>(&alone),
            "field" => part::<Field>(&alone),
            "score" => part::<Score>(&alone),
            "gateway" => part::<Gateway>(&alone),
            "treatment" => part::<Treatment>(&alone),
            "direction" => part::<Direction>(&alone),
            "link" => part::<Link>(&alone),
            "warning" => part::<Warning>(&alone),
            "outcome" => part::<Outcome>(&alone),
            "case" => part::<Case>(&alone),
            // Told with what stands before the parts.
            _ => None,
        }?;
        let mut fault = fault_of(&alone, &error);
        fault.place =
            if block.name.is_empty() { block.kind.clone() } else { format!("{} {}", block.kind, block.name) };
        if fault.line == 0 {
            fault.line = block.lines.start + 1;
        }
        Some(fault)
    }

    /// What stands outside every part, read with the least that a pathway needs.
    fn unread_head(&self) -> Option<Fault> {
        const KINDS: [&str; 10] = [
            "section",
            "field",
            "score",
            "gateway",
            "treatment",
            "direction",
            "link",
            "warning",
            "outcome",
            "case",
        ];
        let known = |at: usize| {
            let mut blocks = self.blocks.iter().filter(|block| KINDS.contains(&block.kind.as_str()));
            blocks.any(|block| block.lines.contains(&at))
        };
        let mut head = self.only(|at| !known(at));
        for (kind, least) in [
            ("section", "\n[[section]]\nid = \"a\"\ntitle = \"a\"\n"),
            ("outcome", "\n[[outcome]]\nid = \"a\"\nlabel = \"a\"\nwhen = \"always\"\n"),
        ] {
            if self.blocks.iter().any(|block| block.kind == kind) {
                head.push_str(least);
            }
        }
        toml::from_str::<Pathway>(&head).err().map(|error| fault_of(&head, &error))
    }

    /// The text with every other line empty, so that lines keep their numbers.
    fn only(&self, keep: impl Fn(usize) -> bool) -> String {
        let lines = self.text.lines().enumerate().map(|(at, line)| if keep(at) { line } else { "" });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// `id = "red-flags"` or `name = "at 18 she is old enough"`.
fn named(line: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let value = value.trim().strip_prefix('"')?.split('"').next()?;
    ["id", "name"].contains(&key.trim()).then(|| value.to_owned())
}

fn part<T: DeserializeOwned>(alone: &str) -> Option<toml::de::Error> {
    toml::from_str::<T>(alone).err()
}

/// Where the reader says no place, or the whole text, it is the line that holds the word it names.
fn fault_of(text: &str, error: &toml::de::Error) -> Fault {
    let told = error.span().filter(|span| span.start > 0);
    let named = error.message().split('`').nth(1).unwrap_or_default();
    let line = match told {
        Some(span) => text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1,
        None if named.is_empty() => 0,
        None => text.lines().position(|line| line.contains(named)).map_or(0, |at| at + 1),
    };
    Fault { line, place: String::new(), what: error.message().trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../shared/pathways/minor-illness.toml");

    #[test]
    fn a_file_that_is_sound_is_read_with_its_groups() {
        let pathway = Source::new(FILE).read().expect("sound");
        assert_eq!(pathway.key(), "minor-illness@1");
        assert!(pathway.field("consent-by").is_some(), "from a group");
    }

    #[test]
    fn every_part_that_cannot_be_read_is_told_at_once_with_its_line() {
        let text = FILE
            .replacen("strand = \"MI\"", "strand = \"MX\"", 1)
            .replacen("kind = \"yes-no\"", "kind = \"yes-or-no\"", 1)
            .replacen("when = { not = { known = \"age\" } }", "whenn = \"always\"", 1);
        let faults = Source::new(text.clone()).read().expect_err("three mistakes");
        let lines: Vec<&str> = text.lines().collect();
        let told: Vec<(&str, &str)> =
            faults.iter().map(|fault| (lines[fault.line - 1], fault.place.as_str())).collect();
        assert_eq!(told.len(), 3, "{faults:?}");
        assert_eq!(told[0].0, "strand = \"MX\"");
        assert_eq!(told[1], ("kind = \"yes-or-no\"", "field rf-rash"));
        assert_eq!(told[2].0, "whenn = \"always\"");
        assert!(faults[1].what.contains("yes-or-no") && faults[1].what.contains("yes-no"), "{}", faults[1]);
    }

    #[test]
    fn a_group_that_is_not_there_is_told_with_the_line_that_names_it() {
        let text = FILE.replacen("consent@1", "consent@9", 1);
        let faults = Source::new(text.clone()).read().expect_err("no such group");
        assert!(text.lines().nth(faults[0].line - 1).expect("a line").contains("consent@9"));
    }

    #[test]
    fn a_place_has_the_line_where_it_begins() {
        let source = Source::new(FILE);
        let line =
            |place: &str| FILE.lines().nth(source.fault(place, "").line - 1).unwrap_or_default().to_owned();
        assert_eq!(line("medicines"), "[medicines]");
        assert_eq!(line("field rf-rash, shown"), "[[field]]");
        assert_eq!(source.fault("field consent-by", "").line, 0, "it stands in a group");
    }
}
