//! The answer to who referred by e-mail or letter: what came of it, as PDF, to the organisation's confirmed address alone.

use super::email::{Covering, confirmed, with_letter};
use super::{NotPrepared, Preparing};
use crate::store::FrozenMessage;
use shared::consultation::Referral;
use shared::ids::OdsCode;
use shared::letter::{Letterhead, answer};

/// The answer about the record as it was signed. Nobody asked for it, so where there is no way to send it none is owed.
pub async fn by_email(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let (pharmacy, signed) = (&preparing.sender.pharmacy, preparing.signed);
    let not_needed = |words: &str| {
        NotPrepared::NotNeeded(format!("{words} Phone whoever referred if they wait for an answer."))
    };
    let Some(mail) = &preparing.app.mail else {
        return Err(not_needed("This server does not send e-mail."));
    };
    let organisation: OdsCode = signed
        .referral
        .referrer_ods
        .parse()
        .map_err(|_| not_needed("The referrer’s ODS code is not recorded."))?;
    let to = match confirmed(preparing, &organisation, &preparing.row.addressee).await {
        Ok(to) => to,
        Err(NotPrepared::NextWay(words)) => return Err(not_needed(&words)),
        Err(other) => return Err(other),
    };
    let letterhead = Letterhead {
        name: &pharmacy.name,
        ods: pharmacy.ods.as_str(),
        address: &pharmacy.address,
        phone: &pharmacy.phone,
        email: mail.from(),
    };
    let letter = answer(preparing.summary, signed, &letterhead, preparing.signature)
        .ok_or_else(|| not_needed("The record has no id."))?;
    let text = [format!("{} answers a referral of yours. What came of it is attached.", pharmacy.name)];
    let covering = Covering {
        letter: &letter,
        to: &to,
        subject: "Answer to your referral of a patient to a pharmacy",
        text: &text,
        name: "answer",
        in_reply_to: asked_by(&signed.referral),
        also: Vec::new(),
    };
    with_letter(preparing, covering).await
}

/// The e-mail that is answered, where its id is one that may stand in a header; empty for a letter over MESH.
fn asked_by(referral: &Referral) -> &str {
    let id = referral.message_id.trim();
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>@".contains(&b));
    if id.split_once('@').is_some_and(|(name, host)| plain(name) && plain(host)) { id } else { "" }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Bench;
    use super::*;
    use crate::store::DeliveryKind;
    use mail_parser::MessageParser;

    /// Referred by e-mail by the practice that the address book knows.
    async fn bench() -> Bench {
        let mut bench = Bench::new().await;
        bench.row.kind = DeliveryKind::ReferrerFeedback;
        bench.signed.referral = Referral {
            channel: "email".to_owned(),
            referrer_ods: "A99999".to_owned(),
            referrer_name: "Elm Road Surgery".to_owned(),
            message_id: "m-17@nhs.net".to_owned(),
            reply_to: "someone@example.com".to_owned(),
            ..Referral::default()
        };
        bench
    }

    #[tokio::test]
    async fn the_answer_goes_to_the_confirmed_address_and_not_to_the_one_in_the_e_mail() {
        let bench = bench().await;
        bench.knows_address("elm.road@nhs.net", true).await;
        let message = bench.prepared().await.expect("a message");
        assert_eq!(message.target, "elm.road@nhs.net");
        let read = MessageParser::default().parse(&message.payload).expect("an e-mail");
        assert_eq!(read.in_reply_to().as_text(), Some("m-17@nhs.net"));
        assert!(read.attachment(0).expect("an attachment").contents().starts_with(b"%PDF-"));
        let said = format!("{:?} {:?}", read.subject(), read.body_text(0));
        for secret in ["Sample", "Siân", "999", "SECRET", "example.com"] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }

    #[tokio::test]
    async fn without_a_confirmed_address_nothing_is_sent_and_nobody_is_asked_to() {
        let bench = bench().await;
        bench.knows_address("elm.road@nhs.net", false).await;
        let answered = bench.prepared().await;
        assert!(
            matches!(&answered, Err(NotPrepared::NotNeeded(why)) if why.contains("confirmed")),
            "{answered:?}"
        );
    }

    #[test]
    fn an_id_that_could_begin_another_header_is_not_answered_to() {
        let asked = |id: &str| Referral { message_id: id.to_owned(), ..Referral::default() };
        assert_eq!(asked_by(&asked("m-1@nhs.net")), "m-1@nhs.net");
        for odd in ["", "no-at-sign", "a@b\r\nBcc: x@y", "<a@b>", "a b@c"] {
            assert_eq!(asked_by(&asked(odd)), "", "{odd:?}");
        }
    }
}
