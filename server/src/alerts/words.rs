//! What an alert says. Nothing in it comes from a record.

use crate::app::App;
use crate::mail::Outgoing;
use crate::store::AlertStage;
use shared::ids::OdsCode;
use uuid::Uuid;

pub fn alert(app: &App, stage: AlertStage, pharmacy: &OdsCode, to: &str, referrals: usize) -> Outgoing {
    let what = if referrals == 1 {
        "A new referral waits".to_owned()
    } else {
        format!("{referrals} new referrals wait")
    };
    let minutes = match stage {
        AlertStage::Unopened => app.config.arrivals.alert_minutes,
        AlertStage::Escalated => app.config.arrivals.escalate_minutes,
    };
    let subject = match stage {
        AlertStage::Unopened => format!("{what} at {pharmacy}"),
        AlertStage::Escalated => format!("{what} at {pharmacy}, not opened for {minutes} minutes"),
    };
    let host = app.config.origin.host_str().unwrap_or("localhost");
    Outgoing {
        to: to.to_owned(),
        text: format!(
            "{what} at the pharmacy {pharmacy}, and nobody has opened it for {minutes} minutes.\n\n\
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
