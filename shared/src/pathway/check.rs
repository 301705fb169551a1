//! What must hold of every pathway file. All problems are told at once, each naming the place.

use super::catalogue::from_groups;
use super::condition::{Condition, LINES};
use super::definition::{ClinicalStatus, Decision, Field, Kind, Outcome, Pathway, Strand, SupplyRules};
use crate::supply::pgd::{self, Dose};
use std::collections::BTreeSet;
use std::fmt;

/// Something wrong with a file, in words for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where, for example `field temperature`.
    pub place: String,
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Measurements that GP Connect Update Record 1.2.0 takes as codes. Any other refuses the whole message (20009).
const TAKEN_AS_CODES: [&str; 4] = ["703421000", "364075005", "72313002", "1091811000000102"];

/// Ways of getting a medicine. The last is for what has happened against the rules only: handing over in the patient's
/// home comes with the dated rules that allow it for a service.
const PLACES: [&str; 4] = ["premises", "collected", "delivered", "where-seen"];

/// Everything that is wrong with the file, common groups already included.
pub fn check(pathway: &Pathway) -> Vec<Problem> {
    let mut checker = Checker { pathway, from_groups: from_groups(pathway), problems: Vec::new() };
    checker.names();
    checker.clinical();
    checker.medicines();
    for field in &pathway.fields {
        checker.field(field);
    }
    for score in &pathway.scores {
        let place = format!("score {}", score.id);
        checker.condition(&place, &score.shown);
        for points in &score.points {
            checker.condition(&place, &points.when);
        }
    }
    for warning in &pathway.warnings {
        let place = format!("warning {}", warning.id);
        checker.section(&place, &warning.section);
        checker.condition(&place, &warning.when);
    }
    checker.offers();
    checker.outcomes();
    checker.cases();
    checker.problems
}

