//! Worked cases: answers and what they come to. They are a file's proof, run as tests and by `satchel pathway check`.

use super::condition::Facts;
use super::definition::Pathway;
use super::engine::{Assessment, assess};
use super::offers::Crossed;
use crate::consultation::{Answer, Answers};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A worked case: these answers give that verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// A promise in plain words.
    pub name: String,
    /// Name of an earlier case whose facts and answers this one starts from.
    #[serde(default)]
    pub like: String,
    #[serde(default)]
    pub age: Option<u16>,
    #[serde(default)]
    pub sex: String,
    /// How the patient came: `walkin`, `bars` …; `itk111` where nothing is said.
    #[serde(default)]
    pub channel: String,
    /// What became of each medicine, by [`crate::supply::Standing::code`]; `owed` beside a part supply.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Answers every red flag that is not given with no.
    #[serde(default)]
    pub no_red_flags: bool,
    #[serde(default)]
    pub given: BTreeMap<String, Answer>,
    /// Fields of the earlier case that are not answered here.
    #[serde(default)]
    pub without: Vec<String>,
    /// An outcome's id, or `incomplete`.
    pub expect: String,
    /// Whether it may be signed as it stands.
    #[serde(default)]
    pub may_sign: Option<bool>,
    /// Fields that must be among the missing.
    #[serde(default)]
    pub missing: Vec<String>,
    /// Questions that are put.
    #[serde(default)]
    pub asked: Vec<String>,
    /// Questions, and options as `field.option`, that are not put.
    #[serde(default)]
    pub not_asked: Vec<String>,
    /// Questions that need no answer here.
    #[serde(default)]
    pub optional: Vec<String>,
    /// The day of the consultation; the first day of use where none is given.
    #[serde(default)]
    pub day: Option<Date>,
    /// Whether a gateway of that day is crossed: `yes`, `no` or `not-yet`.
    #[serde(default)]
    pub gateway: String,
    /// The gateways of that day that are crossed, all of them, by id.
    #[serde(default)]
    pub crossed: Option<Vec<String>>,
    /// From where a medicine may be had, all of them, by id.
    #[serde(default)]
    pub places: Option<Vec<String>>,
    /// The treatments that are offered, all of them, by id.
    #[serde(default)]
    pub treatments: Option<Vec<String>>,
    /// The warnings that are shown, all of them, by id.
    #[serde(default)]
    pub warnings: Option<Vec<String>>,
    /// What scores come to.
    #[serde(default)]
    pub scores: BTreeMap<String, u16>,
    /// Scores that mean nothing here.
    #[serde(default)]
    pub no_scores: Vec<String>,
}

/// What a worked case gives: answers, observations and facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    pub answers: Answers,
    pub observations: Answers,
    pub facts: Facts,
}

impl Given {
    /// Of a case of this file, with all that it takes over from earlier ones.
    pub fn of(pathway: &Pathway, case: &Case) -> Self {
        let earlier = pathway.cases.iter().find(|one| !case.like.is_empty() && one.name == case.like);
        let mut given = match earlier {
            // A file in which a case is like itself is refused by `check`, and must not hang it.
            Some(earlier) if earlier.name != case.name => Self::of(pathway, earlier),
            _ => Self {
                answers: Answers::new(),
                observations: Answers::new(),
                facts: Facts { channel: "itk111".to_owned(), ..Facts::default() },
            },
        };
        if case.no_red_flags {
            for field in pathway.fields.iter().filter(|field| field.red_flag.is_some()) {
                given.answers.insert(field.id.clone(), Answer::YesNo(false));
            }
        }
        for (id, answer) in &case.given {
            let observed = pathway.field(id).is_some_and(|field| field.observation);
            let store = if observed { &mut given.observations } else { &mut given.answers };
            store.insert(id.clone(), answer.clone());
        }
        for id in &case.without {
            given.answers.remove(id);
            given.observations.remove(id);
        }
        given.facts.age_years = case.age.or(given.facts.age_years);
        if !case.sex.is_empty() {
            given.facts.sex.clone_from(&case.sex);
        }
        if !case.channel.is_empty() {
            given.facts.channel.clone_from(&case.channel);
        }
        given.facts.lines.extend(case.lines.iter().cloned());
        given.facts.day = case.day.or(given.facts.day).or(Some(pathway.clinical.valid_from));
        given
    }

