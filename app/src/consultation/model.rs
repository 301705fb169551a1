//! What the consultation screen shows and may do, decided without a browser.

use super::call::RESULTS;
use super::medicine_words::{part_value, part_words};
use crate::ui::words;
use crate::work_list::same_patient::Patient;
use shared::consultation::{
    Answer, Answers, Call, Clash, Consultation, Delivery, Notice, Status, WorkListRow, summarise,
};
use shared::pathway::{Assessment, Crossed, Field, Gap, Kind, Number, Pathway};
use shared::patient::tracing;
use shared::referral::told_by;
use shared::time::{self, Millis};

/// Where a step of the form stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Nothing is asked of it, or all that is asked is answered.
    Done,
    /// So many answers are still needed.
    Missing(usize),
    /// It is there to be read.
    Plain,
}

/// One entry of the column (on a phone: the row) of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Names the part of the page, `step-red-flags`.
    pub anchor: String,
    pub title: String,
    pub state: StepState,
}

impl Step {
    /// `done`, `2 missing` or nothing.
    pub fn words(&self) -> String {
        match self.state {
            StepState::Done => "done".to_owned(),
            StepState::Missing(number) => format!("{number} missing"),
            StepState::Plain => String::new(),
        }
    }
}

/// The part of the page that holds a section.
pub fn section_anchor(section: &str) -> String {
    format!("step-{section}")
}

/// The control that holds a question.
pub fn field_anchor(field: &str) -> String {
    format!("field-{field}")
}

/// Which of a pathway's questions the rules of a supply read last, before the medicines themselves.
const LAST_OF_INTERVIEW: &str = "impracticable";

/// The section after which the medicines stand, where each is asked about and decided: what follows depends on them.
/// `None` where they stand behind all sections.
pub fn medicines_after(pathway: &'static Pathway, assessment: &Assessment<'_>) -> Option<&'static str> {
    pathway.medicines.rules?;
    let named = Some(pathway.medicines.after.as_str()).filter(|after| !after.is_empty());
    let section = named.or_else(|| Some(pathway.field(LAST_OF_INTERVIEW)?.section.as_str()))?;
    assessment.sections.iter().any(|state| state.section.id == section).then_some(section)
}

/// The steps in the order of the page. `medicines`: how many things keep the medicines from being signed.
pub fn steps(pathway: &'static Pathway, assessment: &Assessment<'_>, medicines: usize) -> Vec<Step> {
    let plain = |anchor: &str, title: &str, missing: usize| Step {
        anchor: anchor.to_owned(),
        title: title.to_owned(),
        state: if missing == 0 { StepState::Plain } else { StepState::Missing(missing) },
    };
    let mut steps = vec![plain("step-referral", "Referral", 0)];
    let after = medicines_after(pathway, assessment);
    for state in &assessment.sections {
        steps.push(Step {
            anchor: section_anchor(&state.section.id),
            title: state.section.title.clone(),
            state: if state.answered < state.of {
                StepState::Missing(state.of - state.answered)
            } else if state.of == 0 {
                StepState::Plain
            } else {
                StepState::Done
            },
        });
        if after == Some(state.section.id.as_str()) {
            steps.push(plain("step-medicines", "Medicines", medicines));
        }
    }
    if after.is_none() {
        steps.push(plain("step-medicines", "Medicines", medicines));
    }
    steps.push(plain("step-notes", "Notes", 0));
    steps.push(plain("step-sign", "Sign", assessment.missing.len() + medicines));
    steps
}

/// Whether the pathway's gateway is crossed, in words; `None` where the pathway has none.
pub fn gateway_words(assessment: &Assessment<'_>) -> Option<String> {
    let crossed = assessment.gateways.iter().find(|state| state.crossed == Some(true));
    Some(match (Crossed::of(&assessment.gateways), crossed) {
        (Crossed::None, _) => return None,
        (_, Some(state)) => format!("Gateway crossed: {}.", state.gateway.label),
        (Crossed::NotYet, None) => "Gateway not crossed so far: answers are missing.".to_owned(),
        (Crossed::Yes | Crossed::No, None) => {
            "Gateway not crossed: as a pathway this consultation is not payable.".to_owned()
        }
    })
}

