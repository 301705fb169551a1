//! What a BaRS message says in words: complaint, narrative, findings, medicines, questions and answers.

use super::Message;
use super::people::concept;
use crate::nhs::fhir::Element;
use shared::consultation::{ReportSection, TriageLine};

/// SNOMED CT *Presenting complaint*.
const PRESENTING: &str = "33962009";

/// What is wrong, in a line: the presenting complaint, else the first condition, else why it was asked for.
pub fn complaint(message: &Message<'_>) -> String {
    let said = presented(message).map(|condition| concept(condition.first("code"))).unwrap_or_default();
    let reason = concept(message.service_request.first("reasonCode"));
    lines(if said.is_empty() { &reason } else { &said })
}

/// SNOMED code of that condition; empty where it is in words only.
pub fn condition_code(message: &Message<'_>) -> String {
    let code = |condition: &Element| {
        let codings = condition.all("code.coding");
        let snomed = codings.iter().find(|coding| coding.text("system") == "http://snomed.info/sct");
        snomed
            .map(|coding| coding.text("code").to_owned())
            .filter(|code| code.bytes().all(|b| b.is_ascii_digit()))
    };
    presented(message).and_then(code).unwrap_or_default()
}

/// The presenting complaint, else the first condition.
fn presented<'a>(message: &Message<'a>) -> Option<&'a Element> {
    let presenting = message.all("Condition").find(|condition| {
        condition.all("category.coding").iter().any(|coding| coding.text("code") == PRESENTING)
    });
    presenting.or_else(|| message.all("Condition").next())
}

/// Everything that is said in words, in the order in which it is read.
pub fn sections(message: &Message<'_>) -> Vec<ReportSection> {
    let mut sections = Vec::new();
    let mut add = |title: &str, texts: Vec<String>| {
        let text = texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        if !text.is_empty() {
            sections.push(ReportSection { title: title.to_owned(), text });
        }
    };
    let of = |kind: &'static str, read: &dyn Fn(&Element) -> String| {
        message.all(kind).map(read).collect::<Vec<_>>()
    };
    add("Assessment", of("CarePlan", &narrative));
    add("What is asked", of("Task", &|task| lines(task.text("description"))));
    add("Advice given", vec![lines(message.service_request.text("patientInstruction"))]);
    add("Notes", vec![notes(message.service_request)]);
    add("Conditions", of("Condition", &condition));
    add("Findings", of("Observation", &observation));
    add("Allergies", of("AllergyIntolerance", &allergy));
    add("Medicines", of("MedicationStatement", &medicine));
    add("Procedures", of("Procedure", &|procedure| coded(procedure, "code")));
    add(
        "Messages",
        of("Communication", &|sent| {
            let said = sent.all("payload.contentString").into_iter().map(|content| lines(&content.value));
            said.collect::<Vec<_>>().join("\n")
        }),
    );
    sections
}

/// Questions and answers of every questionnaire, in order.
pub fn triage(message: &Message<'_>) -> Vec<TriageLine> {
    let mut answered = Vec::new();
    for response in message.all("QuestionnaireResponse") {
        for item in response.children("item") {
            questions(item, "", &mut answered);
        }
    }
    answered
}

/// One question with what is asked below it. The reader bounds how deep questions lie, so this may call itself.
fn questions(item: &Element, above: &str, answered: &mut Vec<TriageLine>) {
    let named = [item.text("text"), item.text("linkId")]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let question = if above.is_empty() { lines(named) } else { format!("{above}: {}", lines(named)) };
    let answers: Vec<String> =
        item.children("answer").map(value).filter(|answer| !answer.is_empty()).collect();
    if !answers.is_empty() {
        answered.push(TriageLine { question: question.clone(), answer: answers.join(", ") });
    }
    let below = item.children("answer").flat_map(|answer| answer.children("item"));
    for inner in item.children("item").chain(below) {
        questions(inner, if answers.is_empty() { &question } else { "" }, answered);
    }
}

