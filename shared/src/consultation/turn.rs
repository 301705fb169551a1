//! A consultation that turns into another pathway and perhaps back: both are kept (referrals.md 2.3, 4.3).

use super::record::Consultation;
use super::summary::summarise;
use crate::pathway::{self, Facts, Field, Pathway, answer_in_words, assess_record};
use crate::time::{self, Millis};
use autosurgeon::{Hydrate, Reconcile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One change of pathway within a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Reconcile, Hydrate, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    /// `minor-illness@1` and `sore-throat@1`.
    pub from: String,
    pub to: String,
    /// RFC 3339.
    pub at: String,
    /// Name of who turned it.
    pub by: String,
    pub reason: String,
    /// What was answered before and is not asked any more, in words, a line each.
    pub said: String,
    /// What the answers came to until then: the outcome's label, or empty.
    pub outcome: String,
}

/// Why a consultation was not turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotTurn {
    #[error("It is on this pathway already.")]
    SamePathway,
    #[error("Say why it is another condition.")]
    NoReason,
    #[error("This version does not know the pathway of the record. Update Satchel.")]
    UnknownPathway,
}

impl Consultation {
    /// Goes on by another pathway. What both ask in the same words stays answered; what was answered beyond that is kept
    /// in words, and asked no more. `id` is a new UUID.
    ///
    /// # Errors
    /// [`CannotTurn`]: nothing was changed.
    pub fn turn(
        &mut self,
        id: &str,
        to: &Pathway,
        at: Millis,
        by: &str,
        reason: &str,
    ) -> Result<(), CannotTurn> {
        let reason = reason.trim();
        if to.key() == self.pathway {
            return Err(CannotTurn::SamePathway);
        }
        if reason.is_empty() {
            return Err(CannotTurn::NoReason);
        }
        let from = pathway::find(&self.pathway).ok_or(CannotTurn::UnknownPathway)?;
        let same: BTreeSet<&str> =
            from.fields.iter().filter(|field| asks(to, field)).map(|field| field.id.as_str()).collect();
        let turn = Turn {
            from: self.pathway.clone(),
            to: to.key(),
            at: time::stored(at),
            by: by.to_owned(),
            reason: reason.to_owned(),
            said: said(self, from, &same),
            outcome: summarise(self, from).outcome,
        };
        // A choice of several is one answer an option.
        let kept = |key: &String| same.contains(key.split('.').next().unwrap_or_default());
        self.answers.retain(|key, _| kept(key));
        self.observations.retain(|key, _| kept(key));
        self.pathway = to.key();
        self.turns.insert(id.to_owned(), turn);
        Ok(())
    }

    /// Every pathway that the consultation was on, in order, the present one last.
    pub fn pathways(&self) -> Vec<&str> {
        let mut turns: Vec<&Turn> = self.turns.values().collect();
        turns.sort_by_key(|turn| turn.at.as_str());
        turns.iter().map(|turn| turn.from.as_str()).chain([self.pathway.as_str()]).collect()
    }
}

/// Whether the pathway asks the very same, wherever it asks it.
fn asks(pathway: &Pathway, field: &Field) -> bool {
    pathway
        .field(&field.id)
        .is_some_and(|other| *other == Field { section: other.section.clone(), ..field.clone() })
}

/// Answers that are asked no more, in words. What is private stays in the history alone.
fn said(record: &Consultation, from: &Pathway, same: &BTreeSet<&str>) -> String {
    let facts = Facts::of(record);
    let assessment = assess_record(from, record);
    let fields = assessment.sections.iter().flat_map(|state| &state.questions).map(|question| question.field);
    let lines =
        fields.filter(|field| !field.private && !same.contains(field.id.as_str())).filter_map(|field| {
            let words = answer_in_words(from, field, &record.answers, &record.observations, &facts)?;
            Some(format!("{}: {words}", field.short()))
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::Answer;
    use crate::ids::ConsultationId;
    use crate::pathway::Given;

    /// 22 November 2026.
    const AT: Millis = 1_795_355_100_000;

    /// A sore throat with a score of 2, answered whole.
    fn sore_throat() -> Consultation {
        let pathway = pathway::find("sore-throat@1").expect("in the catalogue");
        let case = pathway.cases.iter().find(|one| one.name.starts_with("a score of 2")).expect("a case");
        let given = Given::of(pathway, case);
        let pharmacy = "FA123".parse().expect("a code");
        let mut record =
            Consultation::new(ConsultationId::from_bytes([1; 16]), &pharmacy, "sore-throat@1", AT);
        record.visit.started_at = time::stored(AT);
        record.patient.birth_date = "1990-01-01".to_owned();
        record.patient.sex = "female".to_owned();
        record.answers = given.answers;
        record.observations = given.observations;
        record
    }

    fn minor_illness() -> &'static Pathway {
        pathway::find("minor-illness@1").expect("in the catalogue")
    }

    #[test]
    fn what_both_ask_stays_answered_and_what_only_one_asked_is_kept_in_words() {
        let mut record = sore_throat();
        record.turn("a", minor_illness(), AT, "Asha Rao", "No sore throat, a cold").expect("turned");
        assert_eq!(record.pathway, "minor-illness@1");
        assert_eq!(record.answers.get("consent-service"), Some(&Answer::YesNo(true)));
        assert_eq!(record.answers.get("identifiers.name"), Some(&Answer::YesNo(true)));
        assert_eq!(
            record.answers.get("allergies"),
            Some(&Answer::text("none-known")),
            "asked elsewhere in the form"
        );
        assert!(!record.answers.contains_key("fp-fever"), "it is asked no more");
        let turn = &record.turns["a"];
        assert!(turn.said.contains("Fever in the last 24 hours: yes"), "{}", turn.said);
        assert!(turn.outcome.contains("3 to 5 days"), "{}", turn.outcome);
        assert!(!turn.said.contains("Consent"), "{}", turn.said);
    }

    #[test]
    fn whoever_reads_the_summary_learns_of_both_pathways() {
        let mut record = sore_throat();
        record.turn("a", minor_illness(), AT, "Asha Rao", "A cold, no sore throat").expect("turned");
        let summary = summarise(&record, minor_illness());
        let words = summary.words("clinical-summary").expect("words");
        assert!(words.contains("Sore throat") && words.contains("A cold, no sore throat"), "{words}");
        assert!(
            summary.words("history").is_some_and(|words| words.contains("Fever in the last 24 hours: yes"))
        );
    }

    #[test]
    fn it_may_turn_back_and_every_pathway_is_named_in_its_order() {
        let mut record = sore_throat();
        record.turn("b", minor_illness(), AT, "Asha Rao", "A cold").expect("turned");
        let throat = pathway::find("sore-throat@1").expect("in the catalogue");
        record.turn("a", throat, AT + 60_000, "Asha Rao", "A sore throat after all").expect("turned");
        assert_eq!(record.pathways(), ["sore-throat@1", "minor-illness@1", "sore-throat@1"]);
        assert!(!record.answers.contains_key("fp-fever"), "asked again: it may have changed");
    }

    #[test]
    fn nothing_changes_without_a_reason_or_another_pathway() {
        let mut record = sore_throat();
        let before = format!("{record:?}");
        assert_eq!(record.turn("a", minor_illness(), AT, "Asha Rao", "  "), Err(CannotTurn::NoReason));
        let same = pathway::find("sore-throat@1").expect("in the catalogue");
        assert_eq!(record.turn("a", same, AT, "Asha Rao", "Why"), Err(CannotTurn::SamePathway));
        assert_eq!(format!("{record:?}"), before);
    }
}