/// What is wrong with an answer, in words for whoever gave it; `None` for one not given yet.
pub fn gap_words(field: &Field, gap: &Gap) -> Option<String> {
    match gap {
        Gap::NotAnswered => None,
        Gap::Implausible { min, max } => Some(out_of_range(field, *min, *max)),
        Gap::NotOffered => Some("This answer no longer fits the others. Choose again.".to_owned()),
        Gap::Unfit => Some("This answer cannot be read. Answer again.".to_owned()),
    }
}

fn out_of_range(field: &Field, min: f64, max: f64) -> String {
    let unit = field.number.as_ref().map_or("", |number| number.unit.as_str());
    format!(
        "This is outside {} to {} {unit}, so it is taken for a slip. Check it and type it again.",
        field.written_number(min),
        field.written_number(max)
    )
}

/// Why a missing thing is missing, beside its name in the list before signing.
pub fn missing_words(gap: &Gap) -> &'static str {
    match gap {
        Gap::NotAnswered => "not answered",
        Gap::Implausible { .. } => "outside the plausible range",
        Gap::NotOffered => "no longer fits",
        Gap::Unfit => "cannot be read",
    }
}

/// What was typed, as an answer; `None` takes the answer back.
pub fn typed(field: &Field, text: &str) -> Result<Option<Answer>, String> {
    let text = if field.kind == Kind::Words { text.trim_end() } else { text.trim() };
    if text.is_empty() {
        return Ok(None);
    }
    match (&field.number, field.kind) {
        (Some(number), Kind::Number) => typed_number(number, text).map(Some),
        _ => Ok(Some(Answer::text(text))),
    }
}

fn typed_number(number: &Number, text: &str) -> Result<Answer, String> {
    let value: Option<f64> = text.replace(',', ".").parse().ok().filter(|value: &f64| value.is_finite());
    value.map(Answer::Number).ok_or_else(|| {
        let unit = if number.unit.is_empty() { String::new() } else { format!(" in {}", number.unit) };
        format!("Enter a number{unit}, for example {}.", number.min.midpoint(number.max).round())
    })
}

/// What stands in a control for the answer now recorded.
pub fn written(field: &Field, answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Number(value)) => {
            let exact = value.to_string();
            let tidy = field.written_number(*value);
            // A slip such as 385 for 38.5 must be seen as it was typed.
            if tidy.parse() == Ok(*value) { tidy } else { exact }
        }
        Some(answer) => answer.to_string(),
        None => String::new(),
    }
}

/// The recorded answers that this field's kind is kept in.
pub fn store<'a>(record: &'a Consultation, field: &Field) -> &'a Answers {
    if field.observation { &record.observations } else { &record.answers }
}

/// Records or takes back one answer. The first one begins the visit.
pub fn put(record: &mut Consultation, field: &Field, key: &str, answer: Option<Answer>, now: Millis) {
    if record.visit.started_at.is_empty() {
        record.visit.started_at = time::stored(now);
    }
    let store = if field.observation { &mut record.observations } else { &mut record.answers };
    match answer {
        Some(answer) => {
            store.insert(key.to_owned(), answer);
        }
        None => {
            store.remove(key);
        }
    }
}

/// Key of one option of a `several`.
pub fn option_key(field: &Field, option: &str) -> String {
    format!("{}.{option}", field.id)
}

/// One of the three truths (design 2.4): said only when it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// `device`, `server`, `gp`: for tests and styles.
    pub place: &'static str,
    pub words: String,
    pub holds: bool,
}

/// When what was recorded reached which place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reached {
    /// Last durable edit on this device.
    pub device: Option<Millis>,
    /// When the server last said that it has everything; `None` while something of it is only here.
    pub server: Option<Millis>,
}

