//! Reads what comes back: ITK3 responses (ITK008M) and MESH's own reports, and says what each means for us.
//!
//! Liberal on purpose: NHS England's own examples differ from the specification and from each other (referrals.md 9.2).

use crate::intake::xml;
use crate::nhs::mesh::Report;
use roxmltree::Node;
use uuid::Uuid;

/// An answer larger than this is none.
const LARGEST: usize = 1024 * 1024;

/// One answer to one of our messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// `MessageHeader.id` of ours; none where the other side could not read even that.
    pub answers: Option<Uuid>,
    pub level: Level,
    /// Code of ITK-ResponseCodes-1; empty where none was given.
    pub code: String,
    /// For the pharmacist, in words.
    pub meaning: String,
    /// What the other side added, for whoever mends a defect.
    pub diagnostics: String,
    pub outcome: Outcome,
}

/// Which of the two answers it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Whether the message arrived and can be read.
    Infrastructure,
    /// Whether the practice's system took it for this patient.
    Business,
}

/// What to do about it (referrals.md 9.2, sender's handling).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Yes, at its level.
    Done,
    /// The other side has had it before: as good as delivered.
    Delivered,
    /// It may work later.
    TryAgain,
    /// Our message is at fault: stop, tell whoever looks after the server, use the other way.
    OurDefect,
    /// The practice does not take it this way, or it is too large: send it the other way.
    UseOtherRoute,
    /// The replacement cannot be processed: e-mail, and a call where it matters (practice 21).
    ReplacementRefused,
    /// The patient is not at that practice: trace again.
    WrongPractice,
    /// The patient has died: tell the pharmacist.
    Deceased,
    /// Not something that answers a notice: a person looks.
    AskAPerson,
}

