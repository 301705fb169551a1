//! What a message on the waiting list becomes: forms with what was read in them, and the record's referral.

use crate::ui::words;
use crate::walk_in::ReferrerForm;
use crate::walk_in::model::PatientForm;
use shared::api::{WaitingContent, WaitingView};
use shared::consultation::{Referral, ReportSection};
use shared::time::{self, Millis};

/// What it seems to be. A guess, and worded as one.
pub fn kind_words(view: &WaitingView) -> &'static str {
    match (view.source.as_str(), view.content.kind.as_str()) {
        ("itk3", _) => "Letter from a practice's system",
        (_, "referral") => "May be a referral",
        (_, "copy-of-111") => "May be a copy of an NHS 111 case",
        (_, "unreadable") => "Could not be read",
        _ => "E-mail",
    }
}

/// One line of the list: when, from whom, about what.
pub fn line_words(view: &WaitingView, now: Millis) -> String {
    let content = &view.content;
    let from = if content.from.is_empty() { "an unnamed sender" } else { content.from.as_str() };
    let subject = if content.subject.is_empty() { "no subject" } else { content.subject.as_str() };
    format!("{}, {}: {from}, {subject}", kind_words(view), words::when(&view.arrived_at, now))
}

/// The patient's boxes as far as they could be read.
pub fn patient_form(content: &WaitingContent) -> PatientForm {
    let field = |name: &str| content.field(name).to_owned();
    PatientForm {
        family_name: field("family_name"),
        given_name: field("given_name"),
        birth_date: field("birth_date"),
        sex: field("sex"),
        nhs_number: words::nhs_number(content.field("nhs_number")),
        address: field("address"),
        postcode: field("postcode"),
        location_now: String::new(),
        phone: field("phone"),
        gp_name: field("gp_name"),
        gp_ods: field("gp_ods"),
    }
}

/// The referrer's boxes as far as they could be read.
pub fn referrer_form(content: &WaitingContent) -> ReferrerForm {
    let field = |name: &str| content.field(name).to_owned();
    ReferrerForm {
        kind: if content.kind == "copy-of-111" { "NHS111".to_owned() } else { "GP".to_owned() },
        name: field("referrer_name"),
        ods: String::new(),
        person: field("referrer_person"),
        contact: field("referrer_contact"),
        case_reference: field("case_reference"),
        disposition: field("disposition"),
        promised: String::new(),
    }
}

/// What was taken out of something longer: each is named, so that somebody compares it.
pub fn to_check(content: &WaitingContent) -> Vec<String> {
    let unsure = content.fields.iter().filter(|field| !field.sure);
    unsure.map(|field| format!("{}: {}", field.field.replace('_', " "), field.value)).collect()
}

/// Writes where it came from into the referral, and its words as they came. The form is written over it afterwards.
pub fn write_origin(view: &WaitingView, referral: &mut Referral) {
    let content = &view.content;
    "email".clone_into(&mut referral.channel);
    referral.message_id.clone_from(&content.message_id);
    referral.reply_to.clone_from(&content.reply_to);
    referral.received_at.clone_from(&view.arrived_at);
    // A sender's clock is not believed beyond the moment at which the message was here.
    let sent = time::read(&content.sent_at).filter(|sent| Some(*sent) <= time::read(&view.arrived_at));
    referral.referred_at = sent.map(time::stored).unwrap_or_default();
    let id: String = content.message_id.chars().filter(|c| !c.is_whitespace()).collect();
    if !id.is_empty() {
        referral.case_ids = format!("mail|{id}");
    }
    let title = if view.source == "itk3" { "Letter as it came" } else { "E-mail as it came" };
    let heading: Vec<String> = [("From", &content.from), ("Subject", &content.subject)]
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(label, words)| format!("{label}: {words}\n"))
        .collect();
    let heading = heading.concat();
    let rest = if content.cut { "\n(There is more in the original.)" } else { "" };
    referral.sections =
        vec![ReportSection { title: title.to_owned(), text: format!("{heading}\n{}{rest}", content.text) }];
    if !content.attachments.is_empty() {
        let names: Vec<&str> = content.attachments.iter().map(|file| file.name.as_str()).collect();
        referral.sections.push(ReportSection {
            title: "Attached to it".to_owned(),
            text: format!("{}. Kept in the original, under Messages waiting.", names.join(", ")),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::{WaitingAttachment, WaitingField};

    fn mail() -> WaitingView {
        let field = |field: &str, value: &str, sure| WaitingField {
            field: field.to_owned(),
            value: value.to_owned(),
            sure,
        };
        WaitingView {
            id: "a".to_owned(),
            source: "email".to_owned(),
            arrived_at: "2026-11-23T10:00:00Z".to_owned(),
            content: WaitingContent {
                kind: "referral".to_owned(),
                from: "Elm Road Surgery <elm.road@example.nhs.net>".to_owned(),
                message_id: "1@example".to_owned(),
                sent_at: "2026-11-23T09:58:00Z".to_owned(),
                text: "Patient: Hettie Winters".to_owned(),
                fields: vec![field("family_name", "Winters", false), field("nhs_number", "9990548609", true)],
                attachments: vec![WaitingAttachment { name: "letter.pdf".to_owned(), ..Default::default() }],
                ..WaitingContent::default()
            },
            ..WaitingView::default()
        }
    }

    #[test]
    fn what_was_read_stands_in_the_form_and_what_was_not_stays_empty() {
        let form = patient_form(&mail().content);
        assert_eq!((form.family_name.as_str(), form.nhs_number.as_str()), ("Winters", "999 054 8609"));
        assert_eq!((form.birth_date.as_str(), form.gp_ods.as_str()), ("", ""));
        assert_eq!(to_check(&mail().content), ["family name: Winters"]);
    }

    #[test]
    fn a_confirmed_e_mail_says_that_it_is_one_and_holds_its_words_as_they_came() {
        let mut referral = Referral::default();
        write_origin(&mail(), &mut referral);
        assert_eq!((referral.channel.as_str(), referral.case_ids.as_str()), ("email", "mail|1@example"));
        assert!(referral.sections[0].text.ends_with("Patient: Hettie Winters"));
        assert!(referral.sections[1].text.contains("letter.pdf"));
        assert_eq!(referral.referred_at, "2026-11-23T09:58:00Z");
        assert_eq!(referral.received_at, "2026-11-23T10:00:00Z");
    }

    #[test]
    fn a_sender_whose_clock_runs_ahead_is_not_believed() {
        let mut ahead = mail();
        ahead.content.sent_at = "2026-11-25T09:58:00Z".to_owned();
        let mut referral = Referral::default();
        write_origin(&ahead, &mut referral);
        assert_eq!(referral.referred_at, "");
    }
}