/// The line under the title.
pub fn truths(record: &Consultation, reached: Reached, now: Millis) -> [Truth; 3] {
    let at = |at: Option<Millis>| at.map(|at| format!(" {}", words::moment(at, now))).unwrap_or_default();
    let device =
        Truth { place: "device", words: format!("Saved on this device{}", at(reached.device)), holds: true };
    let server = match reached.server {
        Some(_) => {
            Truth { place: "server", words: format!("With the server{}", at(reached.server)), holds: true }
        }
        None => Truth { place: "server", words: "Not yet with the server".to_owned(), holds: false },
    };
    [device, server, with_the_gp(record, reached, now)]
}

/// So long before the GP should know is the practice phoned, while there is no signal.
const PHONE_WITHIN: Millis = 2 * 3_600_000;

fn with_the_gp(record: &Consultation, reached: Reached, now: Millis) -> Truth {
    let gp = |holds: bool, words: String| Truth { place: "gp", words, holds };
    let Some(notice) = record.gp_notice() else {
        return gp(false, before_any_notice(record, reached, now));
    };
    let to = if notice.to.is_empty() { "the GP" } else { notice.to.as_str() };
    let at = words::when(&notice.at, now);
    let detail = notice.detail.trim_end_matches('.');
    let because = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    match notice.state.as_str() {
        "accepted" => gp(true, format!("With {to} {at}")),
        "received" => gp(false, format!("Reached {to} {at}, not yet taken in")),
        "sent" => gp(false, sent_words(notice, to, &at)),
        "queued" => gp(false, format!("Waits to be sent to {to}")),
        // The server's own words begin with it, and say what it waits for.
        "held" if notice.detail.starts_with("Held") => gp(false, notice.detail.clone()),
        "held" => gp(false, format!("Held, not sent to the GP{because}")),
        "refused" => gp(false, format!("Refused by {to}{because}. Phone the practice.")),
        "needs-attention" => {
            gp(false, format!("Not known whether {to} has it{because}. Phone the practice."))
        }
        "not-required" => gp(false, format!("The GP is not told{because}")),
        other => gp(false, format!("GP notice: {other}")),
    }
}

/// Nothing is known of a notice. What is only on this device counts down to when the GP should know (practice 20).
fn before_any_notice(record: &Consultation, reached: Reached, now: Millis) -> String {
    if record.signatures.is_empty() {
        return "The GP is told after signing".to_owned();
    }
    let Some(by) = gp_should_know(record).filter(|_| reached.server.is_none()) else {
        return "Not yet with the GP".to_owned();
    };
    let (at, left) = (words::moment(by, now), words::stretch(by - now));
    match by - now {
        ..=0 => format!("Not with the GP, who should know since {at}. Phone the practice."),
        1..=PHONE_WITHIN => format!("Not yet with the GP: due {at} ({left} left). Phone the practice."),
        _ => format!("Not yet with the GP: due {at} ({left} left)"),
    }
}

/// By when the GP should know of the earliest signature without a notice; `None` where no notice is due.
fn gp_should_know(record: &Consultation) -> Option<Millis> {
    let pathway = shared::pathway::find(&record.pathway);
    let stopped = pathway.is_some_and(|pathway| summarise(record, pathway).gp_notice_stopped);
    if stopped || !record.outcome.closure_reason.is_empty() {
        return None;
    }
    let known = |amendment: u64| record.deliveries.contains_key(&format!("gp-notice/{amendment}"));
    let waiting = record.signatures.values().filter(|signature| !known(signature.amendment));
    waiting.filter_map(|signature| time::read(&signature.at)).min().map(told_by)
}

/// The notice went no other way, or nobody knows whether it did: it can be printed and handed over.
pub fn needs_paper(record: &Consultation) -> bool {
    let stuck = |state: &str| matches!(state, "held" | "refused" | "needs-attention");
    record.gp_notice().is_some_and(|notice| stuck(&notice.state) || notice.route == "print")
}

/// E-mail and what a person did are not answered, and are never called *with the GP*.
fn sent_words(notice: &Delivery, to: &str, at: &str) -> String {
    match notice.route.as_str() {
        "email" => format!("Sent to {to} by secure e-mail {at}"),
        "print" => format!("{to} told {at}: {}", notice.detail),
        _ if notice.detail.starts_with("Done by hand") => format!("{to} told {at}: {}", notice.detail),
        _ => format!("Sent to {to} {at}, no answer yet"),
    }
}

