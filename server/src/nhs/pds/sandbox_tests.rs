//! The same promises of our own PDS and, where `SATCHEL_TEST_PDS_URL` says where it is served, of NHS England's
//! sandbox (`https://sandbox.api.service.nhs.uk/personal-demographics/FHIR/R4`).

use super::{Access, Client, Mode, PdsSettings, Simulator};
use crate::clock::Clock;
use crate::nhs::http;
use secrecy::SecretString;
use shared::api::LookUpAnswer;
use shared::patient::PdsPatient;
use std::io::Write as _;
use uuid::Uuid;

/// One PDS, and who is who there.
struct Pds {
    client: Client,
    full: &'static str,
    restricted: &'static str,
    minimal: &'static str,
    nobody: &'static str,
    /// Ours goes on when the test ends, as its runtime does.
    _ours: Option<Simulator>,
}

async fn all() -> Vec<Pds> {
    let simulator = Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut all = vec![Pds {
        client: client(&base),
        full: "9990523185",
        restricted: "9991110070",
        minimal: "9991110356",
        nobody: "9991112030",
        _ours: Some(simulator),
    }];
    if let Some(base) = sandbox() {
        all.push(Pds {
            client: client(&base),
            full: "9000000009",
            restricted: "9000000025",
            minimal: "9000000033",
            nobody: "9111231130",
            _ours: None,
        });
    }
    all
}

fn client(base: &str) -> Client {
    let settings = PdsSettings { base_url: base.to_owned(), pace: super::Pace::default() };
    Client::new(http::client(None).expect("a client"), settings)
}

#[expect(clippy::disallowed_methods, reason = "only a test is told where the sandbox is")]
fn sandbox() -> Option<String> {
    let base = std::env::var("SATCHEL_TEST_PDS_URL").ok();
    if base.is_none() {
        // Standard error may be closed; then nobody is there to read it.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: SATCHEL_TEST_PDS_URL is not set, so nothing was tried against NHS England’s PDS sandbox"
        );
    }
    base
}

impl Pds {
    async fn answer(&self, number: &str) -> LookUpAnswer {
        let access = Access {
            token: SecretString::from("a-token"),
            organisation: "FA123".parse().expect("an ODS code"),
            mode: Mode::Worker { role: None },
        };
        let number = number.parse().expect("an NHS number");
        let answer = self.client.patient(&access, Uuid::new_v4(), &number, Clock::Real.now()).await;
        answer.expect("an answer")
    }

    async fn found(&self, number: &str) -> PdsPatient {
        match self.answer(number).await {
            LookUpAnswer::Found { patient, .. } => *patient,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn each_pds_knows_a_full_a_restricted_and_a_minimal_record_and_nobody() {
    for pds in all().await {
        let full = pds.found(pds.full).await;
        assert_eq!((full.nhs_number.as_str(), full.restricted), (pds.full, false));
        assert!(!full.family_name.is_empty() && !full.birth_date.is_empty());
        let restricted = pds.found(pds.restricted).await;
        assert!(restricted.restricted && restricted.address.is_empty() && restricted.gp_ods.is_empty());
        let minimal = pds.found(pds.minimal).await;
        assert_eq!((minimal.nhs_number.as_str(), minimal.family_name.as_str()), (pds.minimal, ""));
        assert_eq!(pds.answer(pds.nobody).await, LookUpAnswer::NoMatch);
    }
}
