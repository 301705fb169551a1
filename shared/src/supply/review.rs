//! The review of one line: by which right, how much, what to ask, what forbids it, what needs judgement, what is open.

use super::circumstances::Circumstances;
use super::confirm::is_confirmed;
use super::facts::{self, Fact, Facts};
use super::maximum::{Kept, Maximum, kept, of};
use super::rules::{Question, Rules};
use super::{EMERGENCY_SUPPLY, PATIENT_GROUP_DIRECTION, pgd};
use crate::consultation::Medicine;
use std::collections::BTreeSet;

/// By which right a line would be supplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// A prescription-only medicine at the patient's request (HMR 2012 regulation 225).
    EmergencySupply,
    /// A P or GSL item that was prescribed before.
    PreviouslyPrescribed,
    Appliance,
    PatientGroupDirection,
    /// Not known yet, or none that these rules know.
    Unknown,
}

/// Why a supply is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub id: &'static str,
    /// A sentence.
    pub words: String,
    /// Where the rule stands.
    pub source: &'static str,
}

/// Something for the professional to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub id: &'static str,
    pub words: &'static str,
    pub source: &'static str,
    /// The supply stays open until there is a reason.
    pub asks_reason: bool,
    /// The reason that was given (`record::Medicine::judged`).
    pub reason: Option<String>,
}

/// Something that is not known yet, so that nobody can say the supply is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Of the question, the warning, the rule, or the field.
    pub id: &'static str,
    /// What to do.
    pub words: String,
}

/// What the rules say of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub basis: Basis,
    /// `Emergency supply`; empty while unknown.
    pub title: &'static str,
    /// What to record as `record::Medicine::supply_type`; empty while unknown.
    pub supply_type: &'static str,
    /// `None` while it is open, or where no rule limits it.
    pub maximum: Option<Maximum>,
    /// All that are put now, answered or not, in the order of asking.
    pub questions: Vec<&'static Question>,
    pub refusals: Vec<Refusal>,
    pub warnings: Vec<Warning>,
    pub open: Vec<Open>,
    /// What the label says besides the usual: `Emergency supply`.
    pub label_words: Option<String>,
    /// An entry in the prescription-only register is due ([`super::register_within_days`]).
    pub needs_register_entry: bool,
}

/// The [`Open::id`] of a line that two people changed apart.
pub const LOOK_AGAIN: &str = "look-again";

impl Review {
    /// A review that says nothing but why there is nothing to say.
    pub(super) fn without_rules(id: &'static str, words: &str) -> Self {
        Self {
            basis: Basis::Unknown,
            title: "",
            supply_type: "",
            maximum: None,
            questions: Vec::new(),
            refusals: Vec::new(),
            warnings: Vec::new(),
            open: vec![Open { id, words: words.to_owned() }],
            label_words: None,
            needs_register_entry: false,
        }
    }

    /// The supply may be made: nothing forbids it, and nothing that could is open.
    pub fn may_be_made(&self) -> bool {
        self.refusals.is_empty() && self.open.is_empty() && self.basis != Basis::Unknown
    }

    /// What keeps the supply from being shown lawful, as `record::Medicine::broken_rules` has it: ids in order, a space
    /// between; empty when nothing does. What is open counts, for it was not known when the supply was made.
    pub fn broken_rules(&self) -> String {
        let refused = self.refusals.iter().map(|refusal| refusal.id);
        let open = self.open.iter().map(|open| open.id).filter(|id| *id != LOOK_AGAIN);
        let ids: BTreeSet<&str> = refused.chain(open).collect();
        ids.into_iter().collect::<Vec<_>>().join(" ")
    }

    /// A question by its id, where it is put.
    pub fn question(&self, id: &str) -> Option<&'static Question> {
        self.questions.iter().copied().find(|question| question.id == id)
    }

    pub fn is_open(&self, id: &str) -> bool {
        self.open.iter().any(|open| open.id == id)
    }
}

/// Reads a line with the rules of that day. Never says yes to what is not known.
pub fn review(line: &Medicine, circumstances: &Circumstances) -> Review {
    let mut review = match line.supply_type.trim() {
        "" | EMERGENCY_SUPPLY => match Rules::on(circumstances.today) {
            Some(rules) => urgent(line, circumstances, rules),
            None => Review::without_rules("day", "No rules are held for this day. Check the date."),
        },
        PATIENT_GROUP_DIRECTION => pgd::review(line, circumstances),
        _ => Review::without_rules("supply-type", "There are no rules here for this kind of supply."),
    };
    if !is_confirmed(line) {
        let words =
            "This line was changed in two places, or not looked at. Look at all of it, then confirm it.";
        review.open.push(Open { id: LOOK_AGAIN, words: words.to_owned() });
    }
    review
}

