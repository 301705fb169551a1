//! Outcomes against the published ones.

use crate::intake::bars::{Outcome, Refusal};
use crate::nhs::fhir::Format;
use crate::samples::samples;
use serde_json::Value;
use uuid::Uuid;

/// Published, and not ours to send, each with the reason.
const NOT_OURS: [(&str, &str); 4] = [
    ("422-REC_UNPROCESSABLE_ENTITY-too-costly.json", "about slots, which a pharmacy has none of"),
    ("500-REC_SERVER_ERROR-too-costly.json", "its code has a space, which is no code of FHIR"),
    (
        "500-REC_SERVER_ERROR-transient.json",
        "a store that is busy is answered 503, which says when to try again",
    ),
    ("403-REC_FORBIDDEN-security.json", "the same words as 403 forbidden, which is sent"),
];

fn written(outcome: Outcome) -> Value {
    let resource = Refusal::new(outcome, "").resource(Uuid::nil());
    serde_json::from_slice(&Format::Json.write(&resource)).expect("JSON")
}

#[test]
fn every_outcome_is_the_published_one_but_for_its_id() {
    let Some(folder) = samples("bars/oas/examples1.4.0/OperationOutcome/REC") else { return };
    let mut found = 0;
    for file in std::fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut published: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("published JSON");
        let ours = Outcome::ALL.into_iter().find(|outcome| {
            let (status, code, issue, _) = outcome.published();
            format!("{status}-{code}-{issue}.json") == name
        });
        let left_out = NOT_OURS.iter().any(|(known, _)| *known == name);
        assert_eq!(ours.is_none(), left_out, "{name}");
        if let Some(ours) = ours {
            let mut ours = written(ours);
            ours["id"] = Value::Null;
            published["id"] = Value::Null;
            assert_eq!(ours, published, "{name}");
            found += 1;
        }
    }
    assert_eq!(found, 17, "of 21 published; 405 and 429 are published for senders only");
}

#[test]
fn our_own_words_stand_beside_the_published_ones_and_nowhere_else() {
    let refusal = Refusal::new(Outcome::Conflict, "Another message came under this X-Request-Id.");
    let json: Value =
        serde_json::from_slice(&Format::Json.write(&refusal.resource(Uuid::new_v4()))).expect("JSON");
    assert_eq!(json["issue"][0]["details"]["text"], "Another message came under this X-Request-Id.");
    assert_eq!(
        json["issue"][0]["diagnostics"],
        "local data updates conflict with the updates in the message."
    );
}

#[test]
fn every_failure_around_the_handlers_has_an_outcome_of_its_status() {
    for status in [404, 405, 406, 408, 409, 429, 501, 503, 500] {
        assert_eq!(Outcome::of_status(status).published().0, status);
    }
    assert_eq!((Outcome::of_status(504), Outcome::of_status(413)), (Outcome::Timeout, Outcome::NotSupported));
}
