//! The record in words and codes: what the screen previews, the printer prints and the GP reads, alike.

use super::answer::Answer;
use super::record::{Consultation, Medicine};
use crate::pathway::{
    self, Assessment, Code, Facts, Field, Heading, Pathway, answer_in_words, assess_record,
};
use crate::register;
use crate::supply;
use crate::time;

#[cfg(test)]
mod tests;

/// One consultation as others may read it. What is private is not in it, whoever asks (practice 10).
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Title of the pathway, for example `Minor illness`.
    pub title: String,
    /// SNOMED code of the service.
    pub service: Code,
    /// The outcome in words; empty while none is reached.
    pub outcome: String,
    pub emergency: bool,
    /// Who signed, or else who is going; empty when neither is known.
    pub seen_by: String,
    /// When the visit began, RFC 3339; when the record was made, if it has not begun.
    pub seen_at: String,
    /// Words under PRSB headings, in their order, each heading once. `clinical-summary` is always there.
    pub headings: Vec<Words>,
    /// What the patient came with, where it has a code. Its words stand in the clinical summary.
    pub complaints: Vec<Code>,
    /// What GP systems take as codes.
    pub observations: Vec<Measured>,
    /// Other coded findings, for example *pregnant*. Their words stand under the history.
    pub findings: Vec<Finding>,
    /// The patient objects to the GP being told: nothing of this is sent (practice 7).
    pub gp_notice_stopped: bool,
    /// Medicines that were handed over, in the order of their recording. Their words stand with the advice.
    pub supplied: Vec<Medicine>,
}

/// Words under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Code of `https://fhir.nhs.uk/CodeSystem/RecordStandardHeadings`.
    pub code: &'static str,
    pub title: &'static str,
    /// One fact a line.
    pub text: String,
}

/// One measurement that travels as a code.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    pub code: String,
    pub display: String,
    pub value: f64,
    /// The value with its decimals, as people read it.
    pub written: String,
    /// As read: `°C`.
    pub unit: String,
    /// As sent: `Cel`.
    pub ucum: String,
    /// The code that holds it together with others, for example a blood pressure's two numbers.
    pub panel: Option<Code>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Code of the heading it is filed under.
    pub heading: &'static str,
    pub code: Code,
}

/// Makes the summary from the record as it stands, or as it stood when it was signed.
pub fn summarise(record: &Consultation, pathway: &Pathway) -> Summary {
    let assessment = assess_record(pathway, record);
    let facts = Facts::of(record);
    let told = assessment.sections.iter().flat_map(|state| &state.questions).map(|question| question.field);
    let told: Vec<Told<'_>> = told
        .filter(|field| !field.private)
        .filter_map(|field| {
            let words = answer_in_words(pathway, field, &record.answers, &record.observations, &facts)?;
            Some(Told { field, words })
        })
        .collect();
    let observations = measured(record, &told);
    let mut page = Page::default();
    page.add(Heading::ClinicalSummary, &outcome_line(&assessment));
    page.add(Heading::ClinicalSummary, outside_the_rules(record));
    for line in closing_lines(&assessment, &told) {
        page.add(Heading::ClinicalSummary, &line);
    }
    page.add(Heading::ClinicalSummary, &referral_line(record));
    for (line, said) in turned(record) {
        page.add(Heading::ClinicalSummary, &line);
        page.add(Heading::History, &said);
    }
    for told in &told {
        if let Some(heading) = in_words_under(told.field) {
            page.add(heading, &told.line());
        }
    }
    page.add(Heading::ClinicalSummary, &uncoded(&told, &observations));
    for state in assessment.scores.iter().filter(|state| state.low == state.high) {
        if let Some(heading) = state.score.heading {
            page.add(heading, &format!("{}: {}", state.score.label, state.low));
        }
    }
    if let Some(outcome) = assessment.verdict.outcome().filter(|outcome| !outcome.come_back.is_empty()) {
        let words = format!("Told to come back if no better in {}", outcome.come_back);
        page.add(Heading::InformationAndAdviceGiven, &words);
    }
    page.add(Heading::RedFlags, &red_flags(&assessment));
    let mut medicines: Vec<&Medicine> = record.medicines.values().collect();
    medicines.sort_by(|a, b| (&a.recorded_at, &a.name).cmp(&(&b.recorded_at, &b.name)));
    let supplied = medicines.iter().filter(|medicine| medicine.decision == "supplied");
    let supplied = supplied.map(|medicine| (*medicine).clone()).collect();
    for medicine in medicines {
        page.add(Heading::InformationAndAdviceGiven, &medicine_line(pathway, record, medicine));
    }
    Summary {
        title: pathway.title.clone(),
        service: pathway.service.clone(),
        outcome: assessment.verdict.outcome().map(|outcome| outcome.label.clone()).unwrap_or_default(),
        emergency: assessment.verdict.outcome().is_some_and(|outcome| outcome.emergency),
        seen_by: seen_by(record),
        seen_at: if record.visit.started_at.is_empty() {
            &record.created_at
        } else {
            &record.visit.started_at
        }
        .clone(),
        headings: page.into_words(),
        complaints: findings(record, &told, true).into_iter().map(|finding| finding.code).collect(),
        observations,
        findings: findings(record, &told, false),
        gp_notice_stopped: assessment.gp_notice_stopped,
        supplied,
    }
}

