//! What the list says of each message, in words.

use shared::api::DeliveryView;
use shared::consultation::WorkListRow;

/// The states of a delivery in which a person must act, as work-list rows name them.
const OPEN: [&str; 3] = ["held", "refused", "needs-attention"];

/// Whether anything that this visit must tell others waits for a person.
pub fn needs_a_person(row: &WorkListRow) -> bool {
    OPEN.contains(&row.notice.as_str()) || OPEN.contains(&row.other_deliveries.as_str())
}

/// What needs a person, newest first.
pub fn open(deliveries: Vec<DeliveryView>) -> Vec<DeliveryView> {
    deliveries.into_iter().filter(|delivery| delivery.needs_attention).collect()
}

/// `GP notice to Elm Road Surgery`.
pub fn title(delivery: &DeliveryView) -> String {
    let what = match delivery.kind.as_str() {
        "gp-notice" => "GP notice",
        "onward-referral" => "Referral",
        "referrer-feedback" => "Answer",
        "claim" => "Claim",
        other => other,
    };
    if delivery.to.is_empty() { what.to_owned() } else { format!("{what} to {}", delivery.to) }
}

/// A way as a button and a sentence name it.
pub fn way(route: &str) -> &str {
    match route {
        "update-record" => "GP Connect Update Record",
        "emergency-supply" => "emergency-supply message",
        "send-document" => "GP Connect Send Document",
        "email" => "secure e-mail",
        "bars" => "BaRS",
        "itk3" => "MESH",
        "handover" => "hand-over here",
        "mys" => "Manage Your Service",
        "print" => "paper or phone",
        other => other,
    }
}

/// The one line that says how things are.
pub fn line(delivery: &DeliveryView) -> String {
    let tried = match delivery.attempts {
        0 | 1 => String::new(),
        many => format!(" Tried {many} times."),
    };
    format!("By {}: {}{tried}", way(&delivery.route), delivery.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(needs_attention: bool) -> DeliveryView {
        DeliveryView {
            kind: "gp-notice".to_owned(),
            to: "Elm Road Surgery".to_owned(),
            route: "email".to_owned(),
            detail: "The address is not known there.".to_owned(),
            needs_attention,
            attempts: 3,
            ..DeliveryView::default()
        }
    }

    #[test]
    fn only_what_needs_a_person_is_listed_and_it_is_said_in_one_line() {
        let listed = open(vec![delivery(false), delivery(true)]);
        assert_eq!(listed.len(), 1);
        assert_eq!(title(&listed[0]), "GP notice to Elm Road Surgery");
        assert_eq!(line(&listed[0]), "By secure e-mail: The address is not known there. Tried 3 times.");
    }

    #[test]
    fn a_visit_is_counted_by_its_notice_and_by_what_else_it_sends() {
        let row = |notice: &str, other: &str| WorkListRow {
            notice: notice.to_owned(),
            other_deliveries: other.to_owned(),
            ..WorkListRow::default()
        };
        assert!(needs_a_person(&row("refused", "")) && needs_a_person(&row("accepted", "needs-attention")));
        assert!(!needs_a_person(&row("accepted", "")) && !needs_a_person(&row("sent", "queued")));
    }
}
