//! Promises about what becomes of a delivery, one decision at a time.

use super::*;
use crate::nhs::gp_connect::{Ack, Level, Outcome};
use crate::nhs::mesh::Report;
use crate::outbox::carrier::{Handed, SendError};
use crate::store::{DeliveryKind, Route};
use shared::consultation::Delivery;
use shared::ids::ConsultationId;
use uuid::Uuid;

const NOW: Millis = 1_795_000_000_000;

fn row(state: DeliveryState) -> DeliveryRow {
    DeliveryRow {
        id: Uuid::from_u128(1),
        consultation: ConsultationId::from_bytes([1; 16]),
        pharmacy: "FZ999".parse().expect("an ODS code"),
        kind: DeliveryKind::GpNotice,
        amendment: 0,
        route: Route::UpdateRecord,
        position: 0,
        state,
        gave_way: false,
        may_have_left: false,
        addressee: "Elm Road Surgery".into(),
        detail: String::new(),
        target: "PRACTICE".into(),
        header_id: Some("h".into()),
        attempts: 1,
        next_at: None,
        answer_by: Some(NOW + 1000),
        lease_owner: Some("w".into()),
        lease_until: Some(NOW - 1),
        mesh_message_id: None,
        inf_status: String::new(),
        bus_status: String::new(),
        last_error: String::new(),
        version: 1,
        created_at: NOW,
        changed_at: NOW,
    }
}

const ALONE: Moment = Moment { now: NOW, jitter: 0.0, has_next: false };
const THEN: Moment = Moment { has_next: true, ..ALONE };

fn handed(answers: bool) -> Handed {
    Handed { their_id: "M".into(), answers, settled: false, words: "Handed over.".into() }
}

/// The ways of one delivery, in their order.
fn ways(states: &[(Route, DeliveryState)]) -> Vec<DeliveryRow> {
    let way = |(position, (route, state)): (u32, &(Route, DeliveryState))| DeliveryRow {
        id: Uuid::from_u128(u128::from(position)),
        route: *route,
        position,
        ..row(*state)
    };
    (0..).zip(states).map(way).collect()
}

fn ack(level: Level, outcome: Outcome, code: &str) -> Ack {
    let (meaning, diagnostics) = ("the practice said so".to_owned(), String::new());
    Ack { answers: None, level, code: code.to_owned(), meaning, diagnostics, outcome }
}

#[test]
fn with_the_gp_is_only_what_the_practice_took_for_the_patient() {
    let technical =
        answered(row(DeliveryState::Sent), &ack(Level::Infrastructure, Outcome::Done, "20013"), &ALONE);
    assert_eq!(technical.state, DeliveryState::Received);
    let clinical = answered(technical, &ack(Level::Business, Outcome::Done, "30001"), &ALONE);
    assert_eq!((clinical.state, clinical.bus_status.as_str()), (DeliveryState::Accepted, "30001"));
    assert_eq!((clinical.next_at, clinical.answer_by), (None, None));
}

#[test]
fn answers_in_the_wrong_order_end_in_the_same_place() {
    let clinical = answered(row(DeliveryState::Sent), &ack(Level::Business, Outcome::Done, "30001"), &ALONE);
    let both = answered(clinical, &ack(Level::Infrastructure, Outcome::Done, "20013"), &ALONE);
    assert_eq!(both.state, DeliveryState::Accepted);
    let late = sent(both, &handed(true));
    assert_eq!((late.state, late.mesh_message_id.as_deref()), (DeliveryState::Accepted, Some("M")));
}

#[test]
fn a_refusal_is_said_with_what_to_do_and_ends_the_trying() {
    let refused =
        answered(row(DeliveryState::Sent), &ack(Level::Business, Outcome::WrongPractice, "30002"), &ALONE);
    assert_eq!((refused.state, refused.next_at), (DeliveryState::Refused, None));
    assert!(refused.detail.contains("Trace the patient"), "{}", refused.detail);
    let again = answered(refused, &ack(Level::Infrastructure, Outcome::Delivered, "20007"), &ALONE);
    assert_eq!(again.state, DeliveryState::Refused, "had before is not taken");
}