/// Facts of a line under the rules, with every question put that is to be put.
pub(super) fn facts<'a>(
    line: &'a Medicine,
    circumstances: &Circumstances,
    rules: &'static Rules,
) -> (Facts<'a>, Option<Maximum>) {
    let mut facts = Facts::new(line, circumstances, &rules.lists, rules.earlier.within_days);
    let typed = line.code.trim().is_empty();
    let known = |value: Option<&str>| value.map_or(Fact::NotYet, |value| Fact::Is(value.to_owned()));
    facts.set("level", known(Some(if typed { "words" } else { line.level.trim() })));
    let appliance = line.product_kind == "appliance";
    let class = if appliance { Some("appliance") } else { Some(line.legal_class.as_str()) };
    let class = class.filter(|class| ["appliance", "POM", "P", "GSL"].contains(class));
    let schedule = rules.schedules.get(line.schedule.trim()).map(String::as_str);
    facts.set("class-by-dictionary", known(class));
    facts.set("schedule-by-dictionary", known(schedule));
    facts.set("class", known(class));
    facts.set("schedule", known(schedule));
    facts.set("professional", known(circumstances.professional.as_ref().map(|who| who.role.name())));
    for circumstance in &rules.circumstances {
        let answer = circumstances.answers.get(&circumstance.id);
        let answer = answer.filter(|answer| circumstance.options.contains(answer));
        let answer = if circumstance.id == "setting" {
            Some(&circumstances.setting).filter(|setting| circumstance.options.contains(setting))
        } else {
            answer
        };
        facts.set(&circumstance.id, known(answer.map(String::as_str)));
    }
    for question in &rules.product_questions {
        facts.ask(question, line);
        settle_product(&mut facts, &question.id, typed);
    }
    let maximum = of(rules, &facts);
    facts.set("maximum", known(maximum.as_ref().map(|maximum| maximum.limit.code())));
    for question in &rules.questions {
        facts.ask(question, line);
    }
    (facts, maximum)
}

/// Takes an answer about the product for what the dictionary would have said.
fn settle_product(facts: &mut Facts<'_>, asked: &str, typed: bool) {
    let answer = facts.get(asked).clone();
    match asked {
        "typed-class" if answer != Fact::NotAsked => facts.set("class", answer),
        "typed-schedule" => match answer {
            // An appliance is no controlled drug.
            Fact::NotAsked if facts.value("schedule-by-dictionary").is_none() => {
                facts.set("schedule", Fact::Is("none".to_owned()));
            }
            Fact::NotAsked => {}
            answer => facts.set("schedule", answer),
        },
        "typed-group" if typed => facts.set_groups(match answer {
            Fact::Is(group) => {
                Some(BTreeSet::from([group]).into_iter().filter(|one| one != "none").collect())
            }
            Fact::NotAsked => Some(BTreeSet::new()),
            Fact::NotYet => None,
        }),
        _ => {}
    }
}