/// What the sender found and advised, of each outcome: a code's meaning and the words with it.
fn narrative(plan: &Element) -> String {
    let outcomes = plan.all("activity.outcomeCodeableConcept").into_iter().map(|outcome| {
        let display = outcome.text("coding.display");
        let text = lines(outcome.text("text"));
        match (display.is_empty(), text.is_empty()) {
            (true, _) => text,
            (false, true) => display.to_owned(),
            (false, false) => format!("{text}: {display}"),
        }
    });
    let said = [lines(plan.text("title")), lines(plan.text("description"))].into_iter().chain(outcomes);
    let details = plan.all("activity.detail.description").into_iter().map(|detail| lines(&detail.value));
    said.chain(details).chain([notes(plan)]).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn condition(condition: &Element) -> String {
    let since = condition.text("onsetDateTime");
    let since = if since.is_empty() { String::new() } else { format!("since {since}") };
    joined([coded(condition, "code"), since, notes(condition)])
}

fn observation(observation: &Element) -> String {
    let name = coded(observation, "code");
    let parts = observation.children("component").map(|part| {
        let (name, value) = (coded(part, "code"), value(part));
        if value.is_empty() { String::new() } else { format!("{name} {value}") }
    });
    let values: Vec<String> =
        [value(observation)].into_iter().chain(parts).filter(|text| !text.is_empty()).collect();
    let said = if values.is_empty() { name } else { format!("{name}: {}", values.join(", ")) };
    joined([said, notes(observation)])
}

fn allergy(allergy: &Element) -> String {
    let to = [coded(allergy, "code"), coded(allergy, "reaction.substance")];
    let to = to.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let reaction = allergy.all("reaction.manifestation").into_iter().map(|shown| concept(Some(shown)));
    let reaction = reaction.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let said = if reaction.is_empty() { to } else { format!("{to}: {reaction}") };
    joined([said, notes(allergy)])
}

fn medicine(statement: &Element) -> String {
    let name = coded(statement, "medicationCodeableConcept");
    let named = if name.is_empty() { statement.text("medicationReference.display").to_owned() } else { name };
    let doses = statement
        .all("dosage.text")
        .into_iter()
        .map(|dose| lines(&dose.value))
        .collect::<Vec<_>>()
        .join(", ");
    let status = match statement.text("status") {
        "stopped" | "on-hold" | "not-taken" | "completed" => statement.text("status").to_owned(),
        _ => String::new(),
    };
    joined([named, doses, status, notes(statement)])
}

fn coded(resource: &Element, path: &str) -> String {
    lines(&concept(resource.first(path)))
}

fn notes(resource: &Element) -> String {
    let notes = resource.all("note.text").into_iter().map(|note| lines(&note.value));
    notes.filter(|note| !note.is_empty()).collect::<Vec<_>>().join("\n")
}

fn joined<const N: usize>(parts: [String; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// A `value[x]` in words.
fn value(holder: &Element) -> String {
    const PLAIN: [&str; 9] = [
        "valueString",
        "valueInteger",
        "valueDecimal",
        "valueDateTime",
        "valueDate",
        "valueTime",
        "valueUri",
        "valueReference.display",
        "valuePeriod.start",
    ];
    if let Some(quantity) = holder.first("valueQuantity") {
        let unit = [quantity.text("unit"), quantity.text("code")].into_iter().find(|unit| !unit.is_empty());
        let parts = [quantity.text("comparator"), quantity.text("value"), unit.unwrap_or_default()];
        return parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    }
    if let Some(coding) = holder.first("valueCoding") {
        let said = [coding.text("display"), coding.text("code")].into_iter().find(|text| !text.is_empty());
        return said.unwrap_or_default().to_owned();
    }
    match holder.text("valueBoolean") {
        "true" => return "yes".to_owned(),
        "false" => return "no".to_owned(),
        _ => {}
    }
    let concept = concept(holder.first("valueCodeableConcept"));
    if !concept.is_empty() {
        return lines(&concept);
    }
    PLAIN.into_iter().map(|path| lines(holder.text(path))).find(|text| !text.is_empty()).unwrap_or_default()
}

/// Words with their line breaks: some senders write a break as a backslash and an n.
pub fn lines(text: &str) -> String {
    let broken = text.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\r\n", "\n");
    let trimmed: Vec<&str> = broken.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    trimmed.join("\n")
}
