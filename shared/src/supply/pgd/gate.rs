//! The gate: in date, named for this version, included, not excluded, the age band's dose, batch where it is asked.

use super::super::circumstances::{Circumstances, Professional};
use super::super::facts::{Fact, Facts, names};
use super::super::maximum::{Limit, Maximum, parse_amount, parse_days};
use super::super::review::{Basis, Open, Refusal, Review, Warning, place_allowed};
use super::super::rules::Rules;
use super::super::{PATIENT_GROUP_DIRECTION, SUPPLIED};
use super::{Direction, Dose, find, question};
use crate::consultation::Medicine;
use crate::people::{PgdAuthorisation, may_supply_under};
use crate::time;
use jiff::civil::Date;
use uuid::Uuid;

/// In `record::Medicine::asked`: id of the authorisation under which it was supplied, kept so that a later reader, who
/// holds no authorisations, sees that one was there.
const AUTHORISED_AS: &str = "authorised-as";

/// Reads a line with the direction it names.
pub(in crate::supply) fn review(line: &Medicine, circumstances: &Circumstances) -> Review {
    let Some(direction) = find(line.legal_document.trim()) else {
        return Review::without_rules(
            "legal-document",
            "Choose the patient group direction; this one is not held here.",
        );
    };
    let mut gate = Gate { direction, line, circumstances, refusals: Vec::new(), open: Vec::new() };
    gate.in_date();
    gate.professional();
    gate.product();
    gate.patient();
    gate.place();
    gate.batch();
    let dose = circumstances.age.and_then(|age| direction.dose(age));
    let questions = gate.questions(dose);
    gate.dose(dose);
    let draft = direction.is_draft().then_some(Warning {
        id: "draft",
        words: "This direction is a draft: nobody has approved its content.",
        source: &direction.source,
        asks_reason: false,
        reason: None,
    });
    Review {
        basis: Basis::PatientGroupDirection,
        title: &direction.title,
        supply_type: PATIENT_GROUP_DIRECTION,
        maximum: dose.map(|dose| Maximum {
            id: &dose.id,
            limit: dose.days.map_or(Limit::FullCourse, Limit::Days),
            words: &dose.words,
            source: &direction.source,
            verified: !direction.is_draft(),
        }),
        questions,
        refusals: gate.refusals,
        warnings: draft.into_iter().collect(),
        open: gate.open,
        label_words: None,
        needs_register_entry: false,
    }
}

/// The authorisation of this professional that counts for the direction on a day.
fn held<'a>(direction: &Direction, who: &'a Professional, day: Date) -> Option<&'a PgdAuthorisation> {
    who.authorisations.iter().find(|one| {
        may_supply_under(std::slice::from_ref(one), who.person, &direction.id, &direction.version, day)
    })
}

/// Writes down under which authorisation this professional supplies, or takes it away where there is none for that
/// direction on that day. `true` when there is one. Confirm the line afterwards.
pub fn authorise(line: &mut Medicine, who: &Professional, day: Date) -> bool {
    let direction = find(line.legal_document.trim());
    let authorisation = direction.and_then(|direction| held(direction, who, day));
    match authorisation {
        Some(one) => line.asked.insert(AUTHORISED_AS.to_owned(), one.id.to_string()),
        None => line.asked.remove(AUTHORISED_AS),
    };
    authorisation.is_some()
}

struct Gate<'a> {
    direction: &'static Direction,
    line: &'a Medicine,
    circumstances: &'a Circumstances,
    refusals: Vec<Refusal>,
    open: Vec<Open>,
}