fn urgent(line: &Medicine, circumstances: &Circumstances, rules: &'static Rules) -> Review {
    let (mut facts, maximum) = facts(line, circumstances, rules);
    let basis = rules.bases.iter().find(|basis| facts.holds(&basis.when) == Some(true));
    let mut open: Vec<Open> = Vec::new();
    for (id, fault) in line_faults(line, &facts) {
        open.push(Open { id, words: fault.to_owned() });
    }
    for put in facts.put.iter().filter(|put| !put.answered) {
        open.push(Open { id: &put.question.id, words: put.question.label.clone() });
    }
    for circumstance in &rules.circumstances {
        if *facts.get(&circumstance.id) == Fact::NotYet {
            open.push(Open { id: &circumstance.id, words: circumstance.open.clone() });
        }
    }
    let how_much = kept(maximum.as_ref(), line, &facts);
    let yes_no = |yes: bool| Fact::Is(if yes { "yes" } else { "no" }.to_owned());
    let mut over = String::new();
    match how_much {
        Kept::Within => facts.set("over-maximum", yes_no(false)),
        Kept::Over(words) => {
            over = words;
            facts.set("over-maximum", yes_no(true));
        }
        Kept::NotYet(missing) => {
            open.extend(missing.into_iter().map(|(id, words)| Open { id, words }));
            facts.set("over-maximum", Fact::NotYet);
        }
    }
    facts.set("place-allowed", place_allowed(line, circumstances, rules));
    let twice = facts::beside(line, circumstances).into_iter().any(|one| facts::is_same_product(one, line));
    facts.set("supplied-twice", yes_no(twice));
    let is_about = |bases: &[String]| {
        // While the basis is open every rule counts.
        bases.is_empty() || basis.is_none_or(|basis| bases.contains(&basis.id))
    };
    let mut refusals = Vec::new();
    for rule in rules.refusals.iter().filter(|rule| is_about(&rule.bases)) {
        match facts.holds(&rule.when) {
            Some(true) => refusals.push(Refusal {
                id: &rule.id,
                words: match (&maximum, rule.id.as_str()) {
                    (Some(maximum), "over-maximum") => {
                        format!("{} It is {over}. {}.", rule.words, maximum.words)
                    }
                    _ => rule.words.clone(),
                },
                source: match (&maximum, rule.id.as_str()) {
                    (Some(maximum), "over-maximum") => maximum.source,
                    _ => &rule.source,
                },
            }),
            Some(false) => {}
            None => {
                // Told once: where a question behind it is open already, that says it.
                let mut behind = rule.when.reads().into_iter().flat_map(behind);
                // What the medicine is comes before everything that depends on it.
                let earlier =
                    open.iter().any(|open| open.id.starts_with("typed-") && open.id != "typed-in-words");
                if !earlier && !behind.any(|id| open.iter().any(|open| open.id == id)) {
                    let words = if rule.open.is_empty() { &rule.words } else { &rule.open };
                    open.push(Open { id: &rule.id, words: words.clone() });
                }
            }
        }
    }
    let mut warnings = Vec::new();
    let warns = |bases: &[String]| bases.is_empty() || basis.is_some_and(|basis| bases.contains(&basis.id));
    for rule in rules.warnings.iter().filter(|rule| warns(&rule.bases)) {
        if facts.holds(&rule.when) != Some(true) {
            continue;
        }
        let reason =
            line.judged.get(&rule.id).map(|reason| reason.trim()).filter(|reason| !reason.is_empty());
        if rule.reason && reason.is_none() {
            open.push(Open { id: &rule.id, words: rule.words.clone() });
        }
        warnings.push(Warning {
            id: &rule.id,
            words: &rule.words,
            source: &rule.source,
            asks_reason: rule.reason,
            reason: reason.map(str::to_owned),
        });
    }
    let by_id = |id: &str| match id {
        "emergency-supply" => Basis::EmergencySupply,
        "appliance" => Basis::Appliance,
        "previously-prescribed" => Basis::PreviouslyPrescribed,
        _ => Basis::Unknown,
    };
    let label = basis.map(|basis| basis.label.clone()).filter(|words| !words.is_empty());
    Review {
        basis: basis.map_or(Basis::Unknown, |basis| by_id(&basis.id)),
        title: basis.map_or("", |basis| &basis.title),
        supply_type: basis.map_or("", |basis| &basis.supply_type),
        maximum,
        questions: facts.put.iter().map(|put| put.question).collect(),
        refusals,
        warnings,
        open,
        label_words: label,
        needs_register_entry: basis.is_some_and(|basis| basis.register),
    }
}

/// What a fact rests on, by the ids under which something may be open; the fact itself where it is asked for.
fn behind(fact: &str) -> Vec<&str> {
    match fact {
        "over-maximum" => {
            vec!["quantity", "days", "smallest-pack", "one-cycle", "full-course", "typed-group"]
        }
        "place-allowed" => vec!["supplied-from", "setting"],
        "schedule" => vec!["typed-schedule", "typed-class"],
        "class" => vec!["typed-class"],
        "prescriber" => vec!["prescriber", "previously-prescribed"],
        asked => vec![asked],
    }
}

/// What the line itself must hold, by field.
fn line_faults(line: &Medicine, facts: &Facts<'_>) -> Vec<(&'static str, &'static str)> {
    let appliance = facts.value("class") == Some("appliance");
    let faults = [
        (line.name.trim().is_empty(), "name", "Say which medicine it is."),
        (line.unit.trim().is_empty(), "unit", "Say in which unit: tablets, ml, doses."),
        (
            line.directions.trim().is_empty() && !appliance,
            "directions",
            "Enter the directions that go on the label.",
        ),
        (line.supplied_from.trim().is_empty(), "supplied-from", "Say how the patient gets it."),
    ];
    faults.into_iter().filter(|(missing, _, _)| *missing).map(|(_, id, words)| (id, words)).collect()
}

/// May it be had so, in this setting (practice 1)?
pub(super) fn place_allowed(line: &Medicine, circumstances: &Circumstances, rules: &Rules) -> Fact {
    let from = line.supplied_from.trim();
    if from.is_empty() {
        // A fault of the line, told as such.
        return Fact::NotAsked;
    }
    let Some(place) = rules.place(from) else { return Fact::Is("no".to_owned()) };
    if circumstances.setting.is_empty() {
        return Fact::NotYet;
    }
    let allowed = place.settings.contains(&circumstances.setting);
    Fact::Is(if allowed { "yes" } else { "no" }.to_owned())
}