    pub fn assess<'a>(&self, pathway: &'a Pathway) -> Assessment<'a> {
        assess(pathway, &self.answers, &self.observations, &self.facts)
    }
}

impl Case {
    /// How what the file makes of the case differs from what it expects; empty where it does not.
    pub fn differences(&self, pathway: &Pathway, given: &Given) -> Vec<String> {
        let assessment = given.assess(pathway);
        let mut told = Vec::new();
        let reached = assessment.verdict.outcome().map_or("incomplete", |outcome| outcome.id.as_str());
        if reached != self.expect {
            told.push(format!("it came to {reached}, not {}", self.expect));
        }
        let missing: Vec<&str> = assessment.missing.iter().map(|missing| missing.field).collect();
        if self.may_sign.is_some_and(|may| may != assessment.may_sign) {
            told.push(format!("may sign is {}, missing {missing:?}", assessment.may_sign));
        }
        let not_missing = self.missing.iter().filter(|field| !missing.contains(&field.as_str()));
        told.extend(not_missing.map(|field| format!("{field} is not among the missing {missing:?}")));
        self.questions(&assessment, &mut told);
        let crossed = Crossed::of(&assessment.gateways).code();
        if !self.gateway.is_empty() && crossed != self.gateway {
            told.push(format!("the gateway is crossed: {crossed}, not {}", self.gateway));
        }
        let treatments = assessment.treatments.iter().map(|treatment| treatment.id.as_str()).collect();
        differs("the treatments are", self.treatments.as_deref(), treatments, &mut told);
        let crossed = assessment.gateways.iter().filter(|state| state.crossed == Some(true));
        let crossed = crossed.map(|state| state.gateway.id.as_str()).collect();
        differs("the gateways crossed are", self.crossed.as_deref(), crossed, &mut told);
        let places = assessment.supplied_from.iter().map(|place| place.id.as_str()).collect();
        differs("it is had from", self.places.as_deref(), places, &mut told);
        let warnings = assessment.warnings.iter().map(|warning| warning.id.as_str()).collect();
        differs("the warnings are", self.warnings.as_deref(), warnings, &mut told);
        let score = |id: &str| assessment.scores.iter().find(|state| state.score.id == id);
        for (id, wanted) in &self.scores {
            match score(id) {
                Some(state) if state.low == *wanted && state.high == *wanted => {}
                Some(state) => told.push(format!("{id} is {} to {}, not {wanted}", state.low, state.high)),
                None => told.push(format!("{id} is not counted here")),
            }
        }
        let counted = self.no_scores.iter().filter(|id| score(id).is_some());
        told.extend(counted.map(|id| format!("{id} is counted")));
        told
    }

    fn questions(&self, assessment: &Assessment<'_>, told: &mut Vec<String>) {
        let put: BTreeMap<&str, _> = assessment
            .sections
            .iter()
            .flat_map(|state| &state.questions)
            .map(|question| (question.field.id.as_str(), question))
            .collect();
        let is_put = |id: &str| match id.split_once('.') {
            Some((field, option)) => {
                put.get(field).is_some_and(|question| question.options.contains(&option))
            }
            None => put.contains_key(id),
        };
        told.extend(self.asked.iter().filter(|id| !is_put(id)).map(|id| format!("{id} is not asked")));
        told.extend(self.not_asked.iter().filter(|id| is_put(id)).map(|id| format!("{id} is asked")));
        let required = self.optional.iter().filter(|id| put.get(id.as_str()).is_none_or(|one| one.required));
        told.extend(required.map(|id| format!("{id} is not optional")));
    }
}

fn differs(what: &str, wanted: Option<&[String]>, found: Vec<&str>, told: &mut Vec<String>) {
    if wanted.is_some_and(|wanted| wanted != found) {
        told.push(format!("{what} {found:?}, not {:?}", wanted.unwrap_or_default()));
    }
}
