//! The headings under which a GP reads what was found and done.

use serde::{Deserialize, Serialize};

/// Headings under which the GP reads, in their order (RecordStandardHeadings; referrals.md 4.10).
///
/// `safeguarding` is left out on purpose: it never travels in the ordinary notice (practice 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heading {
    ClinicalSummary,
    PresentingComplaintsOrIssues,
    RedFlags,
    History,
    SocialContext,
    PregnancyStatus,
    ProceduresAndTherapies,
    InformationAndAdviceGiven,
    PlanAndRequestedActions,
    SignpostDetails,
}

impl Heading {
    /// Code of `https://fhir.nhs.uk/CodeSystem/RecordStandardHeadings`.
    pub fn code(self) -> &'static str {
        self.both().0
    }

    /// The published words for the code.
    pub fn title(self) -> &'static str {
        self.both().1
    }

    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::ClinicalSummary => ("clinical-summary", "Clinical summary"),
            Self::PresentingComplaintsOrIssues => {
                ("presenting-complaints-or-issues", "Presenting complaints or issues")
            }
            Self::RedFlags => ("red-flags", "Red flags"),
            Self::History => ("history", "History"),
            Self::SocialContext => ("social-context", "Social context"),
            Self::PregnancyStatus => ("pregnancy-status", "Pregnancy status"),
            Self::ProceduresAndTherapies => ("procedures-and-therapies", "Procedures and therapies"),
            Self::InformationAndAdviceGiven => {
                ("information-and-advice-given", "Information and advice given")
            }
            Self::PlanAndRequestedActions => ("plan-and-requested-actions", "Plan and requested actions"),
            Self::SignpostDetails => ("signpost-details", "Signpost details"),
        }
    }
}