/// `14:05, Asha Example phoned 0161 496 0000: They were told (Dr Example)`.
pub fn call_line(call: &Call, now: Millis) -> String {
    let said =
        RESULTS.iter().find(|(word, _)| *word == call.result).map_or(call.result.as_str(), |(_, said)| said);
    let number = if call.number.is_empty() { "the practice" } else { call.number.as_str() };
    let whom = if call.spoken_to.is_empty() { String::new() } else { format!(" ({})", call.spoken_to) };
    format!("{}, {} phoned {number}: {said}{whom}", words::when(&call.at, now), call.by)
}

/// What a notice beside the record is about, and what follows from it.
pub fn notice_words(kind: &str) -> (&'static str, &'static str) {
    const UNCHANGED: &str = "Your record is unchanged.";
    const SETTLE: &str =
        "Nothing was changed. Use “Look up in PDS” under the patient's details, and settle it there.";
    match kind {
        "new-version" => ("A newer version of the referral arrived", UNCHANGED),
        "withdrawn" => ("The sender withdrew the referral", UNCHANGED),
        "cancelled" => ("The sender cancelled the referral", UNCHANGED),
        tracing::SUPERSEDED => ("PDS replaced the NHS number", "Check that other systems have the new one."),
        _ if kind.starts_with(tracing::PDS_NOTICE) => ("News of this patient from PDS", SETTLE),
        "forwarded" => ("The other pharmacy told what came of it", UNCHANGED),
        "copy" => ("E-mail about this case", UNCHANGED),
        _ => ("News from the sender", UNCHANGED),
    }
}

/// Stands on the banner, always in sight, and not among the other notices.
pub fn is_on_banner(notice: &Notice) -> bool {
    [tracing::DECEASED, tracing::RESTRICTED].contains(&notice.kind.as_str())
}

/// What a clash or a history entry is about, in the form's words.
pub fn path_words(pathway: Option<&Pathway>, path: &str) -> String {
    let mut parts = path.splitn(2, '/');
    let (section, key) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match section {
        "answers" | "observations" => question_words(pathway, key),
        "patient" => patient_words(key).to_owned(),
        "visit" => match key {
            "taken_by" => "who is going",
            "taken_at" => "when it was taken",
            "started_at" => "when the visit began",
            "ended_at" => "when the visit ended",
            "responsible_pharmacist" => "responsible pharmacist",
            _ => "the visit",
        }
        .to_owned(),
        "medicines" => {
            let part = key.split_once('/').map_or_else(|| "entry".to_owned(), |(_, part)| part_words(part));
            format!("medicine, {part}")
        }
        "charge" => format!("charge, {}", key.replace(['_', '/'], " ")),
        "lookups" => "look for prescriptions or exemptions".to_owned(),
        "onward" => format!("sending the patient on, {}", key.replace('_', " ")),
        "outcome" => match key {
            "closure_reason" => "reason for closing",
            "attempts" => "attempts to reach the patient",
            _ => "outcome",
        }
        .to_owned(),
        "attempts" => "tries to reach the patient".to_owned(),
        "calls" => "call that was made".to_owned(),
        "signatures" => "signature".to_owned(),
        "amendments" => "amendment".to_owned(),
        "deliveries" => message_kind(key).to_owned(),
        "turns" => "another condition".to_owned(),
        "notices" => "news from the sender".to_owned(),
        "earlier_reports" => "earlier report".to_owned(),
        "referral" => "referral".to_owned(),
        "notes" => "notes".to_owned(),
        other => other.to_owned(),
    }
}

/// What a message is, by the first word of its place: `gp-notice/0`.
pub fn message_kind(place: &str) -> &'static str {
    match place.split('/').next().unwrap_or_default() {
        "claim" => "claim",
        "onward-referral" => "referral to the next service",
        "referrer-feedback" => "answer to the referrer",
        _ => "GP notice",
    }
}