impl Summary {
    /// Words under a heading; `None` when nothing was recorded there.
    pub fn words(&self, heading: &str) -> Option<&str> {
        self.headings.iter().find(|words| words.code == heading).map(|words| words.text.as_str())
    }
}

/// One answered question.
struct Told<'a> {
    field: &'a Field,
    words: String,
}

impl Told<'_> {
    fn line(&self) -> String {
        format!("{}: {}", self.field.short(), self.words)
    }
}

/// Lines by heading, in the order of the headings.
#[derive(Default)]
struct Page(std::collections::BTreeMap<Heading, Vec<String>>);

impl Page {
    fn add(&mut self, heading: Heading, line: &str) {
        let line = line.trim();
        if !line.is_empty() {
            self.0.entry(heading).or_default().push(line.to_owned());
        }
    }

    fn into_words(self) -> Vec<Words> {
        let words = self.0.into_iter();
        words
            .map(|(heading, lines)| Words {
                code: heading.code(),
                title: heading.title(),
                text: lines.join("\n"),
            })
            .collect()
    }
}

/// Where a field's words stand. GP systems file complaint and pregnancy as codes only, so their words go elsewhere.
fn in_words_under(field: &Field) -> Option<Heading> {
    match field.heading? {
        // Told together, present and absent.
        Heading::RedFlags => None,
        Heading::PresentingComplaintsOrIssues => Some(Heading::ClinicalSummary),
        Heading::PregnancyStatus => Some(Heading::History),
        other => Some(other),
    }
}

fn outcome_line(assessment: &Assessment<'_>) -> String {
    match assessment.verdict.outcome() {
        Some(outcome) => format!("Outcome: {}", outcome.label),
        None => "Outcome: not decided yet".to_owned(),
    }
}

/// What every reader learns first of a supply that was made outside the rules, or that nobody has shown to be within them
/// (practice 14), whoever signed it and however.
fn outside_the_rules(record: &Consultation) -> &'static str {
    if supply::is_claimable(record) { "" } else { "Not every supply is shown to be within the rules" }
}

fn closing_lines(assessment: &Assessment<'_>, told: &[Told<'_>]) -> Vec<String> {
    let closing = assessment.verdict.outcome().and_then(|outcome| outcome.closing.as_ref());
    let named = closing.into_iter().flat_map(|closing| [&closing.reason, &closing.attempts]);
    named.filter_map(|id| told.iter().find(|told| told.field.id == *id)).map(Told::line).collect()
}

fn referral_line(record: &Consultation) -> String {
    let referral = &record.referral;
    let from = match referral.channel.as_str() {
        "" => return String::new(),
        "walkin" => return "Came without a referral".to_owned(),
        _ if !referral.referrer_name.is_empty() => referral.referrer_name.as_str(),
        "itk111" => "NHS 111",
        "phone" => "a phone call",
        "email" => "an e-mail",
        "forwarded" => "another pharmacy",
        _ => "another organisation",
    };
    let at = time::read(&referral.received_at).map(|at| format!(", {}", time::day_and_time(at)));
    let references: Vec<&str> = referral.case_references().filter(|id| !id.is_empty()).collect();
    let reference =
        if references.is_empty() { String::new() } else { format!(", reference {}", references.join(" ")) };
    format!("Referred by {from}{}{reference}", at.unwrap_or_default())
}