struct Checker<'a> {
    pathway: &'a Pathway,
    /// What the file did not write itself, as `field temperature`.
    from_groups: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn say(&mut self, place: &str, what: impl Into<String>) {
        self.problems.push(Problem { place: place.to_owned(), what: what.into() });
    }

    fn names(&mut self) {
        let pathway = self.pathway;
        let kinds: [(&str, Vec<&str>); 10] = [
            ("section", pathway.sections.iter().map(|s| s.id.as_str()).collect()),
            ("field", pathway.fields.iter().map(|f| f.id.as_str()).collect()),
            ("score", pathway.scores.iter().map(|s| s.id.as_str()).collect()),
            ("gateway", pathway.gateways.iter().map(|g| g.id.as_str()).collect()),
            ("treatment", pathway.treatments.iter().map(|t| t.id.as_str()).collect()),
            ("direction", pathway.directions.iter().map(|d| d.id.as_str()).collect()),
            ("link", pathway.links.iter().map(|l| l.id.as_str()).collect()),
            ("warning", pathway.warnings.iter().map(|w| w.id.as_str()).collect()),
            ("outcome", pathway.outcomes.iter().map(|o| o.id.as_str()).collect()),
            ("case", pathway.cases.iter().map(|c| c.name.as_str()).collect()),
        ];
        for (kind, names) in kinds {
            let mut seen = BTreeSet::new();
            for name in names {
                if !seen.insert(name) {
                    self.say(&format!("{kind} {name}"), "this name stands twice");
                }
                if kind != "case" && !is_plain(name) {
                    self.say(&format!("{kind} {name}"), "use lower-case letters, digits and hyphens");
                }
            }
        }
        if !is_plain(&pathway.id) || pathway.version == 0 {
            self.say("pathway", "the id is lower-case letters, digits and hyphens, and versions begin at 1");
        }
        for section in &pathway.sections {
            if !pathway.fields.iter().any(|field| field.section == section.id) {
                self.say(
                    &format!("section {}", section.id),
                    "it asks nothing: add a field, or name a group of common.toml with its version",
                );
            }
        }
    }

    fn clinical(&mut self) {
        let clinical = &self.pathway.clinical;
        if clinical.sources.is_empty() {
            self.say("clinical", "name at least one source");
        }
        if clinical.valid_from > clinical.valid_to {
            self.say("clinical", "valid-from is after valid-to");
        }
        if (clinical.status == ClinicalStatus::Approved) == clinical.approver.trim().is_empty() {
            self.say("clinical", "an approved file names its approver; a draft names none");
        }
    }

    fn medicines(&mut self) {
        let medicines = &self.pathway.medicines;
        let is_had = medicines.decisions.contains(&Decision::Recommended) || medicines.rules.is_some();
        if is_had == medicines.supplied_from.is_empty() {
            self.say(
                "medicines",
                "supplied-from stands with the decision `recommended` or with rules, and only with them",
            );
        }
        if !medicines.after.is_empty() {
            self.section("medicines", &medicines.after);
        }
        for place in &medicines.supplied_from {
            let at = format!("medicines, supplied-from {}", place.id);
            if !PLACES.contains(&place.id.as_str()) {
                self.say(&at, format!("a medicine is had from one of {PLACES:?} (practice 1)"));
            }
            self.condition(&at, &place.shown);
        }
    }

    fn field(&mut self, field: &Field) {
        let place = format!("field {}", field.id);
        self.section(&place, &field.section);
        self.condition(&place, &field.shown);
        self.condition(&place, &field.required);
        for id in field.shown.reads() {
            if self.goes_round(id, &field.id, 0) {
                self.say(&place, format!("whether it is shown depends on {id}, which depends on it"));
            }
        }
        let offers = matches!(field.kind, Kind::Choice | Kind::Several);
        if offers == field.options.is_empty() {
            self.say(&place, "a choice or several has options, and no other kind does");
        }
        let mut seen = BTreeSet::new();
        for option in &field.options {
            if !seen.insert(&option.id) {
                self.say(&place, format!("option {} stands twice", option.id));
            }
            self.condition(&format!("{place}, option {}", option.id), &option.shown);
        }
        if field.kind == Kind::Several && usize::from(field.ticks) > field.options.len() {
            self.say(&place, "more ticks are asked for than there are options");
        }
        if (field.kind == Kind::Number) != field.number.is_some() {
            self.say(&place, "a number has a unit and a range, and no other kind does");
        }
        if field.number.as_ref().is_some_and(|number| number.min >= number.max) {
            self.say(&place, "the range is empty: min must be below max");
        }
        if field.red_flag.is_some() {
            self.red_flag(&place, field);
        }
        if field.private && (field.heading.is_some() || field.pinned || field.red_flag.is_some()) {
            self.say(
                &place,
                "what is private has no heading, is not pinned and is no red flag (practice 10)",
            );
        }
        if field.stops_gp_notice && field.kind != Kind::YesNo {
            self.say(&place, "only a yes-no can stop the GP notice");
        }
        self.measurement(&place, field);
    }

    fn red_flag(&mut self, place: &str, field: &Field) {
        if field.kind != Kind::YesNo {
            self.say(place, "a red flag is a yes-no question");
        }
        if field.required == Condition::Never {
            self.say(place, "a red flag is required: unanswered is not no");
        }
        let first = self.pathway.sections.first().map(|section| section.id.as_str());
        if first != Some(field.section.as_str()) {
            self.say(place, "red flags stand in the first section (ui.md 3)");
        }
    }

    fn measurement(&mut self, place: &str, field: &Field) {
        let Some(code) = field.snomed.as_ref().filter(|_| field.observation) else { return };
        let has_ucum = field.number.as_ref().is_some_and(|number| !number.ucum.is_empty());
        if !has_ucum {
            self.say(place, "a measurement that travels as a code needs a UCUM unit");
        }
        if !TAKEN_AS_CODES.contains(&code.code.as_str()) {
            self.say(
                place,
                format!(
                    "Update Record does not take {} as a code; leave snomed out and it travels as words",
                    code.code
                ),
            );
        }
    }

    fn offers(&mut self) {
        let pathway = self.pathway;
        if pathway.strand == Strand::ClinicalPathway {
            if pathway.condition.is_none() {
                self.say("pathway", "a clinical pathway names its condition: condition = { code, display }");
            }
            if pathway.gateways.is_empty() {
                self.say("pathway", "a clinical pathway has a gateway: without one nothing is payable");
            }
        }
        for gateway in &pathway.gateways {
            let place = format!("gateway {}", gateway.id);
            self.condition(&place, &gateway.when);
            if gateway.to.is_some_and(|to| to < gateway.from) {
                self.say(&place, "from is after to");
            }
        }
        for treatment in &pathway.treatments {
            let place = format!("treatment {}", treatment.id);
            self.condition(&place, &treatment.when);
            if treatment.direction.is_empty() {
                continue;
            }
            if pathway.medicines.rules != Some(SupplyRules::PatientGroupDirections) {
                self.say(&place, "a direction needs rules = \"patient-group-directions\" in [medicines]");
            }
            let here = pathway.directions.iter().any(|direction| direction.id == treatment.direction);
            if !here && !pgd::all().any(|direction| direction.id == treatment.direction) {
                self.say(&place, format!("there is no patient group direction {}", treatment.direction));
            }
        }
        for direction in &pathway.directions {
            let place = format!("direction {}", direction.id);
            if direction.from > direction.to {
                self.say(&place, "from is after to");
            }
            if !pathway.treatments.iter().any(|treatment| treatment.direction == direction.id) {
                self.say(&place, "no treatment uses it");
            }
            let weighed = |dose: &Dose| dose.weight || dose.from_years >= 18 || dose.unit == "gram";
            if direction.sex.is_empty() && !direction.doses.iter().all(weighed) {
                self.say(
                    &place,
                    "a child's dose records the weight: weight = true, in a band of its own up to 17",
                );
            }
            let ages = direction.age_from..=direction.age_to.unwrap_or(120);
            if let Some(age) = ages.into_iter().find(|age| direction.dose(*age).is_none()) {
                self.say(&place, format!("it has no dose for the age of {age}"));
            }
        }
        for link in &pathway.links {
            if !link.url.starts_with("https://") {
                self.say(&format!("link {}", link.id), "an address begins with https://");
            }
        }
    }

    fn outcomes(&mut self) {
        let mut calm_seen = false;
        for outcome in &self.pathway.outcomes {
            let place = format!("outcome {}", outcome.id);
            self.condition(&place, &outcome.when);
            // Only "answered" may rest on a question that nobody has to answer: the rest would wait for ever.
            for id in self.waits_for(&outcome.when) {
                self.say(&place, format!("it waits for {id}, which is never required"));
            }
            if outcome.emergency && calm_seen {
                self.say(&place, "emergencies stand above every other outcome");
            }
            calm_seen |= !outcome.emergency;
            if outcome.emergency && outcome.closing.is_some() {
                self.say(&place, "an emergency does not close a referral");
            }
            self.referred_fields(&place, outcome);
            if !self.never_reached(&place, outcome)
                && !self.pathway.cases.iter().any(|case| case.expect == outcome.id)
            {
                self.say(&place, "no worked case ends in it");
            }
        }
    }

    fn is_from_group(&self, place: &str) -> bool {
        self.from_groups.contains(place.split(',').next().unwrap_or(place))
    }

    /// An outcome of a supply that a group brings along, in a file in which nothing is supplied.
    fn never_reached(&self, place: &str, outcome: &Outcome) -> bool {
        let mut of_supply = false;
        outcome.when.walk(&mut |part| {
            of_supply |= matches!(part, Condition::Line(line) if line == "supplied" || line == "exception");
        });
        of_supply
            && outcome.closing.is_none()
            && self.pathway.medicines.rules.is_none()
            && self.is_from_group(place)
    }

    fn waits_for(&self, when: &Condition) -> Vec<String> {
        let mut read = Vec::new();
        when.walk(&mut |part| match part {
            Condition::Is(id, _)
            | Condition::OneOf(id, _)
            | Condition::AtLeast(id, _)
            | Condition::AtMost(id, _) => {
                read.push(id.clone());
            }
            _ => {}
        });
        read.retain(|id| self.pathway.field(id).is_some_and(|field| field.required == Condition::Never));
        read
    }

    fn referred_fields(&mut self, place: &str, outcome: &Outcome) {
        let closing = outcome.closing.iter().flat_map(|closing| [&closing.reason, &closing.attempts]);
        let named = closing.filter(|id| !id.is_empty()).chain(outcome.needs.iter().flatten());
        for id in named {
            if self.pathway.field(id).is_none() {
                self.say(place, format!("there is no field {id}"));
            }
        }
        if let Some(closing) = &outcome.closing
            && closing.reason.is_empty() == closing.because.is_empty()
        {
            self.say(place, "a closing outcome names either the field of its reason or the reason itself");
        }
    }

    fn cases(&mut self) {
        for (index, case) in self.pathway.cases.iter().enumerate() {
            let place = format!("case {}", case.name);
            if case.expect != "incomplete" && self.pathway.outcome(&case.expect).is_none() {
                self.say(&place, format!("there is no outcome {}", case.expect));
            }
            let earlier = &self.pathway.cases[..index];
            if !case.like.is_empty() && !earlier.iter().any(|earlier| earlier.name == case.like) {
                self.say(&place, format!("there is no earlier case {}", case.like));
            }
            for line in case.lines.iter().filter(|line| !LINES.contains(&line.as_str())) {
                self.say(&place, format!("a medicine never stands as “{line}”"));
            }
            let named = case.given.keys().chain(&case.without).chain(&case.missing);
            for id in named.chain(&case.asked).chain(&case.optional) {
                if !self.declares(id) {
                    self.say(&place, format!("there is no field {id}"));
                }
            }
            for id in &case.not_asked {
                let (field, option) = id.split_once('.').unwrap_or((id, ""));
                let known = self.pathway.field(field);
                if !known.is_some_and(|field| option.is_empty() || field.option(option).is_some()) {
                    self.say(&place, format!("there is no field {id}"));
                }
            }
            for id in case.scores.keys().chain(&case.no_scores) {
                if !self.pathway.scores.iter().any(|score| score.id == *id) {
                    self.say(&place, format!("there is no score {id}"));
                }
            }
            if !["", "yes", "no", "not-yet", "none"].contains(&case.gateway.as_str()) {
                self.say(&place, "gateway is yes, no, not-yet or none");
            }
        }
    }

    fn section(&mut self, place: &str, id: &str) {
        if !self.pathway.sections.iter().any(|section| section.id == id) {
            self.say(place, format!("there is no section {id}"));
        }
    }

    /// Is it a field, or `field.option` of a several?
    fn declares(&self, id: &str) -> bool {
        self.pathway.field(id).is_some()
            || id.split_once('.').is_some_and(|(field, option)| {
                let field = self.pathway.field(field).filter(|field| field.kind == Kind::Several);
                field.is_some_and(|field| field.option(option).is_some())
            })
    }

    fn condition(&mut self, place: &str, condition: &Condition) {
        let mut wrong = Vec::new();
        condition.walk(&mut |part| match part {
            Condition::Is(id, answer) => wrong.extend(self.comparison(id, std::slice::from_ref(answer))),
            Condition::OneOf(id, answers) => wrong.extend(self.comparison(id, answers)),
            Condition::AtLeast(id, _) | Condition::AtMost(id, _) => {
                let number = self.pathway.field(id).is_some_and(|field| field.kind == Kind::Number);
                if !number {
                    wrong.push(format!("it compares {id}, which is not a number of this file"));
                }
            }
            Condition::Line(standing) if !LINES.contains(&standing.as_str()) => {
                wrong.push(format!("a medicine never stands as “{standing}”; use one of {LINES:?}"));
            }
            Condition::Line(standing)
                if ["supplied", "exception", "owed"].contains(&standing.as_str())
                    && self.pathway.medicines.rules.is_none()
                    && !self.is_from_group(place) =>
            {
                wrong.push(format!(
                    "it reads the line “{standing}”, and the file names no rules for a supply"
                ));
            }
            Condition::Answered(id) if !self.declares(id) => {
                wrong.push(format!("it reads {id}, which is not a field"));
            }
            Condition::ScoreAtLeast(id, _) if !self.pathway.scores.iter().any(|score| score.id == *id) => {
                wrong.push(format!("it reads {id}, which is not a score"));
            }
            _ => {}
        });
        for what in wrong {
            self.say(place, what);
        }
    }

    fn comparison(&self, id: &str, answers: &[crate::consultation::Answer]) -> Vec<String> {
        if !self.declares(id) {
            return vec![format!("it reads {id}, which is not a field")];
        }
        let Some(field) = self.pathway.field(id) else { return Vec::new() };
        let mut wrong = Vec::new();
        for answer in answers {
            let fits = match field.kind {
                Kind::YesNo => answer.as_yes().is_some(),
                Kind::Choice => answer.as_text().is_some_and(|option| field.option(option).is_some()),
                Kind::Number => answer.as_number().is_some(),
                Kind::Several | Kind::Date | Kind::Time | Kind::Text | Kind::Words => false,
            };
            if !fits {
                wrong.push(format!("{id} can never be “{answer}”"));
            }
        }
        wrong
    }

    fn goes_round(&self, id: &str, target: &str, depth: u8) -> bool {
        id == target
            || depth < 16
                && self.pathway.field(id).is_some_and(|field| {
                    field.shown.reads().iter().any(|next| self.goes_round(next, target, depth + 1))
                })
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