#[test]
fn a_report_after_the_answer_changes_nothing() {
    let report = Report { about: "M".into(), code: "14".into(), description: String::new() };
    assert_eq!(undelivered(row(DeliveryState::Accepted), &report, &ALONE).state, DeliveryState::Accepted);
    let lost = undelivered(row(DeliveryState::Sent), &report, &ALONE);
    assert_eq!(lost.state, DeliveryState::NeedsAttention);
    assert!(lost.detail.contains("did not collect"), "{}", lost.detail);
}

#[test]
fn an_other_end_that_is_down_is_tried_again_and_one_that_says_no_gives_way() {
    let later = failed(row(DeliveryState::Queued), &SendError::Busy { after: None }, true, &ALONE);
    assert_eq!((later.state, later.next_at), (DeliveryState::Queued, Some(NOW + FIRST_PAUSE)));
    assert!(later.detail.contains("tried again by itself"), "{}", later.detail);
    let asked = failed(row(DeliveryState::Queued), &SendError::Busy { after: Some(90_000) }, true, &ALONE);
    assert_eq!(asked.next_at, Some(NOW + 90_000), "as long as it asks for");
    let no = || SendError::Refused { code: "12".into(), meaning: "no mailbox".into(), next: true };
    let refused = failed(row(DeliveryState::Queued), &no(), true, &THEN);
    assert_eq!((refused.state, refused.gave_way, refused.next_at), (DeliveryState::Refused, true, None));
    assert!(!refused.needs_a_person(), "the next way is gone instead");
    let last = failed(row(DeliveryState::Queued), &no(), true, &ALONE);
    assert_eq!(last.state, DeliveryState::NeedsAttention, "there is none");
    let defect = SendError::OurDefect { code: "06".into(), meaning: "malformed".into() };
    let defect = failed(row(DeliveryState::Queued), &defect, true, &THEN);
    assert!(defect.needs_a_person() && defect.gave_way, "both: somebody is told, and another way is gone");
}

#[test]
fn what_may_have_arrived_is_sent_again_only_where_it_is_known_again() {
    let lost = || SendError::Unknown("cut off".into());
    let mut tried = row(DeliveryState::Queued);
    tried.attempts = 1;
    let mesh = failed(tried.clone(), &lost(), true, &THEN);
    assert_eq!((mesh.state, mesh.next_at.is_some()), (DeliveryState::Queued, true));
    tried.attempts = 9;
    assert_eq!(failed(tried.clone(), &lost(), true, &THEN).state, DeliveryState::NeedsAttention, "it lasts");
    let email = failed(tried, &lost(), false, &THEN);
    assert_eq!((email.state, email.next_at, email.gave_way), (DeliveryState::NeedsAttention, None, false));
    assert!(email.detail.contains("mark it as done"), "{}", email.detail);
}

#[test]
fn what_waits_too_long_is_shown_and_still_sent() {
    let mut waiting = row(DeliveryState::Queued);
    waiting.next_at = Some(NOW + 5);
    let shown = overdue(waiting, &ALONE);
    assert_eq!((shown.state, shown.next_at), (DeliveryState::NeedsAttention, Some(NOW + 5)));
    let accepted = answered(shown, &ack(Level::Business, Outcome::Done, "30001"), &ALONE);
    assert_eq!(accepted.state, DeliveryState::Accepted);
}

#[test]
fn pauses_grow_to_half_an_hour_and_are_never_all_alike() {
    assert_eq!(pause(1, 0.0), 5_000);
    assert_eq!(pause(3, 0.0), 20_000);
    assert_eq!(pause(40, 0.0), LONGEST_PAUSE);
    assert!(pause(3, 0.9) > pause(3, 0.1));
}