fn question_words(pathway: Option<&Pathway>, key: &str) -> String {
    let Some(pathway) = pathway else { return key.to_owned() };
    if let Some(field) = pathway.field(key) {
        return field.short().to_owned();
    }
    let several = key.split_once('.').and_then(|(field, option)| {
        let field = pathway.field(field)?;
        Some(format!("{}: {}", field.short(), field.option(option)?.label))
    });
    several.unwrap_or_else(|| key.to_owned())
}

fn patient_words(key: &str) -> &str {
    match key {
        "nhs_number" => "NHS number",
        "nhs_number_status" => "NHS number checked",
        "traced_at" => "time of tracing with PDS",
        "pds_version" => "version of the PDS record",
        "nominated_pharmacy" => "nominated pharmacy",
        "family_name" => "family name",
        "given_name" => "given name",
        "birth_date" => "date of birth",
        "location_now" => "where the patient is now",
        "other_phones" => "other phone numbers",
        "gp_ods" => "GP practice code",
        "gp_name" => "GP practice",
        other => other,
    }
}

/// A stored value in the words of the form.
pub fn value_words(pathway: Option<&Pathway>, path: &str, value: &str) -> String {
    if path == "outcome/code" {
        let outcome = pathway.and_then(|pathway| pathway.outcome(value));
        return outcome.map_or_else(|| value.to_owned(), |outcome| outcome.label.clone());
    }
    if let Some((_, part)) = path.strip_prefix("medicines/").and_then(|key| key.split_once('/')) {
        return part_value(pathway, part, value);
    }
    let key = path.strip_prefix("answers/").or_else(|| path.strip_prefix("observations/"));
    let field = key.and_then(|key| pathway?.field(key));
    let Some(field) = field else { return value.to_owned() };
    match field.kind {
        Kind::Choice => field.option(value).map_or_else(|| value.to_owned(), |option| option.label.clone()),
        Kind::Number if !value.is_empty() => {
            let unit = field.number.as_ref().map_or("", |number| number.unit.as_str());
            format!("{value} {unit}").trim_end().to_owned()
        }
        Kind::Date => value.parse().map_or_else(|_| value.to_owned(), time::written_date),
        _ => value.to_owned(),
    }
}

/// `Asha Rao: yes 14:02, Ben Ade: no 14:05`, one line a live value.
pub fn clash_lines(pathway: Option<&Pathway>, clash: &Clash, now: Millis) -> Vec<String> {
    clash
        .versions
        .iter()
        .map(|version| {
            let by = if version.by.is_empty() { "Somebody" } else { version.by.as_str() };
            let value = value_words(pathway, &clash.path, &version.value);
            let value = if value.is_empty() { "nothing".to_owned() } else { value };
            format!("{by}: {value} {}", words::moment(version.at, now))
        })
        .collect()
}

/// The part of the page where a disputed thing is settled.
pub fn clash_anchor(path: &str) -> String {
    let plain = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("clash-{}", plain.collect::<String>())
}

/// The last question the red-flag panel answers: may this be signed as an emergency now?
pub fn emergency_words(assessment: &Assessment<'_>) -> String {
    if assessment.emergency_may_sign {
        "You can sign now. What is not filled in can be completed later.".to_owned()
    } else {
        let left: Vec<&str> = assessment.missing.iter().map(|missing| missing.label).collect();
        match left.len() {
            0 => "Answer the question that raised it, then sign.".to_owned(),
            1..=4 => format!("Before you sign: {}", left.join("; ")),
            number => format!("{number} things are needed before you sign."),
        }
    }
}

/// The notes after two people wrote at once: what I changed since `base`, put into what is there now.
pub fn notes_together(base: &str, mine: &str, theirs: &str) -> String {
    let [base, mine, theirs] = [base, mine, theirs].map(|text| text.chars().collect::<Vec<char>>());
    let (my_start, my_end) = changed(&base, &mine);
    let (their_start, their_end) = changed(&base, &theirs);
    let written = &mine[my_start..my_end + mine.len() - base.len()];
    let moved = |at: usize| at + theirs.len() - base.len();
    let (start, end) = if my_end <= their_start {
        (my_start, my_end)
    } else if my_start >= their_end {
        (moved(my_start), moved(my_end))
    } else {
        // Both changed the same words: mine come after theirs, so that nothing is lost.
        (moved(their_end), moved(their_end))
    };
    theirs[..start].iter().chain(written).chain(&theirs[end..]).collect()
}

