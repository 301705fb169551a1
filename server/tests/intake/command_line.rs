//! Promises of the command line, run as people run it, beside a server that has the same database open.

use super::support::{Server, server};
use satchel::store::{Enrolment, InvitationUse, Person};
use satchel::sync::ring_for_others;
use serde_json::Value;
use shared::consultation::{Author, Document, Writer};
use shared::ids::PersonId;
use shared::people::Role;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/intake/itk111/fixtures").join(name)
}

fn satchel(server: &Server, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_satchel"))
        .args(arguments)
        .env("SATCHEL_DATABASE_URL", &server.database)
        .output()
        .expect("the satchel command")
}

fn said(server: &Server, arguments: &[&str]) -> String {
    let output = satchel(server, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn json(server: &Server, arguments: &[&str]) -> Value {
    serde_json::from_str(&said(server, arguments)).expect("JSON")
}

#[tokio::test]
async fn a_referral_from_a_file_is_listed_and_can_be_read_whole() {
    let server = server().await;
    let file = fixture("minor-illness-dx28.xml");
    let file = file.to_str().expect("a path");
    assert!(said(&server, &["referrals", "import", file]).contains("new consultation"));
    assert!(said(&server, &["referrals", "import", file]).contains("known already"));

    // What the 111 Adaptor made of the same call is the same consultation.
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/intake/adaptor/fixtures/minor-illness-dx28");
    for kind in ["json", "xml"] {
        let file = made.with_extension(kind);
        assert!(
            said(&server, &["referrals", "import", file.to_str().expect("a path")]).contains("known already")
        );
    }

    let list = json(&server, &["consultations", "--json", "--pharmacy", "FZ999"]);
    let row = &list.as_array().expect("an array")[0];
    for key in [
        "id",
        "pharmacy",
        "status",
        "pathway",
        "channel",
        "disposition",
        "received_at",
        "due_at",
        "patient_name",
        "nhs_number",
        "birth_date",
        "notice",
        "claim",
    ] {
        assert!(row[key].is_string(), "{key} of {row}");
    }
    assert_eq!((row["status"].as_str(), row["channel"].as_str()), (Some("received"), Some("itk111")));
    assert!(
        json(&server, &["consultations", "--json", "--pharmacy", "FQQ11"])
            .as_array()
            .expect("an array")
            .is_empty()
    );

    let whole = json(&server, &["consultation", row["id"].as_str().expect("an id"), "--json"]);
    assert_eq!(whole["patient"]["family_name"], "Brambleworth");
    assert!(!whole["referral"]["triage"].as_array().expect("an array").is_empty());
    assert_eq!(whole["history"][0]["by"], "Satchel server");
    for key in ["answers", "summary", "deliveries", "outbox", "signatures"] {
        assert!(!whole[key].is_null(), "{key}");
    }
    assert!(said(&server, &["consultations"]).contains("BRAMBLEWORTH"));
}

#[tokio::test]
async fn a_file_that_is_refused_is_named_and_the_others_are_taken() {
    let server = server().await;
    let (good, bad) = (fixture("minor-illness-dx28.xml"), fixture("../mod.rs"));
    let output = satchel(
        &server,
        &["referrals", "import", bad.to_str().expect("a path"), good.to_str().expect("a path")],
    );
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("mod.rs: not taken") && told.contains("new consultation"), "{told}");
}

#[tokio::test]
async fn a_pharmacy_is_added_and_a_directory_number_has_one_owner() {
    let server = server().await;
    let added = ["pharmacy", "add", "--ods", "FQQ11", "--name", "Other", "--dos-id", "7", "--dos-id", "8"];
    assert!(said(&server, &added).contains("was added"));
    assert!(said(&server, &added).contains("up to date"));
    let taken = satchel(&server, &["pharmacy", "add", "--ods", "FQQ12", "--name", "Third", "--dos-id", "8"]);
    assert!(!taken.status.success());
    assert!(String::from_utf8_lossy(&taken.stderr).contains("FQQ11"));
}

#[tokio::test]
async fn what_is_known_of_a_pharmacy_stays_when_one_thing_is_changed() {
    let server = server().await;
    let added = ["pharmacy", "add", "--ods", "FQQ11", "--name", "Other", "--dos-id", "7", "--phone", "0113"];
    said(&server, &added);
    said(&server, &["pharmacy", "add", "--ods", "FQQ11", "--dos-id", "8", "--mailbox", "x26ot111"]);
    let ods = "FQQ11".parse().expect("a code");
    let known = server.app.store.pharmacy(&ods).await.expect("the store").expect("a pharmacy");
    assert_eq!(
        (known.name.as_str(), known.phone.as_str(), known.mailbox.as_str()),
        ("Other", "0113", "X26OT111")
    );
    assert_eq!(known.dos_ids, ["7", "8"]);
    let unnamed = satchel(&server, &["pharmacy", "add", "--ods", "FQQ12"]);
    assert!(!unnamed.status.success() && String::from_utf8_lossy(&unnamed.stderr).contains("--name"));
}

#[tokio::test]
async fn an_invitation_is_for_a_pharmacist_of_the_only_pharmacy_when_nothing_else_is_said() {
    let server = server().await;
    assert!(said(&server, &["invite"]).contains("/enrol#"));
    let pharmacy = "FZ999".parse().expect("a code");
    let written = server.app.store.audit(&pharmacy, 1).await.expect("the store");
    assert_eq!((written[0].action.as_str(), written[0].subject.as_str()), ("invited", "pharmacist"));
    said(&server, &["pharmacy", "add", "--ods", "FQQ11", "--name", "Other"]);
    let asked = satchel(&server, &["invite"]);
    assert!(!asked.status.success() && String::from_utf8_lossy(&asked.stderr).contains("FQQ11, FZ999"));
}

#[tokio::test]
async fn devices_hear_of_a_referral_that_another_process_took() {
    let server = server().await;
    let mut news = server.app.news.subscribe();
    let ringing = tokio::spawn(ring_for_others(server.app.clone()));
    // The first look is what the rest is compared with.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let file = fixture("minor-illness-dx28.xml");
    said(&server, &["referrals", "import", file.to_str().expect("a path")]);
    let told =
        tokio::time::timeout(Duration::from_secs(20), news.recv()).await.expect("in time").expect("news");
    assert_eq!((told.pharmacy.as_str(), told.seq), ("FZ999", 1));
    ringing.abort();
}

#[tokio::test]
async fn the_outbox_is_listed_and_a_delivery_can_be_tried_again() {
    let server = server().await;
    let file = fixture("minor-illness-dx28.xml");
    said(&server, &["referrals", "import", file.to_str().expect("a path")]);
    server.sign_the_only_one(&pharmacist()).await;

    let list = json(&server, &["deliveries", "--json"]);
    let row = &list.as_array().expect("an array")[0];
    assert_eq!((row["kind"].as_str(), row["state"].as_str()), (Some("gp-notice"), Some("queued")));
    assert_eq!((row["attempts"].as_u64(), row["last_error"].as_str()), (Some(0), Some("")));
    assert!(row["consultation"].is_string());
    let id = row["id"].as_str().expect("an id");
    assert!(said(&server, &["deliveries", "retry", id]).contains("queued"));
    let unknown = satchel(&server, &["deliveries", "retry", "00000000-0000-4000-8000-000000000000"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no such delivery"));
}

fn pharmacist() -> Writer {
    let author = Author {
        person: "11111111-1111-4111-8111-111111111111".into(),
        name: "Asha Example".into(),
        role: "pharmacist".into(),
        unlocked_by: "passkey".into(),
    };
    Writer { actor: [1; 16], author }
}

impl Server {
    /// Signs the one stored consultation and stores it as a push does.
    async fn sign_the_only_one(&self, writer: &Writer) {
        let row = self.app.store.rows(None).await.expect("rows").remove(0);
        let (pharmacy, id) = (row.pharmacy.parse().expect("a code"), row.id.parse().expect("an id"));
        let stored = self.app.store.document(&pharmacy, &id).await.expect("the store").expect("the record");
        let mut document: Document = satchel::intake::opened(&stored).expect("a document");
        let now = self.app.clock.now();
        document
            .edit(now, writer, |record| {
                record.answers.insert("setting".into(), shared::consultation::Answer::text("premises"));
            })
            .expect("an edit");
        document.sign(now, writer, "2074123", false).expect("a signature");
        self.store(&mut document, stored.seq).await;
    }
}

#[tokio::test]
async fn the_audit_log_is_walked_and_a_line_that_was_changed_fails_the_walk() {
    let server = server().await;
    said(&server, &["invite"]);
    let whole = said(&server, &["audit", "verify"]);
    assert!(whole.contains(" lines, from ") && whole.contains("whole."), "{whole}");
    let end = whole.lines().last().expect("a line").trim_start_matches("It ends with ").to_owned();
    said(&server, &["invite"]);
    said(&server, &["audit", "verify", "--kept", &end]);
    let table = said(&server, &["audit", "export", "--pharmacy", "FZ999"]);
    assert!(table.starts_with("place,at,") && table.contains(",Server,"), "{table}");
    assert!(!said(&server, &["audit", "export", "--to", "2020-01-01"]).contains("invited"));

    use sqlx::{Connection as _, Executor as _};
    let mut intruder = sqlx::SqliteConnection::connect(&server.database).await.expect("a connection");
    intruder.execute("DROP TRIGGER audit_never_changed").await.expect("no guard");
    intruder.execute("UPDATE audit SET subject = 'auditor' WHERE place = 1").await.expect("changed");
    let broken = satchel(&server, &["audit", "verify"]);
    assert!(!broken.status.success());
    assert!(String::from_utf8_lossy(&broken.stderr).contains("broken at line 1"), "{broken:?}");
    let never_there = satchel(&server, &["audit", "verify", "--kept", "1:00"]);
    assert!(!never_there.status.success());
}

async fn enrolled(server: &Server, person: Person) {
    let pharmacy = "FZ999".parse().expect("a code");
    let link =
        satchel::session::invite(&server.app, &pharmacy, Role::Pharmacist, None).await.expect("a link");
    let (_, token) = link.link.split_once('#').expect("a token");
    let enrolment = Enrolment {
        token_hash: satchel::session::token_hash(token),
        person,
        passkey: None,
        device_key: None,
        at: server.app.clock.now(),
    };
    let used = server.app.store.enrol(&enrolment).await.expect("stored");
    assert_eq!(used, InvitationUse::Used);
}

#[tokio::test]
async fn a_register_is_imported_and_people_here_are_compared_with_it() {
    let server = server().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("register.csv");
    std::fs::write(&path, "registration number,name,status\n2074123,Asha Patel,registered\n")
        .expect("written");
    let path = path.to_str().expect("a path");
    let told = said(&server, &["register", "import", path, "--source", "gphc"]);
    assert!(told.contains("Imported 1 lines in the place of 0; 0 left out."), "{told}");
    let person = Person {
        id: PersonId(uuid::Uuid::new_v4()),
        name: "Asha Patel".to_owned(),
        gphc: Some("2074123".parse().expect("a number")),
        gphc_checked: false,
    };
    enrolled(&server, person.clone()).await;
    said(&server, &["register", "import", path, "--source", "gphc"]);
    let known = server.app.store.person(&person.id).await.expect("read").expect("there");
    assert!(known.gphc_checked);
    let gone = folder.path().join("gone.csv");
    std::fs::write(&gone, "registration number,name,status\n2074123,Asha Patel,removed\n").expect("written");
    let told = said(&server, &["register", "import", gone.to_str().expect("a path"), "--source", "gphc"]);
    assert!(told.contains("ATTENTION: Asha Patel (2074123) is removed"), "{told}");
    let known = server.app.store.person(&person.id).await.expect("read").expect("there");
    assert!(!known.gphc_checked);
    let cppe = folder.path().join("cppe.csv");
    let declared = "date,service,name,registration number\n2026-01-10,minor-illness,\"PATEL, A\",2074123\n";
    std::fs::write(&cppe, declared).expect("written");
    let told = said(&server, &["register", "import", cppe.to_str().expect("a path"), "--source", "cppe"]);
    assert!(told.contains("Declared: Asha Patel (2074123), minor-illness, 2026-01-10."), "{told}");
    let refused = satchel(&server, &["register", "import", path, "--source", "cppe"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no column “service”"));
}
