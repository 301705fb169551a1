//! Letters by secure e-mail: a PDF attached, only to an address that somebody there has confirmed (practice 20).

use super::letter::{notice, pdf};
use super::{NotPrepared, Preparing};
use crate::mail::{Attached, Mail, Outgoing};
use crate::store::{AddressEntry, FrozenMessage};
use shared::ids::OdsCode;
use shared::letter::Letter;

/// What an e-mail is labelled as in the outbox.
const CONTENT_TYPE: &str = "message/rfc822";

/// A letter to be sent, and what is said around it. Neither subject nor text names the patient.
pub struct Covering<'a> {
    pub letter: &'a Letter,
    /// Confirmed ([`confirmed`]).
    pub to: &'a AddressEntry,
    /// `Pharmacy First: notice about a patient`; the reference is added.
    pub subject: &'a str,
    /// What the PDF is and what to do with it, a paragraph each.
    pub text: &'a [String],
    /// Of the PDF, without reference and ending: `notice`.
    pub name: &'a str,
    /// `Message-ID` of what is answered; empty for nothing.
    pub in_reply_to: &'a str,
    /// Beside the PDF.
    pub also: Vec<Attached>,
}

/// The notice to the patient's practice.
pub async fn gp_notice(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let patient = &preparing.signed.patient;
    // Said first: a practice without an address must not hide that nothing may be sent at all.
    let letter = notice(preparing)?;
    let practice: OdsCode = patient.gp_ods.parse().map_err(|_| {
        NotPrepared::NextWay("It is not known which practice the patient is registered with.".to_owned())
    })?;
    let to = confirmed(preparing, &practice, &preparing.row.addressee).await?;
    let text = [
        format!(
            "A notice about a patient of {} who was seen by {} is attached.",
            preparing.row.addressee, preparing.sender.pharmacy.name
        ),
        "Please file it in the patient’s record and tell the clinicians who need to know.".to_owned(),
    ];
    let covering = Covering {
        letter: &letter,
        to: &to,
        subject: "Pharmacy First: notice about a patient",
        text: &text,
        name: "notice",
        in_reply_to: "",
        also: Vec::new(),
    };
    with_letter(preparing, covering).await
}

/// The confirmed address of an organisation. An address that nobody there has confirmed is none.
pub async fn confirmed(
    preparing: &Preparing<'_>,
    organisation: &OdsCode,
    name: &str,
) -> Result<AddressEntry, NotPrepared> {
    let pharmacy = &preparing.sender.pharmacy.ods;
    let entry = preparing.app.store.confirmed_address(pharmacy, organisation).await?;
    entry.ok_or_else(|| {
        NotPrepared::NextWay(format!("No e-mail address of {name} is confirmed in the address book."))
    })
}

/// Any letter as the PDF of an e-mail.
pub async fn with_letter(
    preparing: &Preparing<'_>,
    covering: Covering<'_>,
) -> Result<FrozenMessage, NotPrepared> {
    let Some(mail) = &preparing.app.mail else {
        return Err(NotPrepared::NextWay("This server does not send e-mail.".to_owned()));
    };
    // The address book is the one door to patients' data by e-mail, whoever calls.
    if covering.to.confirmed_at.is_none() {
        let words = format!("The e-mail address of {} is not confirmed.", covering.to.name);
        return Err(NotPrepared::NextWay(words));
    }
    let pdf = pdf(covering.letter).await?;
    let outgoing =
        written(mail, &preparing.row.id.to_string(), &preparing.sender.pharmacy.phone, covering, pdf);
    let payload = mail.message(&outgoing, preparing.now);
    let payload = payload.map_err(|error| NotPrepared::NextWay(error.to_string()))?;
    Ok(FrozenMessage {
        target: outgoing.to,
        workflow: String::new(),
        subject: outgoing.subject,
        local_id: outgoing.message_id.clone(),
        content_type: CONTENT_TYPE.to_owned(),
        payload,
        header_id: outgoing.message_id,
    })
}

fn written(mail: &Mail, delivery: &str, phone: &str, covering: Covering<'_>, pdf: Vec<u8>) -> Outgoing {
    let letter = covering.letter;
    let to = covering.to.email.trim().to_owned();
    let mut text: Vec<String> = covering.text.to_vec();
    text.push(format!("{}.", letter.reference_line()));
    // The banners of a letter say how to read it and never who it is about.
    text.extend(letter.banners.iter().cloned());
    let phone = phone.trim();
    let call = if phone.is_empty() { String::new() } else { format!(", or phone {phone}") };
    text.push(format!("Not for you? Please delete it and tell us by answering this e-mail{call}."));
    let attached = Attached {
        name: format!("{}-{}-{}.pdf", covering.name, letter.reference, letter.version.saturating_add(1)),
        content_type: "application/pdf".to_owned(),
        bytes: pdf,
    };
    Outgoing {
        subject: mail.subject(&to, &format!("{}, reference {}", covering.subject, letter.reference)),
        to,
        text: text.join("\n\n"),
        attachments: [attached].into_iter().chain(covering.also).collect(),
        message_id: mail.message_id(delivery),
        in_reply_to: covering.in_reply_to.to_owned(),
    }
}

#[cfg(test)]
mod tests;
