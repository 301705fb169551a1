//! What the practice reads: words under PRSB headings, and the few findings its system can file as codes.

use super::supply::Supply;
use super::vital_signs::Measurement;
use super::xml::Coding;

/// A heading that Update Record carries (referrals.md 4.10). There is none for safeguarding or allergies, so what
/// must not be sent cannot be named (practice 10; Update Record, iteration 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Heading {
    /// The one that every notice must have.
    ClinicalSummary,
    History,
    RedFlags,
    AdviceGiven,
    Plan,
    Signpost,
    SocialContext,
    Procedures,
}

impl Heading {
    const ALL: [Self; 8] = [
        Self::ClinicalSummary,
        Self::History,
        Self::RedFlags,
        Self::AdviceGiven,
        Self::Plan,
        Self::Signpost,
        Self::SocialContext,
        Self::Procedures,
    ];

    /// By its PRSB code; `None` for a heading that does not go to the practice by this route.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|heading| heading.code() == code)
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::ClinicalSummary => "clinical-summary",
            Self::History => "history",
            Self::RedFlags => "red-flags",
            Self::AdviceGiven => "information-and-advice-given",
            Self::Plan => "plan-and-requested-actions",
            Self::Signpost => "signpost-details",
            Self::SocialContext => "social-context",
            Self::Procedures => "procedures-and-therapies",
        }
    }

    pub(super) fn coding(self) -> Coding<'static> {
        let display = match self {
            Self::ClinicalSummary => "Clinical summary",
            Self::History => "History",
            Self::RedFlags => "Red flags",
            Self::AdviceGiven => "Information and advice given",
            Self::Plan => "Plan and requested actions",
            Self::Signpost => "Signpost details",
            Self::SocialContext => "Social context",
            Self::Procedures => "Procedures and therapies",
        };
        Coding { system: HEADINGS, code: self.code(), display }
    }
}

const HEADINGS: &str = "https://fhir.nhs.uk/CodeSystem/RecordStandardHeadings";

pub(super) const COMPLAINT: Coding<'static> = Coding {
    system: HEADINGS,
    code: "presenting-complaints-or-issues",
    display: "Presenting complaints or issues",
};

/// A finding in SNOMED CT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    pub code: String,
    pub display: String,
}

/// A finding that is its code, without a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub(super) tag: Coding<'static>,
    /// Filed as social history.
    pub(super) social: bool,
    pub coded: Coded,
}

impl Finding {
    /// By the PRSB heading it belongs under; `None` where Update Record has no such findings, and words must do.
    pub fn under(heading: &str, code: &str, display: &str) -> Option<Self> {
        let (code_of_tag, display_of_tag, social) = match heading {
            "pregnancy-status" => ("pregnancy-status", "Pregnancy status", false),
            "social-context" => ("social-context", "Social context", true),
            _ => return None,
        };
        let tag = Coding { system: HEADINGS, code: code_of_tag, display: display_of_tag };
        Some(Self { tag, social, coded: Coded { code: code.to_owned(), display: display.to_owned() } })
    }
}

/// Everything clinical in one notice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// Each heading once, in reading order: see [`Self::add`].
    pub(super) headings: Vec<(Heading, String)>,
    /// What the patient came with, where it has a code; words without one belong in the clinical summary.
    pub complaints: Vec<Coded>,
    pub measurements: Vec<Measurement>,
    pub findings: Vec<Finding>,
    /// What was handed over and is known by its code.
    pub supplies: Vec<Supply>,
}

impl Content {
    /// Adds words under a heading, below what is there already.
    pub fn add(&mut self, heading: Heading, words: &str) {
        let words = words.trim();
        if words.is_empty() {
            return;
        }
        match self.headings.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, text)) => {
                text.push('\n');
                text.push_str(words);
            }
            None => self.headings.push((heading, words.to_owned())),
        }
    }
}
