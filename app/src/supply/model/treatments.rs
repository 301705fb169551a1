//! Which medicines a clinical pathway offers on the answers so far, and under which direction.

use jiff::civil::Date;
use shared::pathway::{Assessment, Pathway, Treatment};
use shared::supply::pgd::{self, Direction};

/// One medicine to consider.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offered {
    pub treatment: &'static Treatment,
    /// The direction that counts today, or the last one that did; `None` where it is sold or given under a protocol.
    pub direction: Option<&'static Direction>,
    /// By the answers; the others of the pathway are listed behind these.
    pub by_answers: bool,
}

impl Offered {
    /// What the search for a product begins with.
    pub fn search_words(&self) -> String {
        self.direction.and_then(|direction| direction.substances.first()).cloned().unwrap_or_default()
    }
}

/// All medicines of the pathway, those first that the answers offer.
pub fn offered(pathway: &'static Pathway, assessment: &Assessment<'static>, today: Date) -> Vec<Offered> {
    let by_answers = |treatment: &Treatment| assessment.treatments.iter().any(|one| one.id == treatment.id);
    let mut all: Vec<Offered> = pathway
        .treatments
        .iter()
        .map(|treatment| Offered {
            treatment,
            direction: pgd::of_day(&treatment.direction, today),
            by_answers: by_answers(treatment),
        })
        .collect();
    all.sort_by_key(|offered| !offered.by_answers);
    all
}
