//! Promises of the claim as it is written, and of what becomes of it.

use super::*;
use crate::clock::Clock;
use crate::nhs::fhir::{Format, to_be_judged};
use crate::nhs::http;
use crate::store::Pharmacy;
use serde_json::{Value, json};
use shared::claim::{self, Allowed, Verdict};
use shared::consultation::{Answer, Consultation, Medicine, Onward, Signature};
use shared::ids::ConsultationId;
use shared::time::Millis;
use uuid::Uuid;

/// 22 November 2026, in the afternoon.
const NOW: Millis = 1_795_355_100_000;

fn record(pathway: &str) -> Consultation {
    let pharmacy = "FZ999".parse().expect("a code");
    let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &pharmacy, pathway, NOW);
    record.visit.started_at = "2026-11-20T10:00:00Z".to_owned();
    record.patient.family_name = "Brambleworth".to_owned();
    record.patient.given_name = "Odile".to_owned();
    record.patient.birth_date = "1987-06-14".to_owned();
    record.patient.sex = "female".to_owned();
    record.patient.nhs_number = "9990412073".to_owned();
    record.patient.address = "4 Gorse Way\nZettington".to_owned();
    record.referral.channel = "itk111".to_owned();
    record.referral.referrer_type = "NHS111".to_owned();
    record.referral.referrer_ods = "RZZ99".to_owned();
    record.referral.case_ids = "case-reference|ZX-4471".to_owned();
    record.referral.disposition = "Dx28".to_owned();
    record.outcome.code = "self-care".to_owned();
    for (id, answer) in [("setting", "premises"), ("method", "FTF"), ("complaint", "Itching eyes")] {
        record.answers.insert(id.to_owned(), Answer::text(answer));
    }
    record
}

fn composed(record: &Consultation) -> Vec<u8> {
    let signature =
        Signature { gphc: "2074123".to_owned(), role: "pharmacist".to_owned(), ..Signature::default() };
    let verdict = claim::assess(record, &signature, &Allowed::new());
    let Verdict::Payable(payable) = verdict else { panic!("{verdict:?}") };
    written(record, &payable)
}

fn written(record: &Consultation, payable: &claim::Payable) -> Vec<u8> {
    let signature =
        Signature { gphc: "2074123".to_owned(), role: "pharmacist".to_owned(), ..Signature::default() };
    compose(&Claim {
        consultation: ConsultationId::from_bytes([7; 16]),
        record,
        signature: &signature,
        payable,
        window: claim::window("2026-11-20".parse().expect("a day")).expect("a window"),
        pharmacy: &Pharmacy {
            ods: "FZ999".parse().expect("a code"),
            name: "Larch Pharmacy".to_owned(),
            dos_ids: Vec::new(),
            mailbox: String::new(),
            phone: String::new(),
            address: String::new(),
        },
    })
}

fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// A medicine stands on a line, by that right, and a box was ticked.
fn with_medicine(mut record: Consultation, supply_type: &str) -> Consultation {
    let line = Medicine {
        name: "Salbutamol 100micrograms/dose inhaler".to_owned(),
        code: "999000000000101".to_owned(),
        decision: "supplied".to_owned(),
        supply_type: supply_type.to_owned(),
        quantity: "200".to_owned(),
        unit: "dose".to_owned(),
        supplied_at: "2026-11-20T10:05:00Z".to_owned(),
        ..Medicine::default()
    };
    record.medicines.insert("a".to_owned(), line);
    record.charge.status = "exempt".to_owned();
    record.charge.exemption = "0004".to_owned();
    record
}

/// As claimed for that service, whatever the rules of supply say.
fn claimed_as(record: &Consultation, service: &str) -> Vec<u8> {
    let service = claim::service(service).expect("a service");
    let payable = claim::Payable {
        service,
        claim_type: &service.claim_type,
        gateways: Vec::new(),
        why: "Completed.".to_owned(),
    };
    written(record, &payable)
}

