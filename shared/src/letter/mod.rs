//! What leaves the pharmacy as words: one letter for the PDF, the e-mail, the printer and the preview.

mod answer;
mod given;
mod notice;
mod onward;
mod reference;

pub use answer::{answer, ended};
pub use given::given;
pub use notice::{Letterhead, Sending, gp_notice};
pub use onward::onward_referral;
pub use reference::reference;

use serde::{Deserialize, Serialize};

/// One letter. Everything in it is plain text: nothing is ever interpreted as markup.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Letter {
    /// `Pharmacy First: minor illness`.
    pub title: String,
    /// What both sides quote: `ABCD-1234`. The same on every way a message goes.
    pub reference: String,
    /// 0 for the first, then the number of the amendment it carries.
    pub version: u64,
    /// What the reader must see first, a sentence each: *may repeat an electronic message*, *replaces version 1*.
    pub banners: Vec<String>,
    /// Who writes, a line each: pharmacy, ODS code, address, phone.
    pub from: Vec<String>,
    /// To whom, a line each.
    pub to: Vec<String>,
    /// Who it is about, as label and value: name, date of birth, NHS number, address.
    pub about: Vec<(String, String)>,
    /// The body, in order.
    pub blocks: Vec<Block>,
    /// Who signed and when, in words.
    pub signed: String,
    /// The day of the letter, RFC 3339: it is made the same whenever it is made.
    pub at: String,
}

impl Letter {
    /// `Reference ABCD-1234, version 1`: people count from one.
    pub fn reference_line(&self) -> String {
        format!("Reference {}, version {}", self.reference, self.version.saturating_add(1))
    }
}

/// Words under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Block {
    pub heading: String,
    /// One fact a line.
    pub lines: Vec<String>,
}

impl Block {
    fn of(heading: &str, text: &str) -> Self {
        let lines = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
        Self { heading: heading.to_owned(), lines: lines.map(str::to_owned).collect() }
    }
}
