//! What the finder shows for what was typed, and what a key does; the drawing is `finder.rs`.

use crate::ui::words;
use shared::consultation::Medicine;
use shared::medicines::{Badge, Hit, Index, Level, Product, badges, look_alike};

/// As many as are listed; one more word finds the rest.
pub const MOST: usize = 20;

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Picked {
    /// A product, and the release of the dictionary that it was chosen from.
    Product { product: Box<Product>, release: String },
    /// Something that was not chosen from the dictionary, in the words that were typed.
    Words(String),
}

impl Picked {
    /// A line of the record about it, in which nothing is decided yet.
    pub fn line(&self) -> Medicine {
        match self {
            Self::Product { product, release } => product.to_line(release),
            Self::Words(words) => Medicine { name: words.clone(), ..Medicine::default() },
        }
    }
}

/// Whether a product may be supplied here, and if not why not; `None` where nothing is to be said of it.
pub type Verdict = fn(&Product) -> Option<String>;

/// What the list is narrowed to: the generics of a moiety, or the brands of a generic product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    pub code: u64,
    pub name: String,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Names in tall-man letters where they were mistaken for others.
    pub name: String,
    /// `Generic`, `Brand`; empty for what only narrows the list.
    pub level: &'static str,
    /// `capsule, 500 mg`; empty where the dictionary says neither.
    pub detail: String,
    pub badges: Vec<Badge>,
    /// Whether it may be supplied here, in words; empty where that is not said.
    pub verdict: String,
    pub act: Act,
}

/// What choosing a line does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    Narrow(Within),
    Pick(Box<Product>),
}

/// The lines for what was typed, best first, and whether there are more than are listed.
pub fn rows(
    index: &Index,
    typed: &str,
    within: Option<&Within>,
    verdict: Option<Verdict>,
) -> (Vec<Row>, bool) {
    let mut hits = match within {
        Some(within) => index.search_within(within.code, typed, MOST + 1),
        None => index.search(typed, MOST + 1),
    };
    let are_more = hits.len() > MOST;
    hits.truncate(MOST);
    (hits.into_iter().flat_map(|hit| lines_of(hit, verdict)).collect(), are_more)
}

/// A generic product has a line of its own and, where it has brands, one that lists them.
fn lines_of(hit: Hit, verdict: Option<Verdict>) -> Vec<Row> {
    let Hit { product, within } = hit;
    let name = look_alike::of(&product.name).map_or_else(|| product.name.clone(), |found| found.tall);
    let narrowed = Within { code: product.code, name: name.clone() };
    let narrow = |name: String, badges| Row {
        name,
        level: "",
        detail: String::new(),
        badges,
        verdict: String::new(),
        act: Act::Narrow(narrowed.clone()),
    };
    if product.level == Level::Vtm {
        let count = words::count(within, "product", "products");
        return vec![narrow(format!("{name}: all {count}"), badges(&product))];
    }
    let detail: Vec<&str> =
        [product.form.as_str(), &product.strength].into_iter().filter(|part| !part.is_empty()).collect();
    let row = Row {
        level: if product.level == Level::Vmp { "Generic" } else { "Brand" },
        detail: detail.join(", "),
        badges: badges(&product),
        verdict: verdict.and_then(|verdict| verdict(&product)).unwrap_or_default(),
        name: name.clone(),
        act: Act::Pick(Box::new(product)),
    };
    let brands = (within > 0)
        .then(|| narrow(format!("{} of {name}", words::count(within, "brand", "brands")), Vec::new()));
    std::iter::once(row).chain(brands).collect()
}

/// What a key does in the box above the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The line that Enter would choose; `None`: none.
    To(Option<usize>),
    Choose(usize),
    /// Back out of what the list is narrowed to, or empty the box.
    Back,
    /// Not ours: the box deals with it.
    Nothing,
}

/// `key`: as the browser names it; `at`: the line that is marked now, of `count`.
pub fn step(key: &str, at: Option<usize>, count: usize) -> Step {
    let last = count.checked_sub(1);
    match key {
        "ArrowDown" => {
            Step::To(at.map_or(last.map(|_| 0), |at| if Some(at) == last { Some(0) } else { Some(at + 1) }))
        }
        "ArrowUp" => Step::To(at.map_or(last, |at| at.checked_sub(1).or(last))),
        // Enter never chooses what nobody marked: the first line may be another medicine than was meant.
        "Enter" => at.filter(|at| *at < count).map_or(Step::Nothing, Step::Choose),
        "Escape" => Step::Back,
        _ => Step::Nothing,
    }
}