/// Present, asked and absent, and not asked: three different things.
fn red_flags(assessment: &Assessment<'_>) -> String {
    let (mut present, mut absent, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for question in assessment.sections.iter().flat_map(|state| &state.questions) {
        if question.field.red_flag.is_none() {
            continue;
        }
        let name = question.field.short();
        if assessment.red_flags.iter().any(|flag| flag.field == question.field.id) {
            present.push(name);
        } else if question.gap.is_none() {
            absent.push(name);
        } else {
            open.push(name);
        }
    }
    if present.is_empty() && absent.is_empty() {
        return String::new();
    }
    let lines = [("Present", present), ("Asked about and absent", absent), ("Not asked about", open)];
    let lines = lines.into_iter().filter(|(_, names)| !names.is_empty());
    lines.map(|(what, names)| format!("{what}: {}", names.join("; "))).collect::<Vec<_>>().join("\n")
}

fn measured(record: &Consultation, told: &[Told<'_>]) -> Vec<Measured> {
    let coded = told.iter().filter(|told| told.field.observation && told.field.snomed.is_some());
    let coded: Vec<Measured> = coded
        .filter_map(|told| {
            let (field, code) = (told.field, told.field.snomed.as_ref()?);
            let value = record.observations.get(&field.id)?.as_number()?;
            let number = field.number.as_ref()?;
            Some(Measured {
                code: code.code.clone(),
                display: code.display.clone(),
                value,
                written: field.written_number(value),
                unit: number.unit.clone(),
                ucum: number.ucum.clone(),
                panel: field.panel.clone(),
            })
        })
        .collect();
    let parts = |panel: &Code| coded.iter().filter(|one| one.panel.as_ref() == Some(panel)).count();
    // Half a blood pressure is not one; it stays in words.
    coded.iter().filter(|one| one.panel.as_ref().is_none_or(|panel| parts(panel) > 1)).cloned().collect()
}

/// Measurements that do not travel as codes, in words (practice 17).
fn uncoded(told: &[Told<'_>], coded: &[Measured]) -> String {
    let travels = |field: &Field| {
        field.snomed.as_ref().is_some_and(|code| coded.iter().any(|one| one.code == code.code))
    };
    let others = told.iter().filter(|told| told.field.observation && !travels(told.field));
    let others: Vec<String> = others.map(|told| format!("{} {}", told.field.short(), told.words)).collect();
    if others.is_empty() { String::new() } else { format!("Also measured: {}", others.join(", ")) }
}

/// Codes of the chosen options: of the complaint, or of everything else.
fn findings(record: &Consultation, told: &[Told<'_>], of_complaint: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for Told { field, .. } in told {
        let Some(heading) = field.heading else { continue };
        if (heading == Heading::PresentingComplaintsOrIssues) != of_complaint {
            continue;
        }
        let chosen = record.answers.get(&field.id).and_then(Answer::as_text);
        let code = chosen.and_then(|id| field.option(id)).and_then(|option| option.snomed.clone());
        found.extend(code.map(|code| Finding { heading: heading.code(), code }));
    }
    found
}

fn medicine_line(pathway: &Pathway, record: &Consultation, medicine: &Medicine) -> String {
    let urgent = medicine.supply_type == supply::EMERGENCY_SUPPLY;
    let decision = match medicine.decision.as_str() {
        supply::RECOMMENDED => "Medicine recommended",
        supply::REFUSED => "Medicine not supplied",
        supply::REFERRED => "Medicine referred on",
        supply::SUPPLIED if urgent => "Emergency supply",
        supply::SUPPLIED => "Medicine supplied",
        _ => "Medicine",
    };
    let place = pathway.medicines.place_in_words(&medicine.supplied_from);
    let amount = format!("{} {}", medicine.quantity, medicine.unit);
    let days = medicine.days.trim();
    let days = if days.is_empty() { String::new() } else { format!("for {days} days") };
    let reason = if medicine.decision == supply::REFUSED {
        supply::no_supply_words(medicine)
    } else {
        medicine.reason.clone()
    };
    let after = |words: &str, text: &str| match text.trim() {
        "" => String::new(),
        text => format!("{words} {text}"),
    };
    let prescribed = after("prescribed by", &medicine.prescribed_by);
    let why = after("why it could not wait:", &register::asked_nature(record, medicine).join(", "));
    let owed = after("still wanted:", &medicine.owed);
    let batch = after("batch", &medicine.batch);
    let expiry = after("expiry", &medicine.expiry);
    let collected = after("collected by", &medicine.collected_by);
    let standing = match supply::standing(record, medicine) {
        supply::Standing::Exception => after("outside the rules:", &medicine.exception),
        supply::Standing::Unsound => "not shown to be within the rules".to_owned(),
        _ => String::new(),
    };
    let parts = [
        medicine.name.as_str(),
        &amount,
        &days,
        &medicine.directions,
        &reason,
        &why,
        &prescribed,
        place,
        &owed,
        &batch,
        &expiry,
        &collected,
        &standing,
    ];
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!("{decision}: {}", parts.join("; ")) }
}

/// Each earlier pathway of the visit: that and why it was left, and what was said on it.
fn turned(record: &Consultation) -> Vec<(String, String)> {
    let title = |key: &str| pathway::find(key).map_or_else(|| key.to_owned(), |known| known.title.clone());
    let mut turns: Vec<_> = record.turns.values().collect();
    turns.sort_by_key(|turn| turn.at.as_str());
    let lines = turns.into_iter().map(|turn| {
        let (from, to) = (title(&turn.from), title(&turn.to));
        let outcome = turn.outcome.trim();
        let outcome = if outcome.is_empty() { String::new() } else { format!(" It had come to: {outcome}.") };
        let line =
            format!("First as {from}, then as {to}: {}.{outcome}", turn.reason.trim().trim_end_matches('.'));
        let said = turn.said.trim();
        let said = if said.is_empty() { String::new() } else { format!("As {from}:\n{said}") };
        (line, said)
    });
    lines.collect()
}

fn seen_by(record: &Consultation) -> String {
    let signed = record.signatures.values().max_by_key(|signature| signature.amendment);
    signed.map_or_else(|| record.visit.taken_by.clone(), |signature| signature.name.clone())
}
