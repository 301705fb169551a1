//! What an alert says. Nothing in it comes from a record.

use super::Kind;
use crate::app::App;
use crate::mail::Outgoing;
use crate::store::AlertStage;
use shared::ids::OdsCode;
use uuid::Uuid;

pub fn alert(
    app: &App,
    (stage, kind): (AlertStage, Kind),
    pharmacy: &OdsCode,
    to: &str,
    number: usize,
) -> Outgoing {
    let (what, not) = match (kind, number) {
        (Kind::Referral, 1) => ("A new referral waits".to_owned(), "opened"),
        (Kind::Referral, _) => (format!("{number} new referrals wait"), "opened"),
        (Kind::Message, 1) => ("A message, which may be a referral, waits".to_owned(), "decided about"),
        (Kind::Message, _) => (format!("{number} messages, which may be referrals, wait"), "decided about"),
    };
    let done = format!("{not} {}", if number == 1 { "it" } else { "them" });
    let minutes = match stage {
        AlertStage::Unopened => app.config.arrivals.alert_minutes,
        AlertStage::Escalated => app.config.arrivals.escalate_minutes,
    };
    let subject = match stage {
        AlertStage::Unopened => format!("{what} at {pharmacy}"),
        AlertStage::Escalated => format!("{what} at {pharmacy}, not {not} for {minutes} minutes"),
    };
    let host = app.config.origin.host_str().unwrap_or("localhost");
    Outgoing {
        to: to.to_owned(),
        text: format!(
            "{what} at the pharmacy {pharmacy}, and nobody has {done} for {minutes} minutes.\n\n\
             Open Satchel: {}\n\n\
             This e-mail holds nothing about the patient. Do not answer it.\n",
            app.config.origin_text()
        ),
        subject,
        attachments: Vec::new(),
        message_id: format!("{}@{host}", Uuid::new_v4()),
        in_reply_to: String::new(),
    }
}
