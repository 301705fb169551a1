//! Promises of e-mail: encrypted or not at all, told apart by what is known, and nobody writes headers but us.

use super::sink::{Mood, Sink};
use super::*;
use mail_parser::{MessageParser, MimeHeaders as _};

const AT: Millis = 1_795_000_000_000;

fn mail() -> Outgoing {
    Outgoing {
        to: "elm.road@nhs.net".to_owned(),
        subject: "Pharmacy First: notice about a patient, reference 7K2M-94QX".to_owned(),
        text: "A notice is attached.\nSiân’s practice reads “it”.\n.\n..two dots".to_owned(),
        attachments: vec![Attached {
            name: "notice-7K2M-94QX-1.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: (0..=255_u8).cycle().take(5_000).collect(),
        }],
        message_id: "3d6f0a8e-0000-4000-8000-000000000001@nhs.net".to_owned(),
        in_reply_to: String::new(),
    }
}

async fn sent(mood: Mood) -> (Sink, Result<(), MailError>) {
    let sink = Sink::start().await.expect("a mail server");
    sink.be(mood);
    let sender = sink.mail().expect("settings");
    let answer = sender.send(&mail()).await;
    (sink, answer)
}

fn bytes(mail: &Outgoing) -> Result<Vec<u8>, MailError> {
    let settings = MailSettings {
        host: "localhost".to_owned(),
        port: 1,
        user: String::new(),
        password: SecretString::from(""),
        from: "Siân’s Pharmacy <pharmacy.fa123@nhs.net>".to_owned(),
    };
    Mail::new(&settings)?.message(mail, AT)
}

#[tokio::test]
async fn an_e_mail_arrives_encrypted_with_its_words_and_its_attachment() {
    let (sink, answer) = sent(Mood::Takes).await;
    answer.expect("taken");
    let taken = sink.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].from, "pharmacy.fa123@nhs.net");
    assert_eq!(taken[0].to, ["elm.road@nhs.net"]);
    let message = MessageParser::default().parse(&taken[0].message).expect("an e-mail");
    assert_eq!(message.subject(), Some(mail().subject.as_str()));
    assert_eq!(message.message_id(), Some(mail().message_id.as_str()));
    let text = message.body_text(0).expect("a text").replace("\r\n", "\n");
    assert_eq!(text.trim_end(), mail().text);
    let attached: Vec<_> = message.attachments().collect();
    assert_eq!(attached.len(), 1);
    assert_eq!(attached[0].attachment_name(), Some("notice-7K2M-94QX-1.pdf"));
    assert_eq!(attached[0].contents(), mail().attachments[0].bytes);
}

