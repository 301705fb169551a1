//! Prices and reasons for paying nothing, as they stood on a day.

use jiff::civil::Date;
use serde::Deserialize;
use std::sync::LazyLock;

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/charges.json")))
        .expect("charges.toml is checked by a test")
});

pub(super) fn rules() -> &'static Rules {
    &RULES
}

/// The file as it stands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Rules {
    prices_known_until: Date,
    form_of: Date,
    pub charged: Vec<String>,
    price: Vec<Price>,
    exemption: Vec<Exemption>,
    pub free: Free,
    pub signed: Signed,
    pub hrt: Covered,
    pub pieces: Pieces,
    confirmed: Confirmed,
}

/// Items free for everybody.
#[derive(Debug, Deserialize)]
pub(super) struct Free {
    pub code: String,
    pub words: String,
    pub groups: Vec<String>,
    pub substances: Vec<String>,
    /// Substances that are meant where they are the only one.
    pub alone: Vec<String>,
}

/// What is signed for whoever pays.
#[derive(Debug, Deserialize)]
pub(super) struct Signed {
    /// dm+d control categories.
    pub schedules: Vec<String>,
    pub words: String,
}

/// Items by the first word of an ingredient.
#[derive(Debug, Deserialize)]
pub(super) struct Covered {
    pub substances: Vec<String>,
}

/// Appliances that are charged by the piece.
#[derive(Debug, Deserialize)]
pub(super) struct Pieces {
    pub words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Confirmed {
    words: String,
    maternity: String,
    maternity_words: String,
}

/// What is paid from a day on, in pence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Price {
    pub from: Date,
    pub item: u32,
    /// Prepayment certificates; `None` where the price is not known.
    pub three_months: Option<u32>,
    pub twelve_months: Option<u32>,
    pub hrt: Option<u32>,
    /// What of it nobody has checked, in words; empty where all was.
    #[serde(default)]
    pub unverified: String,
    /// No price was known for the day that was asked for: this is the last one before.
    #[serde(skip)]
    pub may_be_outdated: bool,
}

/// A reason for paying nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Exemption {
    /// What a record keeps: the EPS code, or the form's letter where no EPS code is published.
    pub code: String,
    letter: String,
    older_letter: String,
    pub words: String,
    /// `age`, `declaration`, `certificate`, `benefit`.
    pub evidence: String,
    pub from: Option<Date>,
    /// The last day on which it counts.
    pub until: Option<Date>,
    /// `hrt` where it is good for some items only; empty for all.
    #[serde(default)]
    pub covers: String,
    #[serde(default)]
    pub unverified: String,
}

impl Exemption {
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The box of the FP10 that stands for it: of the form of February 2020 where `day` is after that.
    pub fn letter_on(&self, day: Date) -> &str {
        if day >= rules().form_of { &self.letter } else { &self.older_letter }
    }

    /// The code for a message of the EPS; `None` where none is published.
    pub fn eps_code(&self) -> Option<&str> {
        self.code.starts_with('0').then_some(self.code.as_str())
    }

    /// Whether somebody is asked to show something for it.
    pub fn asks_evidence(&self) -> bool {
        self.evidence != "age"
    }
}

/// The charge an item as of a day; `None` before the list begins.
pub fn price_on(day: Date) -> Option<Price> {
    let price = RULES.price.iter().filter(|price| price.from <= day).max_by_key(|price| price.from)?;
    Some(Price { may_be_outdated: day > RULES.prices_known_until, ..price.clone() })
}

/// The EPS code for items that are free for everybody.
pub fn free_code() -> &'static str {
    &RULES.free.code
}

/// What counts on a day, in the order of the form.
pub fn exemptions_on(day: Date) -> Vec<&'static Exemption> {
    RULES.exemption.iter().filter(|exemption| exemption.is_valid_on(day)).collect()
}

/// A reason by its code, whether or not it still counts.
pub fn exemption(code: &str) -> Option<&'static Exemption> {
    RULES.exemption.iter().find(|exemption| exemption.code == code)
}

/// Whether a code says that the real-time exemption check found one: 9000 to 9999 (medicines.md 3).
pub fn is_confirmed(code: &str) -> bool {
    code.len() == 4 && code.starts_with('9') && code.bytes().all(|b| b.is_ascii_digit())
}

/// What such a code says, in words.
pub fn confirmed_words(code: &str) -> &'static str {
    let confirmed = &RULES.confirmed;
    if code == confirmed.maternity { &confirmed.maternity_words } else { &confirmed.words }
}

/// `£9.90`.
pub fn in_pounds(pence: u32) -> String {
    format!("£{}.{:02}", pence / 100, pence % 100)
}
