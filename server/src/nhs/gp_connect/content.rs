//! What the practice reads: words under PRSB headings, and the few findings its system can file as codes.

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

/// A measurement that practice systems accept as a code. Oxygen saturation, breathing rate, pain, consciousness and
/// NEWS2 are not among them: with one of those the whole message is refused, so they travel as words (practice 17).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measurement {
    /// Degrees Celsius.
    Temperature(f64),
    /// Beats a minute.
    HeartRate(f64),
    /// mm[Hg].
    BloodPressure { systolic: f64, diastolic: f64 },
}

/// A number as the message writes it: its code, its unit in words and in UCUM, and how many decimals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    pub coding: Coding<'static>,
    pub unit: &'static str,
    pub ucum: &'static str,
    pub decimals: usize,
    pub value: f64,
}

/// One coded observation: either a value of its own, or components under a common code.
#[derive(Debug, Clone)]
pub(super) enum Observation {
    Single(Quantity),
    Panel(Coding<'static>, Vec<Quantity>),
}

impl Measurement {
    /// Codes, units and decimals of GP Connect Update Record (referrals.md 10.2).
    pub(super) fn observation(self) -> Observation {
        let pressure = |code, display, value| Quantity {
            coding: Coding::snomed(code, display),
            unit: "millimeter of mercury",
            ucum: "mm[Hg]",
            decimals: 0,
            value,
        };
        match self {
            Self::Temperature(value) => Observation::Single(Quantity {
                coding: Coding::snomed("703421000", "Temperature"),
                unit: "degree Celsius",
                ucum: "Cel",
                decimals: 1,
                value,
            }),
            Self::HeartRate(value) => Observation::Single(Quantity {
                coding: Coding::snomed("364075005", "Heart rate"),
                unit: "per minute",
                ucum: "{beats}/min",
                decimals: 0,
                value,
            }),
            Self::BloodPressure { systolic, diastolic } => Observation::Panel(
                Coding::snomed("163020007", "On examination - blood pressure reading"),
                vec![
                    pressure("72313002", "Systolic arterial pressure", systolic),
                    pressure("1091811000000102", "Diastolic arterial pressure", diastolic),
                ],
            ),
        }
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