/// The stretch of `base` that `other` has changed: from the first letter that differs to the last.
fn changed(base: &[char], other: &[char]) -> (usize, usize) {
    let start = base.iter().zip(other).take_while(|(a, b)| a == b).count();
    let rest = base[start..].iter().rev().zip(other[start..].iter().rev());
    (start, base.len() - rest.take_while(|(a, b)| a == b).count())
}

/// Another consultation of the same patient here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub id: String,
    /// `Minor illness, received 14:02, completed`.
    pub words: String,
    /// Neither signed nor closed: two people may be about to do the same thing (practice 5).
    pub unfinished: bool,
}

/// What else this pharmacy holds of the patient, newest first (practice 18).
pub fn others<'a>(
    id: &str,
    patient: &Patient,
    rows: impl IntoIterator<Item = &'a WorkListRow>,
    now: Millis,
) -> Vec<Other> {
    let mut rows: Vec<&WorkListRow> =
        rows.into_iter().filter(|row| row.id != id && patient.is_of(row)).collect();
    rows.sort_by(|a, b| b.received_at.cmp(&a.received_at));
    rows.into_iter()
        .map(|row| {
            let (stands, unfinished) = match row.status {
                Status::Received => ("new", true),
                Status::Open => ("begun", true),
                Status::Completed => ("completed", false),
                Status::Closed => ("closed", false),
                Status::Withdrawn => ("withdrawn by the sender", false),
            };
            let title = words::pathway_title(&row.pathway);
            let words = format!("{title}, received {}, {stands}", words::when(&row.received_at, now));
            Other { id: row.id.clone(), words, unfinished }
        })
        .collect()
}

/// Why the notice will not go although it may be signed, and what to do (practice 11); `None` when nothing holds it.
pub fn notice_held(record: &Consultation) -> Option<&'static str> {
    let patient = &record.patient;
    if record.pathway.split('@').next() == Some("urgent-medicine-supply") {
        Some("Practice systems do not take this notice by this route. Phone or e-mail the practice.")
    } else if patient.nhs_number.is_empty() {
        Some("There is no NHS number, so the notice to the GP is held. Phone or e-mail the practice.")
    } else if patient.nhs_number_status != "verified" {
        Some("The NHS number is not verified, so the notice to the GP is held. Phone or e-mail the practice.")
    } else if patient.birth_date.is_empty() {
        Some("The date of birth is missing, so the notice to the GP is held. Add it before you sign.")
    } else if patient.family_name.trim().is_empty() {
        Some("The family name is missing, so the notice to the GP is held. Add it before you sign.")
    } else {
        None
    }
}

/// What becomes of the notice once this is signed: said only as far as it is so (practice 7, 11).
pub fn after_signing(record: &Consultation, assessment: &Assessment<'_>) -> &'static str {
    let outcome = assessment.outcome_to_record(&record.answers);
    if assessment.gp_notice_stopped {
        "The patient does not want the GP told, so no notice is sent."
    } else if outcome.is_some_and(|outcome| !outcome.closure_reason.is_empty()) {
        "The referral is closed without a consultation, so no notice is sent to the GP."
    } else {
        notice_held(record).unwrap_or("The GP is told as soon as there is signal.")
    }
}

/// A clash's value as the record stores it, so that the chosen one can be written over the others.
pub fn clash_answer(pathway: Option<&Pathway>, path: &str, value: &str) -> Answer {
    let key = path.strip_prefix("answers/").or_else(|| path.strip_prefix("observations/"));
    let id = key.map(|key| key.split_once('.').map_or(key, |(field, _)| field));
    let kind = id.and_then(|id| pathway?.field(id)).map(|field| field.kind);
    match kind {
        Some(Kind::YesNo | Kind::Several) => Answer::YesNo(value == "yes"),
        Some(Kind::Number) => value.parse().map_or_else(|_| Answer::text(value), Answer::Number),
        _ => Answer::text(value),
    }
}