/// The bytes are not an ITK3 response.
#[derive(Debug, thiserror::Error)]
pub enum NotAnAck {
    #[error("this is not XML that an answer could be made of")]
    NotXml(#[source] xml::Unreadable),
    #[error("this message answers nothing")]
    NoResponse,
    #[error("this is too large for an answer, or not text")]
    NotText,
}

/// ITK-ResponseCodes-1 as it concerns a sender of notices (referrals.md 9.2).
const CODES: [(&str, Outcome, &str); 28] = [
    ("10001", Outcome::OurDefect, "the handling instructions were not accepted"),
    ("10002", Outcome::OurDefect, "the request for a technical answer was not accepted"),
    ("10003", Outcome::OurDefect, "the request for a clinical answer was not accepted"),
    ("10004", Outcome::OurDefect, "the kind of message was not recognised"),
    ("10005", Outcome::OurDefect, "the version of the message was not recognised"),
    ("10007", Outcome::OurDefect, "the sender's reference was not accepted"),
    ("10008", Outcome::OurDefect, "the handling instructions broke a rule"),
    ("10009", Outcome::OurDefect, "the message could not be read"),
    ("10010", Outcome::OurDefect, "the kind of recipient was not accepted"),
    ("20001", Outcome::UseOtherRoute, "the person addressed is not known there"),
    ("20002", Outcome::UseOtherRoute, "the practice addressed is not known there"),
    ("20003", Outcome::UseOtherRoute, "this pharmacy is not known there as a sender"),
    ("20004", Outcome::OurDefect, "an attachment of that kind is not approved"),
    ("20005", Outcome::OurDefect, "an attachment of that kind is not supported"),
    ("20006", Outcome::OurDefect, "the message header was not valid"),
    ("20007", Outcome::Delivered, "the practice has this message already"),
    ("20008", Outcome::Delivered, "the practice has this document already"),
    ("20009", Outcome::OurDefect, "the content of the message was not valid"),
    ("20010", Outcome::UseOtherRoute, "the practice does not take notices this way"),
    ("20011", Outcome::UseOtherRoute, "the person named in the message is not known there"),
    ("20012", Outcome::UseOtherRoute, "this pharmacy may not send to the practice this way"),
    ("20013", Outcome::Done, "the practice's system has received it"),
    ("20014", Outcome::ReplacementRefused, "the practice's system cannot replace the earlier notice"),
    ("20015", Outcome::UseOtherRoute, "the message is too large for the practice's system"),
    ("30001", Outcome::Done, "the practice's system took it for this patient"),
    ("30002", Outcome::WrongPractice, "the patient is not known at the practice"),
    ("30003", Outcome::WrongPractice, "the patient is no longer at the practice"),
    ("30004", Outcome::Deceased, "the patient is recorded as having died"),
];

/// Codes of MESH's own reports: nobody collected the message, or the practice was not found (referrals.md 8.4, 8.5).
const REPORTS: [(&str, Outcome, &str); 7] = [
    ("12", Outcome::UseOtherRoute, "no mailbox is registered under that address"),
    ("14", Outcome::UseOtherRoute, "the practice did not collect it within five days"),
    ("EPL-150", Outcome::UseOtherRoute, "more than one mailbox was found for the practice"),
    ("EPL-151", Outcome::UseOtherRoute, "no mailbox was found for the practice"),
    ("EPL-152", Outcome::WrongPractice, "the NHS number was not accepted"),
    ("EPL-153", Outcome::WrongPractice, "the NHS number was not found"),
    ("EPL-154", Outcome::WrongPractice, "the patient's details do not match the NHS number"),
];

/// What a report of MESH means for the notice it is about, in the same terms as an answer.
pub fn meaning_of_report(report: &Report) -> (Outcome, String) {
    match REPORTS.iter().find(|(code, ..)| *code == report.code) {
        Some((_, outcome, words)) => (*outcome, (*words).to_owned()),
        None => (Outcome::AskAPerson, format!("it could not be delivered (code {})", report.code)),
    }
}

/// Reads an answer. Never panics, whatever the bytes are.
pub fn read(bytes: &[u8]) -> Result<Ack, NotAnAck> {
    if bytes.len() > LARGEST {
        return Err(NotAnAck::NotText);
    }
    let text = xml::decode(bytes).map_err(|_| NotAnAck::NotText)?;
    let document = xml::parse(&text).map_err(NotAnAck::NotXml)?;
    let header = first(document.root(), "MessageHeader").ok_or(NotAnAck::NoResponse)?;
    let response = child(header, "response").ok_or(NotAnAck::NoResponse)?;
    let issue = first(document.root(), "OperationOutcome").and_then(|outcome| child(outcome, "issue"));
    let code = issue.and_then(response_code).unwrap_or_default();
    let said = child_value(response, "code").unwrap_or_default();
    let (outcome, meaning) = decide(&code, &said);
    Ok(Ack {
        answers: child_value(response, "identifier").as_deref().and_then(uuid),
        // 3xxxx are answers about the patient or the referral; all others are about the message.
        level: if code.starts_with('3') { Level::Business } else { Level::Infrastructure },
        meaning,
        diagnostics: issue.and_then(|issue| child_value(issue, "diagnostics")).unwrap_or_default(),
        outcome,
        code,
    })
}

fn decide(code: &str, said: &str) -> (Outcome, String) {
    if let Some((_, outcome, words)) = CODES.iter().find(|(known, ..)| *known == code) {
        return (*outcome, (*words).to_owned());
    }
    match said {
        "ok" if code.is_empty() => (Outcome::Done, "the practice's system has received it".to_owned()),
        "transient-error" => {
            (Outcome::TryAgain, "the practice's system could not take it just now".to_owned())
        }
        _ if code.is_empty() => {
            (Outcome::AskAPerson, "the practice's system refused it without a reason".to_owned())
        }
        _ => (
            Outcome::AskAPerson,
            format!("the practice's system gave an answer of another kind (code {code})"),
        ),
    }
}

/// The ITK code among the issue's codings; any coding where none says that it is one.
fn response_code(issue: Node<'_, '_>) -> Option<String> {
    let details = child(issue, "details")?;
    let codings = || details.children().filter(|node| node.tag_name().name() == "coding");
    let itk = |coding: &Node<'_, '_>| {
        child_value(*coding, "system").is_some_and(|system| system.contains("ITK-ResponseCodes"))
    };
    let coding = codings().find(itk).or_else(|| codings().next())?;
    child_value(coding, "code")
}

/// `urn:uuid:…`, `MessageHeader/…` or the bare UUID, in any case of letters.
fn uuid(text: &str) -> Option<Uuid> {
    let bare = text.trim().rsplit(['/', ':']).next()?;
    Uuid::parse_str(bare).ok()
}

/// By local name: some senders forget the namespace.
fn first<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.descendants().find(|node| node.tag_name().name() == name)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|node| node.tag_name().name() == name)
}

fn child_value(node: Node<'_, '_>, name: &str) -> Option<String> {
    child(node, name)?.attribute("value").map(|value| value.trim().to_owned())
}