#[test]
fn a_retry_needs_a_message_and_a_reason() {
    let mut nothing = row(DeliveryState::Held);
    nothing.header_id = None;
    nothing.attempts = 0;
    assert_eq!(retried(nothing, NOW), Err(CannotChange::NoMessage));
    assert_eq!(retried(row(DeliveryState::Accepted), NOW), Err(CannotChange::Arrived));
    let mut leased = row(DeliveryState::Queued);
    leased.lease_until = Some(NOW + 1);
    assert_eq!(retried(leased, NOW), Err(CannotChange::UnderWay));
    let again = retried(row(DeliveryState::NeedsAttention), NOW).expect("a retry");
    assert_eq!((again.state, again.next_at), (DeliveryState::Queued, Some(NOW)));
}

#[test]
fn a_fault_of_ours_needs_attention_and_the_next_way_is_gone_and_a_refusal_of_the_way_only_the_latter() {
    let defect = ack(Level::Infrastructure, Outcome::OurDefect, "20009");
    let defect = answered(row(DeliveryState::Sent), &defect, &THEN);
    assert_eq!((defect.state, defect.gave_way), (DeliveryState::NeedsAttention, true));
    assert!(defect.detail.contains("20009") && defect.needs_a_person(), "{}", defect.detail);
    let not_here = ack(Level::Infrastructure, Outcome::UseOtherRoute, "20010");
    let not_here = answered(row(DeliveryState::Sent), &not_here, &THEN);
    assert_eq!((not_here.state, not_here.gave_way), (DeliveryState::Refused, true));
    assert!(!not_here.needs_a_person());
    let elsewhere = ack(Level::Business, Outcome::WrongPractice, "30002");
    let elsewhere = answered(row(DeliveryState::Sent), &elsewhere, &THEN);
    assert!(elsewhere.needs_a_person() && !elsewhere.gave_way, "another way reaches the same wrong practice");
}

#[test]
fn a_technical_yes_still_waits_for_the_clinical_one_and_a_late_one_counts() {
    let yes = ack(Level::Infrastructure, Outcome::Done, "20013");
    let received = answered(row(DeliveryState::Sent), &yes, &THEN);
    assert_eq!((received.state, received.answer_by), (DeliveryState::Received, Some(NOW + 1000)));
    let late = overdue(received, &THEN);
    assert_eq!((late.state, late.gave_way, late.answer_by), (DeliveryState::Received, true, None));
    let taken = answered(late, &ack(Level::Business, Outcome::Done, "30001"), &THEN);
    assert!(taken.state == DeliveryState::Accepted && taken.is_settled());
}

#[test]
fn what_needs_no_answer_is_settled_when_it_is_sent() {
    assert!(sent(row(DeliveryState::Queued), &handed(false)).is_settled());
    assert!(!sent(row(DeliveryState::Queued), &handed(true)).is_settled());
}

#[test]
fn paper_is_asked_for_in_words_that_say_why_and_what_it_may_repeat() {
    use DeliveryState::{NotRequired, Sent, Standby};
    let mut all = ways(&[(Route::UpdateRecord, Sent), (Route::Email, NotRequired), (Route::Print, Standby)]);
    "No answer has come.".clone_into(&mut all[0].detail);
    "There is no address.".clone_into(&mut all[1].detail);
    let paper = started(all[2].clone(), &all, NOW);
    assert_eq!((paper.state, paper.next_at), (DeliveryState::NeedsAttention, None));
    for words in ["No answer has come.", "There is no address.", "may repeat an electronic message"] {
        assert!(paper.detail.contains(words), "{}", paper.detail);
    }
}

#[test]
fn a_late_way_is_given_half_an_hour_before_a_person_is_told() {
    let mut email = row(DeliveryState::Standby);
    (email.route, email.position, email.answer_by) = (Route::Email, 1, Some(NOW - 5));
    let email = started(email, &[], NOW);
    assert_eq!((email.state, email.next_at), (DeliveryState::Queued, Some(NOW)));
    assert_eq!(email.answer_by, Some(NOW + 30 * 60_000));
}

