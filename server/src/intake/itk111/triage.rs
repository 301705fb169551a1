//! The questions and answers of an NHS Pathways triage, as a list a pharmacist can read.

use super::xml;
use roxmltree::Node;
use shared::consultation::TriageLine;
use std::collections::HashSet;

/// Steps of the triage engine that nobody was asked.
const NOT_ASKED: [&str; 3] = ["SetVariable", "QueryVariable", "PathwaysSelection"];

/// What a `PathwaysCase` attachment tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Triage {
    /// What the caller said is wrong.
    pub condition: String,
    /// In the order asked; answers that were changed during the call come last and say so.
    pub lines: Vec<TriageLine>,
}

/// Reads a `PathwaysCase`; `None` when the element is something else.
pub fn read(root: Node<'_, '_>) -> Option<Triage> {
    if !xml::named(root, "PathwaysCase") && xml::anywhere(root, "triageLine").next().is_none() {
        return None;
    }
    let condition = xml::anywhere(root, "condition").next().map(xml::words).unwrap_or_default();
    let mut lines = Vec::new();
    let mut changed = Vec::new();
    for line in xml::anywhere(root, "triageLine") {
        if let Some(asked) = line_of(line) {
            let taken_back =
                xml::child(line, "includeInReport").is_some_and(|kept| xml::words(kept) == "false");
            if taken_back { changed.push(asked) } else { lines.push(asked) }
        }
    }
    // A triage that ended early marks nothing as kept: then all of it is the triage.
    if lines.is_empty() {
        lines = changed;
    } else {
        let mut listed: HashSet<TriageLine> = lines.iter().cloned().collect();
        for line in changed {
            if listed.insert(line.clone()) {
                lines.push(TriageLine { answer: format!("{}{CHANGED}", line.answer), ..line });
            }
        }
    }
    Some(Triage { condition, lines })
}

const CHANGED: &str = " (changed later in the call)";

fn line_of(line: Node<'_, '_>) -> Option<TriageLine> {
    let kind = xml::child(line, "questionType").map(xml::words).unwrap_or_default();
    if NOT_ASKED.contains(&kind.as_str()) {
        return None;
    }
    let reported = xml::below(line, &["reportText", "text"]).map(xml::words).unwrap_or_default();
    let asked = xml::child(line, "question");
    let question = asked.and_then(|q| xml::child(q, "questionText")).map(xml::words).unwrap_or_default();
    let chosen: Vec<String> = asked
        .into_iter()
        .flat_map(|q| xml::anywhere(q, "answer"))
        .filter(|answer| xml::attribute(*answer, "selected") == "true")
        .filter_map(|answer| xml::child(answer, "text"))
        .map(xml::words)
        .collect();
    // Variables of the engine are sometimes sent as questions: `*`, `=="present"`.
    if !chosen.is_empty() && chosen.iter().all(|text| text == "*" || text.starts_with("==")) {
        return None;
    }
    let question = match (question.is_empty(), kind.as_str()) {
        (false, _) => question,
        (true, "Disposition") => "Disposition".to_owned(),
        (true, "CMS Lookup") => "Service found".to_owned(),
        (true, _) => String::new(),
    };
    let comment = asked
        .into_iter()
        .chain([line])
        .find_map(|place| xml::child(place, "userComment"))
        .map(xml::words)
        .unwrap_or_default();
    let mut answer = if chosen.is_empty() { reported } else { chosen.join("; ") };
    if !comment.is_empty() {
        answer = if answer.is_empty() { comment } else { format!("{answer} — {comment}") };
    }
    (!answer.is_empty()).then_some(TriageLine { question, answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(question: &str, answer: &str, kept: bool) -> String {
        format!(
            "<triageLine><questionType>SingleAnswer</questionType><question><questionText>{question}</questionText>\
             <answers><answer selected=\"true\"><text>{answer}</text></answer><answer selected=\"false\"><text>other\
             </text></answer></answers></question><includeInReport>{kept}</includeInReport></triageLine>"
        )
    }

    fn case(lines: &str) -> Triage {
        let xml = format!(
            "<p:PathwaysCase xmlns:p=\"x\" xmlns=\"x\"><condition>Cough</condition>{lines}</p:PathwaysCase>"
        );
        read(roxmltree::Document::parse(&xml).expect("XML").root_element()).expect("a case")
    }

    #[test]
    fn only_the_chosen_answer_is_listed() {
        let triage = case(&line("Any fever?", "no", true));
        assert_eq!(triage.lines, [TriageLine { question: "Any fever?".into(), answer: "no".into() }]);
        assert_eq!(triage.condition, "Cough");
    }

    #[test]
    fn an_answer_changed_during_the_call_is_last_and_says_so() {
        let triage = case(
            &(line("Bleeding?", "yes", false)
                + &line("Bleeding?", "yes", false)
                + &line("Bleeding?", "no", true)),
        );
        let answers: Vec<&str> = triage.lines.iter().map(|l| l.answer.as_str()).collect();
        assert_eq!(answers, ["no", "yes (changed later in the call)"]);
    }

    #[test]
    fn a_triage_in_which_nothing_was_kept_is_listed_whole() {
        assert_eq!(case(&line("Breathing?", "yes", false)).lines[0].answer, "yes");
    }

    #[test]
    fn the_engines_own_variables_are_not_questions() {
        let set = "<triageLine><questionType>SetVariable</questionType><reportText><text>x</text></reportText></triageLine>";
        assert_eq!(case(&(set.to_owned() + &line("SocialConcernsExcluded", "*", true))).lines, []);
    }

    #[test]
    fn a_comment_typed_by_the_call_handler_is_kept() {
        let typed = "<triageLine><question><questionText>Which?</questionText><answers><answer selected=\"true\"><text>\
                     other</text></answer></answers></question><userComment>bee sting</userComment></triageLine>";
        assert_eq!(case(typed).lines[0].answer, "other — bee sting");
    }

    #[test]
    fn something_else_is_not_a_triage() {
        assert_eq!(read(roxmltree::Document::parse("<other/>").expect("XML").root_element()), None);
    }
}
