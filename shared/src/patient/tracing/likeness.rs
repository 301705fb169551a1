//! Whether the two can be one person.

use super::TracedField;
use crate::consultation::Patient;
use crate::patient::PdsPatient;

/// How far the two seem to be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Birth date, and family name or NHS number, agree.
    Plausible,
    /// Not enough agrees, or too little is known to tell.
    Doubtful,
    /// Family name and birth date are both known on both sides, and both differ.
    Unlike,
}

impl Likeness {
    pub fn of(said: &Patient, held: &PdsPatient) -> Self {
        let known = |field: TracedField| !field.said(said).is_empty() && !field.held(held).is_empty();
        let agrees = |field: TracedField| known(field) && field.agrees(said, held);
        let differs = |field: TracedField| known(field) && !field.agrees(said, held);
        let named = agrees(TracedField::FamilyName) || agrees(TracedField::NhsNumber);
        if agrees(TracedField::BirthDate) && named {
            Self::Plausible
        } else if differs(TracedField::FamilyName) && differs(TracedField::BirthDate) {
            Self::Unlike
        } else {
            Self::Doubtful
        }
    }

    /// What to be warned of before going on; `None` where nothing is to be said.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::Plausible => None,
            Self::Doubtful => Some(
                "Too little agrees to be sure that this is the same person. Ask the patient for their date of birth \
                 and address before you go on.",
            ),
            Self::Unlike => Some(
                "Family name and date of birth are both different: this looks like somebody else. Check the NHS \
                 number and ask the patient before you go on.",
            ),
        }
    }
}