#[test]
fn of_all_ways_the_record_shows_the_one_that_is_furthest_and_true() {
    use DeliveryState::{Accepted, NeedsAttention, NotRequired, Received, Refused, Sent, Standby};
    let says = |states: &[(Route, DeliveryState)]| {
        let ways = ways(states);
        let row = shown(&ways).expect("a row");
        (row.route, row.state)
    };
    use Route::{Email, Print, UpdateRecord};
    assert_eq!(says(&[(UpdateRecord, Sent), (Email, Standby)]), (UpdateRecord, Sent));
    assert_eq!(says(&[(UpdateRecord, Refused), (Email, Sent)]), (Email, Sent));
    assert_eq!(says(&[(UpdateRecord, Accepted), (Email, Sent)]), (UpdateRecord, Accepted));
    assert_eq!(says(&[(UpdateRecord, Received), (Email, Sent)]), (UpdateRecord, Received));
    assert_eq!(says(&[(UpdateRecord, Received), (Print, NeedsAttention)]), (Print, NeedsAttention));
    assert_eq!(says(&[(UpdateRecord, NotRequired), (Email, NotRequired)]), (UpdateRecord, NotRequired));
}

#[test]
fn a_restored_row_learns_from_the_record_by_which_way_it_went() {
    let said = |state: &str, route: &str| Delivery {
        state: state.to_owned(),
        route: route.to_owned(),
        ..Delivery::default()
    };
    let mut queued = row(DeliveryState::Queued);
    queued.next_at = Some(NOW);
    let taken = remembered(queued.clone(), &said("accepted", "")).expect("the first release named no way");
    assert_eq!((taken.state, taken.next_at), (DeliveryState::Accepted, None));
    let gone = remembered(queued.clone(), &said("sent", "email")).expect("it went by e-mail");
    assert_eq!((gone.state, gone.next_at), (DeliveryState::NotRequired, None));
    let mut standby = row(DeliveryState::Standby);
    standby.route = Route::Email;
    assert_eq!(remembered(standby, &said("refused", "update-record")), None, "it is still to go");
}

#[test]
fn what_a_person_did_is_said_in_their_words_and_the_other_ways_rest() {
    use DeliveryState::{NeedsAttention, NotRequired, Sent, Standby};
    let all = ways(&[(Route::Email, NeedsAttention), (Route::Print, Standby)]);
    let rows = done(all[0].clone(), &all, "Asha Example", " Phoned reception. ", NOW).expect("done");
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [Sent, NotRequired]);
    assert_eq!(rows[0].detail, "Done by hand, says Asha Example: Phoned reception.");
    assert!(rows[0].is_settled());
    assert_eq!(done(all[0].clone(), &all, "Asha", "  ", NOW), Err(CannotChange::NoWords));
    let mut on_its_way = all[0].clone();
    on_its_way.lease_until = Some(NOW + 1);
    assert_eq!(done(on_its_way, &all, "Asha", "Phoned.", NOW), Err(CannotChange::UnderWay));
}

#[test]
fn a_person_may_choose_the_next_way_while_there_is_one() {
    let held = row(DeliveryState::Held);
    let gone = next_way(held.clone(), true, NOW).expect("the next way");
    assert_eq!((gone.state, gone.gave_way), (DeliveryState::NotRequired, true));
    assert_eq!(next_way(held, false, NOW), Err(CannotChange::NoOtherWay));
    let sent = next_way(row(DeliveryState::Sent), true, NOW).expect("the next way");
    assert_eq!((sent.state, sent.gave_way), (DeliveryState::Sent, true), "a late answer still counts");
}

#[test]
fn a_practice_that_does_not_know_the_patient_is_for_a_person_who_is_reminded_and_no_other_way_goes_there() {
    let no = ack(Level::Business, Outcome::WrongPractice, "30002");
    let refused = answered(row(DeliveryState::Sent), &no, &THEN);
    assert_eq!((refused.gave_way, refused.answer_by), (false, Some(NOW + 1000)), "its clock goes on");
    assert!(refused.detail.contains("amend and sign"), "{}", refused.detail);
    let late = overdue(refused, &THEN);
    assert_eq!((late.state, late.gave_way, late.answer_by), (DeliveryState::Refused, false, None));
    assert!(late.needs_a_person() && late.detail.ends_with("They should know by now."), "{}", late.detail);
}