#[tokio::test]
async fn nothing_is_said_to_a_server_without_encryption() {
    let (sink, answer) = sent(Mood::Plain).await;
    assert!(
        matches!(&answer, Err(MailError::Misconfigured(words)) if words.contains("STARTTLS")),
        "{answer:?}"
    );
    assert_eq!(sink.taken(), []);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_stops_everything() {
    let sink = Sink::start().await.expect("a mail server");
    let stranger = Mail::new(&sink.settings()).expect("settings");
    let answer = stranger.send(&mail()).await;
    assert!(
        matches!(&answer, Err(MailError::Misconfigured(words)) if words.contains("certificate")),
        "{answer:?}"
    );
    assert_eq!(sink.taken(), []);
}

#[tokio::test]
async fn a_wrong_password_is_ours_to_mend() {
    let (sink, answer) = sent(Mood::LocksOut).await;
    assert!(
        matches!(&answer, Err(MailError::Misconfigured(words)) if words.contains("password")),
        "{answer:?}"
    );
    assert_eq!(sink.taken(), []);
}

#[tokio::test]
async fn what_is_busy_before_or_after_the_message_is_tried_again() {
    for mood in [Mood::Busy, Mood::BusyWithMessage, Mood::HangsUp] {
        let (sink, answer) = sent(mood).await;
        assert!(matches!(answer, Err(MailError::Busy(_))), "{mood:?}: {answer:?}");
        assert_eq!(sink.taken(), [], "{mood:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = closed.local_addr().expect("an address").port();
    drop(closed);
    let sink = Sink::start().await.expect("a mail server");
    let settings = MailSettings { port, ..sink.settings() };
    let answer = Mail::new(&settings).expect("settings").send(&mail()).await;
    assert!(matches!(answer, Err(MailError::Busy(_))), "{answer:?}");
}

#[tokio::test]
async fn what_is_refused_for_good_says_so_in_the_servers_words() {
    for (mood, words) in [(Mood::RefusesRecipient, "550 5.1.1"), (Mood::TooLarge, "552 5.3.4")] {
        let (sink, answer) = sent(mood).await;
        assert!(
            matches!(&answer, Err(MailError::Refused(said)) if said.starts_with(words)),
            "{mood:?}: {answer:?}"
        );
        assert_eq!(sink.taken(), [], "{mood:?}");
    }
}

#[tokio::test]
async fn silence_after_the_message_is_unknown_and_not_a_failure() {
    let (sink, answer) = sent(Mood::TakesAndHangsUp).await;
    assert!(matches!(answer, Err(MailError::Unknown(_))), "{answer:?}");
    assert_eq!(sink.taken().len(), 1, "it had arrived, and sending it again would repeat it");
}

#[test]
fn the_same_e_mail_makes_the_same_bytes_and_only_ascii() {
    let once = bytes(&mail()).expect("an e-mail");
    assert_eq!(once, bytes(&mail()).expect("an e-mail"));
    assert!(once.is_ascii());
    let message = MessageParser::default().parse(&once).expect("an e-mail");
    let from = message.from().and_then(|from| from.first()).expect("a sender");
    assert_eq!(from.name(), Some("Siân’s Pharmacy"));
    assert_eq!(message.date().map(mail_parser::DateTime::to_timestamp), Some(AT / 1000));
}

#[test]
fn nobody_writes_a_header_into_an_e_mail() {
    let changed = |change: fn(&mut Outgoing)| {
        let mut mail = mail();
        change(&mut mail);
        bytes(&mail)
    };
    let attacks: [fn(&mut Outgoing); 9] = [
        |mail| mail.subject = "Notice\r\nBcc: thief@example.com".to_owned(),
        |mail| mail.subject = "Notice\nBcc: thief@example.com".to_owned(),
        |mail| mail.to = "elm.road@nhs.net\r\nBcc: thief@example.com".to_owned(),
        |mail| mail.to = "elm.road@nhs.net, thief@example.com".to_owned(),
        |mail| mail.to = "Elm <elm.road@nhs.net>".to_owned(),
        |mail| mail.to = "élm@nhs.net".to_owned(),
        |mail| mail.message_id = "a@b>\r\nBcc: <thief@example.com".to_owned(),
        |mail| mail.in_reply_to = "a@b> <c@d".to_owned(),
        |mail| mail.attachments[0].name = "a.pdf\"\r\nBcc: thief@example.com".to_owned(),
    ];
    for (index, attack) in attacks.into_iter().enumerate() {
        assert!(matches!(changed(attack), Err(MailError::Misconfigured(_))), "attack {index}");
    }
}

#[test]
fn an_address_outside_the_secure_domains_asks_for_encryption() {
    let mail = Mail::new(&MailSettings {
        host: "localhost".to_owned(),
        port: 1,
        user: String::new(),
        password: SecretString::from(""),
        from: "pharmacy.fa123@nhs.net".to_owned(),
    })
    .expect("settings");
    assert_eq!(mail.subject("a@nhs.net", "Notice"), "Notice");
    assert_eq!(mail.subject("a@Trust.NHS.net", "Notice"), "Notice");
    assert_eq!(mail.subject("a@notnhs.net", "Notice"), "[secure] Notice");
    assert_eq!(mail.subject("a@surgery.example", "Notice"), "[secure] Notice");
    let mail = mail.with_secure_domains(vec!["surgery.example".to_owned()]);
    assert_eq!(mail.subject("a@surgery.example", "Notice"), "Notice");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_is_in_an_e_mail_its_headers_are_ours(
        subject in proptest::prelude::any::<String>(),
        text in proptest::prelude::any::<String>(),
        name in proptest::prelude::any::<String>(),
    ) {
        let mut mail = mail();
        (mail.subject, mail.text, mail.attachments[0].name) = (subject, text, name);
        if let Ok(bytes) = bytes(&mail) {
            let message = MessageParser::default().parse(&bytes).expect("an e-mail");
            let to = message.to().and_then(|to| to.first()).and_then(|to| to.address.clone());
            proptest::prop_assert_eq!(to.as_deref(), Some("elm.road@nhs.net"));
            proptest::prop_assert!(message.bcc().is_none() && message.cc().is_none());
            proptest::prop_assert_eq!(message.attachments().count(), 1);
        }
    }
}
