//! Secure e-mail. A mail server forgets what it has taken, so that what is unknown is never sent again by itself.

use super::{Carrier, Handed, SendError};
use crate::mail::{Mail, MailError};
use crate::store::{DeliveryRow, FrozenMessage, Route};
use async_trait::async_trait;

/// Hands e-mails over to the mail server. Where there is none, deliveries still come by here, to be told so.
#[derive(Debug, Clone)]
pub struct MailCarrier(Option<Mail>);

impl MailCarrier {
    pub fn new(mail: Option<Mail>) -> Self {
        Self(mail)
    }
}

#[async_trait]
impl Carrier for MailCarrier {
    fn routes(&self) -> &'static [Route] {
        &[Route::Email]
    }

    fn may_repeat(&self) -> bool {
        false
    }

    async fn send(&self, row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError> {
        let none = || SendError::OursToMend("This server does not send e-mail any more.".to_owned());
        let taken = self.0.as_ref().ok_or_else(none)?.send_message(&message.target, &message.payload).await;
        let their_id = taken.map_err(failure)?;
        Ok(Handed {
            their_id,
            // The mail server took it. Whether somebody reads it is never heard.
            answers: false,
            settled: false,
            words: format!("Sent by e-mail to {} for {}.", message.target, row.addressee),
        })
    }
}

fn failure(error: MailError) -> SendError {
    match error {
        MailError::Busy(cause) => {
            let said = cause.downcast_ref::<lettre::transport::smtp::Error>();
            if said.is_some_and(lettre::transport::smtp::Error::is_transient) {
                SendError::Busy { after: None }
            } else {
                SendError::Unreachable(cause)
            }
        }
        MailError::Unknown(cause) => SendError::Unknown(cause),
        MailError::Refused(said) => {
            let code = said.split_whitespace().next().unwrap_or_default().to_owned();
            SendError::Refused {
                code,
                meaning: format!("The mail server refused the e-mail: {said}"),
                next: true,
            }
        }
        MailError::Misconfigured(words) => SendError::OursToMend(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Outgoing;
    use crate::mail::sink::{Mood, Sink};
    use crate::store::{DeliveryKind, DeliveryState};
    use shared::ids::ConsultationId;
    use uuid::Uuid;

    fn row() -> DeliveryRow {
        DeliveryRow {
            id: Uuid::from_u128(1),
            consultation: ConsultationId::from_bytes([1; 16]),
            pharmacy: "FZ999".parse().expect("an ODS code"),
            kind: DeliveryKind::GpNotice,
            amendment: 0,
            route: Route::Email,
            position: 1,
            state: DeliveryState::Queued,
            addressee: "Elm Road Surgery".to_owned(),
            detail: String::new(),
            target: "elm.road@nhs.net".to_owned(),
            header_id: None,
            attempts: 1,
            next_at: None,
            answer_by: None,
            lease_owner: None,
            lease_until: None,
            mesh_message_id: None,
            inf_status: String::new(),
            bus_status: String::new(),
            last_error: String::new(),
            gave_way: false,
            may_have_left: false,
            version: 1,
            created_at: 0,
            changed_at: 0,
        }
    }

    async fn carried(mood: Mood) -> (Sink, Result<Handed, SendError>) {
        let sink = Sink::start().await.expect("a mail server");
        let mail = sink.mail().expect("settings");
        let outgoing = Outgoing {
            to: "elm.road@nhs.net".to_owned(),
            subject: "Notice".to_owned(),
            text: "Attached.".to_owned(),
            attachments: Vec::new(),
            message_id: "1@nhs.net".to_owned(),
            in_reply_to: String::new(),
        };
        let message = FrozenMessage {
            target: outgoing.to.clone(),
            workflow: String::new(),
            subject: outgoing.subject.clone(),
            local_id: outgoing.message_id.clone(),
            content_type: "message/rfc822".to_owned(),
            payload: mail.message(&outgoing, 0).expect("bytes"),
            header_id: outgoing.message_id.clone(),
        };
        sink.be(mood);
        let answer = MailCarrier::new(Some(mail)).send(&row(), &message).await;
        (sink, answer)
    }

    #[tokio::test]
    async fn exactly_the_frozen_bytes_arrive_and_nobody_is_said_to_have_read_them() {
        let (sink, answer) = carried(Mood::Takes).await;
        let handed = answer.expect("taken");
        assert!(!handed.answers);
        assert_eq!(handed.words, "Sent by e-mail to elm.road@nhs.net for Elm Road Surgery.");
        let taken = sink.taken();
        assert!(taken[0].message.starts_with(b"From: "), "{}", String::from_utf8_lossy(&taken[0].message));
    }

    #[tokio::test]
    async fn each_failure_leads_to_what_must_be_done_next() {
        assert!(matches!(carried(Mood::Busy).await.1, Err(SendError::Busy { after: None })));
        assert!(matches!(carried(Mood::HangsUp).await.1, Err(SendError::Unreachable(_))));
        assert!(matches!(carried(Mood::TakesAndHangsUp).await.1, Err(SendError::Unknown(_))));
        assert!(matches!(carried(Mood::Plain).await.1, Err(SendError::OursToMend(_))));
        let refused = carried(Mood::RefusesRecipient).await.1;
        assert!(
            matches!(&refused, Err(SendError::Refused { code, next: true, .. }) if code == "550"),
            "{refused:?}"
        );
    }

    #[tokio::test]
    async fn an_e_mail_of_unknown_fate_may_never_be_repeated_by_itself() {
        let (sink, _) = carried(Mood::TakesAndHangsUp).await;
        assert!(!MailCarrier::new(sink.mail().ok()).may_repeat());
    }
}