impl Gate<'_> {
    fn refuse(&mut self, id: &'static str, words: impl Into<String>) {
        self.refusals.push(Refusal { id, words: words.into(), source: &self.direction.source });
    }

    fn wait(&mut self, id: &'static str, words: impl Into<String>) {
        self.open.push(Open { id, words: words.into() });
    }

    fn in_date(&mut self) {
        let direction = self.direction;
        if !direction.is_in_date(self.circumstances.today) {
            let (from, to) = (time::written_date(direction.from), time::written_date(direction.to));
            self.refuse(
                "direction-not-in-date",
                format!(
                    "A supply under this direction is not allowed on this day: it runs from {from} to {to}."
                ),
            );
        }
    }

    fn professional(&mut self) {
        let direction = self.direction;
        let Some(who) = &self.circumstances.professional else {
            let kept = self.line.asked.get(AUTHORISED_AS).is_some_and(|id| id.parse::<Uuid>().is_ok());
            // Only of a supply that was made: nobody makes one without saying who they are.
            if !kept || self.line.decision != SUPPLIED {
                self.wait(
                    "not-authorised",
                    "Say who supplies: the authorisation of a named professional is needed.",
                );
            }
            return;
        };
        if !direction.professions.contains(&who.role) {
            self.refuse("profession", format!("A {} may not supply under this direction.", who.role.name()));
        } else if held(direction, who, self.circumstances.today).is_none() {
            let words = format!(
                "No signed authorisation of yours for version {} of this direction counts on this day.",
                direction.version
            );
            self.refuse("not-authorised", words);
        }
    }

    fn product(&mut self) {
        let ingredients: Vec<&str> = self.line.ingredients.lines().collect();
        let listed = |text: &str| self.direction.substances.iter().any(|name| names(text, name));
        let fits = match ingredients.as_slice() {
            [] => listed(&self.line.name),
            // Together with something that the direction does not name it is another medicine.
            ingredients => ingredients.iter().all(|one| listed(one)),
        };
        if !fits {
            self.refuse("other-medicine", "This direction is for another medicine.");
        }
        if self.line.level == "VTM" {
            self.refuse("not-a-product", "A supply needs a product: choose strength and form.");
        }
    }

    fn patient(&mut self) {
        let (direction, circumstances) = (self.direction, self.circumstances);
        if !direction.sex.is_empty() {
            match circumstances.sex.as_str() {
                "" => self.wait("sex", "Say which sex the patient is: the direction depends on it."),
                sex if sex == direction.sex => {}
                _ => self.refuse("sex", "The patient's sex is not within this direction."),
            }
        }
        match circumstances.age {
            None => self.wait("age", "Enter the date of birth: the dose goes by age."),
            Some(age) if age < direction.age_from || direction.age_to.is_some_and(|to| age > to) => {
                self.refuse("age", format!("At {age} the patient is not within this direction."));
            }
            Some(age) if direction.dose(age).is_none() => {
                self.refuse("age", format!("This direction has no dose for the age of {age}."));
            }
            Some(_) => {}
        }
    }

    fn place(&mut self) {
        let (line, circumstances) = (self.line, self.circumstances);
        let off_site = self.direction.off_site.iter().any(|rule| {
            rule.place == line.supplied_from.trim()
                && rule.setting == circumstances.setting
                && rule.from <= circumstances.today
        });
        if off_site {
            return;
        }
        let Some(rules) = Rules::on(circumstances.today) else { return self.wait("day", "Check the date.") };
        match place_allowed(line, circumstances, rules) {
            Fact::NotAsked => self.wait("supplied-from", "Say how the patient gets it."),
            Fact::NotYet => self.wait("setting", "Say where the patient is seen."),
            Fact::Is(allowed) if allowed == "yes" => {}
            Fact::Is(_) => self.refuse(
                "place",
                "It may not be handed over here: no rule of this direction allows it away from the pharmacy.",
            ),
        }
    }

    fn batch(&mut self) {
        if !self.direction.batch {
            return;
        }
        if self.line.batch.trim().is_empty() {
            self.wait("batch", "Scan or enter the batch.");
        }
        match last_day(self.line.expiry.trim()) {
            None => self.wait("expiry", "Scan or enter the expiry, for example 2027-03."),
            Some(last) if last < self.circumstances.today => self.refuse("expired", "This pack has expired."),
            Some(_) => {}
        }
    }

    /// Every question that is put; those without the answer that is needed refuse it or hold it up.
    fn questions(&mut self, dose: Option<&Dose>) -> Vec<&'static super::Question> {
        let direction = self.direction;
        let weight = dose.filter(|dose| dose.weight).and_then(|_| question("weight"));
        // The same reading of an answer as everywhere else.
        let mut facts = Facts::new(self.line, self.circumstances, &[], 0);
        let all = direction.inclusions.iter().chain(&direction.exclusions).chain(weight);
        all.for_each(|question| facts.ask(question, self.line));
        for put in &facts.put {
            if !put.answered {
                self.wait(&put.question.id, put.question.label.clone());
            }
        }
        let unfit = |questions: &'static [super::Question], wanted: &str| -> Vec<&'static super::Question> {
            questions
                .iter()
                .filter(|one| facts.value(&one.id).is_some_and(|answer| answer != wanted))
                .collect()
        };
        for question in unfit(&direction.inclusions, "yes") {
            self.refuse(&question.id, format!("Not within this direction: {}", question.label));
        }
        for question in unfit(&direction.exclusions, "no") {
            self.refuse(&question.id, format!("Excluded by this direction: {}", question.label));
        }
        facts.put.iter().map(|put| put.question).collect()
    }

    fn dose(&mut self, dose: Option<&'static Dose>) {
        let line = self.line;
        if line.directions.trim().is_empty() {
            self.wait("directions", "Enter the dose that was given or that goes on the label.");
        }
        if line.unit.trim().is_empty() {
            self.wait("unit", "Say in which unit: tablets, ml, doses.");
        }
        let quantity = parse_amount(&line.quantity);
        if let Err(why) = &quantity {
            self.wait("quantity", why.to_string());
        }
        let Some(dose) = dose else { return };
        let mut over = quantity.is_ok_and(|quantity| quantity > dose.quantity);
        if let Some(most) = dose.days {
            match parse_days(&line.days) {
                Ok(days) => over |= days > most,
                Err(why) => self.wait("days", why.to_string()),
            }
        }
        if over {
            let words = format!(
                "A supply of this much is not allowed: {}, {} {}.",
                dose.words, dose.quantity, dose.unit
            );
            self.refuse("over-maximum", words);
        }
        if line.unit.trim() != dose.unit && !line.unit.trim().is_empty() {
            let words = format!("The direction counts in {}: choose the pack it names.", dose.unit);
            self.wait("unit", words);
        }
    }
}

/// The last day on which something may be used that says `2027-03` or `2027-03-31`.
fn last_day(expiry: &str) -> Option<Date> {
    match expiry.len() {
        7 => format!("{expiry}-01").parse::<Date>().ok().map(Date::last_of_month),
        10 => expiry.parse().ok(),
        _ => None,
    }
}