/// What is said under the box: how many there are, or what to do.
pub fn said(typed: &str, found: Option<(usize, bool)>, within: Option<&Within>, has_brands: bool) -> String {
    match found {
        None if typed.trim().is_empty() => String::new(),
        None => "There is no medicines file on this device yet, so nothing can be found. Use the words as they are; \
                 form, strength, schedule and legal class are then not known."
            .to_owned(),
        Some(_) if typed.trim().is_empty() && within.is_none() => String::new(),
        Some((0, _)) if has_brands => "Nothing has all of these words. Only whole words and their beginnings are \
                                       found, so check the spelling or type fewer."
            .to_owned(),
        Some((0, _)) => "Nothing has all of these words. Brands are not on this device yet.".to_owned(),
        Some((count, true)) => format!("The first {count} are listed. Type another word to narrow them."),
        Some((count, false)) => words::count(count, "line", "lines"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::medicines::file::{Contents, Scope, read, write};
    use shared::medicines::{Availability, LegalClass};
    use std::collections::BTreeSet;

    fn product(code: u64, level: Level, name: &str, parent: Option<u64>) -> Product {
        Product {
            code,
            level,
            name: name.to_owned(),
            parent,
            form: "tablet".to_owned(),
            strength: "5 mg".to_owned(),
            schedule: if name.starts_with("Clobazam") { 9 } else { 0 },
            legal_class: LegalClass::PrescriptionOnly,
            availability: Availability::Available,
            prescribing: 1,
            appliance: false,
            groups: BTreeSet::new(),
            ingredients: Vec::new(),
            packs: Vec::new(),
        }
    }

    fn index() -> Index {
        let products = vec![
            product(1, Level::Vtm, "Prednisolone", None),
            product(2, Level::Vmp, "Prednisolone 5mg tablets", Some(1)),
            product(3, Level::Amp, "Prednisolone 5mg tablets (Elm Pharma Ltd)", Some(2)),
            product(4, Level::Vmp, "Clobazam 10mg tablets", None),
        ];
        let contents = Contents { release: "2026-11-16".into(), built_at: String::new(), products };
        read(&write(&contents, Scope::Full)).expect("our own file")
    }

    fn names(typed: &str, within: Option<&Within>) -> Vec<String> {
        rows(&index(), typed, within, None).0.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn a_substance_narrows_a_generic_is_chosen_and_offers_its_brands() {
        let (rows, more) = rows(&index(), "pred", None, None);
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "prednisoLONE: all 1 product",
                "prednisoLONE 5mg tablets",
                "1 brand of prednisoLONE 5mg tablets",
                "prednisoLONE 5mg tablets (Elm Pharma Ltd)"
            ]
        );
        assert!(!more && matches!(rows[0].act, Act::Narrow(_)) && matches!(rows[1].act, Act::Pick(_)));
        assert_eq!((rows[1].level, rows[1].detail.as_str()), ("Generic", "tablet, 5 mg"));
    }

    #[test]
    fn what_the_list_is_narrowed_to_is_listed_before_anything_is_typed() {
        let within = Within { code: 2, name: "Prednisolone 5mg tablets".to_owned() };
        assert_eq!(names("", Some(&within)), ["prednisoLONE 5mg tablets (Elm Pharma Ltd)"]);
        assert_eq!(names("heron", Some(&within)), Vec::<String>::new());
    }

    #[test]
    fn a_line_says_schedule_legal_class_and_whether_it_may_be_supplied_here() {
        let verdict: Verdict = |product| (product.schedule > 0).then(|| "At most 5 days".to_owned());
        let (rows, _) = rows(&index(), "cloba", None, Some(verdict));
        let said: Vec<&str> = rows[0].badges.iter().map(|badge| badge.words.as_str()).collect();
        assert_eq!(said, ["Schedule 4 part 1", "Prescription only (POM)", "Not clonazePAM"]);
        assert_eq!(rows[0].verdict, "At most 5 days");
    }

    #[test]
    fn what_was_chosen_becomes_a_line_with_its_release_and_words_stay_words() {
        let product = index().product(2).expect("it");
        let picked = Picked::Product { product: Box::new(product), release: "2026-11-16".to_owned() };
        assert_eq!((picked.line().code.as_str(), picked.line().release.as_str()), ("2", "2026-11-16"));
        let words = Picked::Words("the blue one".to_owned()).line();
        assert_eq!(
            (words.name.as_str(), words.code.as_str(), words.schedule.as_str()),
            ("the blue one", "", "")
        );
    }

    #[test]
    fn enter_chooses_only_what_is_marked() {
        assert_eq!(step("Enter", None, 3), Step::Nothing);
        assert_eq!(step("Enter", Some(1), 3), Step::Choose(1));
        assert_eq!(step("Enter", Some(3), 3), Step::Nothing);
    }

    #[test]
    fn arrows_go_round_and_escape_goes_back() {
        assert_eq!(step("ArrowDown", None, 2), Step::To(Some(0)));
        assert_eq!(step("ArrowDown", Some(1), 2), Step::To(Some(0)));
        assert_eq!(step("ArrowUp", None, 2), Step::To(Some(1)));
        assert_eq!(step("ArrowUp", Some(0), 2), Step::To(Some(1)));
        assert_eq!(step("ArrowDown", None, 0), Step::To(None));
        assert_eq!(step("Escape", Some(0), 2), Step::Back);
        assert_eq!(step("a", Some(0), 2), Step::Nothing);
    }

    #[test]
    fn without_a_file_it_is_said_what_to_do() {
        assert!(said("amox", None, None, false).contains("no medicines file on this device"));
        assert_eq!(said(" ", None, None, false), "");
        assert!(said("xyz", Some((0, false)), None, true).contains("check the spelling"));
        assert!(said("xyz", Some((0, false)), None, false).contains("Brands are not on this device yet"));
        assert_eq!(
            said("a", Some((20, true)), None, true),
            "The first 20 are listed. Type another word to narrow them."
        );
    }
}