#[test]
fn a_claim_names_service_month_pharmacy_pharmacist_and_referrer() {
    let claim = read(&composed(&record("minor-illness@1")));
    assert_eq!(claim["type"]["coding"][0]["code"], "MIN_ILL_UEC");
    assert_eq!(claim["billablePeriod"]["start"], "2026-11-01");
    assert_eq!(claim["created"], "2026-11-20");
    assert_eq!(claim["careTeam"][0]["provider"]["identifier"]["value"], "2074123");
    let contained = |id: &str| {
        let all = claim["contained"].as_array().expect("resources");
        all.iter().find(|one| one["id"] == id).cloned().unwrap_or_default()
    };
    assert_eq!(contained("pharmacyOrganization")["identifier"][0]["value"], "FZ999");
    assert_eq!(contained("serviceRequest")["identifier"][0]["value"], "ZX-4471");
    assert_eq!(contained("gpOrganization")["identifier"][0]["value"], "V81999", "not known");
    let information = claim["supportingInfo"].as_array().expect("information");
    let of = |category: &str| {
        information
            .iter()
            .find(|one| one["category"]["coding"][0]["code"] == category)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(of("CONSULTATION_OUTCOME")["code"]["coding"][0]["code"], "ADVICE_ONLY");
    assert_eq!(of("DISPOSITION_CODE")["valueString"], "DX28");
    assert_eq!(of("PRESENTING_COMPLAINT_OR_ISSUES")["valueString"], "Itching eyes");
    let numbers: Vec<u64> = information.iter().filter_map(|one| one["sequence"].as_u64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_supply_is_an_item_with_its_product_quantity_and_exemption_and_a_sale_is_none() {
    let urgent = with_medicine(record("urgent-medicine-supply@2"), "emergency-supply");
    let claim = read(&claimed_as(&urgent, "urgent-supply"));
    assert_eq!(claim["item"][0]["productOrService"]["coding"][0]["code"], "999000000000101");
    assert_eq!(claim["item"][0]["quantity"]["value"], 200.0);
    assert_eq!(claim["extension"][0]["valueCoding"]["code"], "0004");
    to_be_judged(
        "claim-supply",
        &Format::Json.read(&claimed_as(&urgent, "urgent-supply")).expect("a resource"),
    );
    let sale = with_medicine(record("minor-illness@1"), "over-the-counter");
    let claim = read(&claimed_as(&sale, "minor-illness"));
    assert!(claim.get("item").is_none() && claim.get("extension").is_none(), "{claim}");
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    assert_eq!(composed(&record("minor-illness@1")), composed(&record("minor-illness@1")));
}

#[test]
fn every_element_of_a_claim_is_of_r4() {
    let mut onward = record("minor-illness@1");
    onward.onward = Onward {
        service: "dentist".to_owned(),
        urgency: "routine".to_owned(),
        reason: "A broken tooth".to_owned(),
        ods: "V00001".to_owned(),
        ..Onward::default()
    };
    let mut urgent = record("urgent-medicine-supply@2");
    urgent.referral.disposition = "Dx85".to_owned();
    for (name, record) in [
        ("claim-minor-illness", record("minor-illness@1")),
        ("claim-onward", onward),
        ("claim-urgent-supply", urgent),
    ] {
        to_be_judged(name, &Format::Json.read(&composed(&record)).expect("a resource"));
    }
}

async fn served() -> (Simulator, Client) {
    let mys = Simulator::new(Clock::set_to(NOW));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = mys.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (mys, Client::new(http::client(None).expect("a client"), &base, None))
}

async fn created(client: &Client, claim: &Value) -> Result<Taken, ClaimError> {
    client.send(Act::Create, "", Uuid::new_v4(), claim.to_string().as_bytes(), NOW).await
}

#[tokio::test]
async fn a_second_try_is_known_again_and_another_claim_under_the_reference_is_refused() {
    let (mys, client) = served().await;
    let claim = read(&composed(&record("minor-illness@1")));
    let first = created(&client, &claim).await.expect("taken");
    let again = created(&client, &claim).await.expect("known");
    assert_eq!((first.before, again.before, &first.id), (false, true, &again.id));
    let mut other = claim.clone();
    other["created"] = json!("2026-11-21");
    assert!(matches!(created(&client, &other).await, Err(ClaimError::Refused { .. })));
    assert_eq!(mys.kept().len(), 1);
}

#[tokio::test]
async fn nhsbsa_refuses_what_is_late_incomplete_or_unpayable_and_says_what_to_mend() {
    let (_, client) = served().await;
    let good = read(&composed(&record("minor-illness@1")));
    let changed = |path: &str, value: Value| {
        let mut claim = good.clone();
        *claim.pointer_mut(path).expect("such a place") = value;
        claim
    };
    let mut late = changed("/created", json!("2026-09-10"));
    late["billablePeriod"]["start"] = json!("2026-09-01");
    let refused = [
        (late, "window-closed"),
        (changed("/created", json!("2026-11-23")), "in-the-future"),
        (changed("/careTeam/0/provider/identifier/value", json!("12")), "professional"),
        (changed("/contained/0/birthDate", json!("")), "patient-incomplete"),
        (changed("/type/coding/0/code", json!("CLIN_PATH")), "gateway"),
        (changed("/supportingInfo/0/code/coding/0/code", json!("SELF")), "referrer"),
        (changed("/type/coding/0/code", json!("SOMETHING")), "type"),
    ];
    for (claim, expected) in refused {
        match created(&client, &claim).await {
            Err(ClaimError::Refused { code, words }) => {
                assert_eq!(code, expected);
                assert!(!words.is_empty());
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_declared_month_changes_no_more_and_taking_back_twice_is_once() {
    let (mys, client) = served().await;
    let claim = read(&composed(&record("minor-illness@1")));
    let taken = created(&client, &claim).await.expect("taken");
    let mut changed = claim.clone();
    changed["created"] = json!("2026-11-21");
    let amend = |body: Value| {
        let (client, id) = (client.clone(), taken.id.clone());
        async move { client.send(Act::Amend, &id, Uuid::new_v4(), body.to_string().as_bytes(), NOW).await }
    };
    amend(changed.clone()).await.expect("changed");
    amend(changed.clone()).await.expect("the same again");
    assert_eq!(mys.kept()[0].amended, 1);
    mys.declare("2026-11");
    assert!(matches!(amend(claim).await, Err(ClaimError::Refused { code, .. }) if code == "declared"));
    let (other, client) = served().await;
    let taken = created(&client, &changed).await.expect("taken");
    for _ in 0..2 {
        client.send(Act::Delete, &taken.id, Uuid::new_v4(), b"", NOW).await.expect("gone");
    }
    assert!(other.kept()[0].deleted);
}

#[tokio::test]
async fn trouble_is_told_apart_by_whether_it_may_have_arrived() {
    let (mys, client) = served().await;
    let claim = read(&composed(&record("minor-illness@1")));
    for (status, expected) in [(503, "busy"), (500, "unknown"), (403, "not-allowed")] {
        mys.answer_with(Some(status));
        let told = match created(&client, &claim).await {
            Err(ClaimError::Busy { .. }) => "busy",
            Err(ClaimError::Unknown(_)) => "unknown",
            Err(ClaimError::NotAllowed { .. }) => "not-allowed",
            other => panic!("{other:?}"),
        };
        assert_eq!(told, expected, "{status}");
    }
    let nobody = Client::new(http::client(None).expect("a client"), "http://127.0.0.1:9", None);
    assert!(matches!(created(&nobody, &claim).await, Err(ClaimError::Unreachable(_))));
}
