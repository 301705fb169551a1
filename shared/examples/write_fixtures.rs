//! Writes the fixture of a format that has none yet. Those of released formats are never written again.
//!
//! Run as `cargo run -p shared --example write_fixtures`; then `git diff` must show new files only.

use shared::authorship::{PasskeyAssertion, Receipt, Unlock, actor, author_statement};
use shared::consultation::{
    Answer, Author, Consultation, Document, Lookup, Medicine, Patient, Referral, WorkListRow, Writer, hex,
};
use shared::ids::{ConsultationId, DeviceId, Epoch, PersonId};
use shared::sync::frame::{ActorClaim, PullFrame, PulledDocument, PushFrame, PushedDocument};
use shared::vault::{
    AgreementKey, Argon2Parameters, EarlierKey, Envelope, HandedKey, SealedLog, SealedRecord, SealedToServer,
    VaultHeader, Wrap, WrapKind,
};
use std::path::Path;

const VAULT_HEADER: &str = include_str!("../fixtures/vault-header-v1.json");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    keep("epoch-v1.txt", format!("{}\n", Epoch::from_bytes([8; 16])).as_bytes())?;
    keep("actor-v1.txt", hex(&actor(&[1; 32], &[2; 16])).as_bytes())?;
    let statement = author_statement(&ConsultationId::from_bytes([1; 16]), &[2; 16], &[3; 32]);
    keep("author-statement-v1.txt", hex(&statement).as_bytes())?;
    let receipt = receipt()?;
    keep("receipt-v1.json", &receipt.to_bytes())?;
    keep("receipt-v1.challenge.txt", hex(&receipt.challenge()).as_bytes())?;
    keep("envelope-v1.bin", &envelope().to_bytes())?;
    keep("vault-header-v2.json", serde_json::to_string_pretty(&vault_header()?)?.as_bytes())?;
    let log = SealedLog { header: VAULT_HEADER.to_owned(), records: sealed_records(), last: true };
    keep("sealed-log-v1.bin", &log.to_bytes())?;
    keep("push-frame-v1.bin", &push_frame().to_bytes())?;
    keep("pull-frame-v1.bin", &pull_frame().to_bytes())?;
    keep("pull-frame-v1-proofs.bin", &pull_frame_with_proofs().to_bytes())?;
    keep("consultation-v1.automerge", &consultation()?)?;
    keep("consultation-v2-supply.automerge", &supplied()?)?;
    Ok(())
}

fn keep(name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    if path.exists() { Ok(()) } else { std::fs::write(path, bytes) }
}

fn receipt() -> Result<Receipt, Box<dyn std::error::Error>> {
    Ok(Receipt {
        v: 1,
        unlock: Unlock::Passkey,
        pharmacy: "FA123".parse()?,
        person: PersonId::from_bytes([1; 16]),
        device: DeviceId::from_bytes([2; 16]),
        server_nonce: "bm9uY2U".to_owned(),
        counter: 7,
        at: 1_795_000_000_000,
        signing_key: "BAAA".to_owned(),
        assertion: Some(PasskeyAssertion {
            credential_id: "Y3JlZA".to_owned(),
            authenticator_data: "YXV0aA".to_owned(),
            client_data_json: "e30".to_owned(),
            signature: "c2ln".to_owned(),
        }),
        proof: "cHJvb2Y".to_owned(),
    })
}

fn sealed_records() -> Vec<SealedRecord> {
    vec![
        SealedRecord { store: "state".to_owned(), key: "actor/01".to_owned(), sealed: vec![1; 40] },
        SealedRecord { store: "changes".to_owned(), key: "c/h".to_owned(), sealed: vec![2; 90] },
    ]
}

fn envelope() -> Envelope {
    Envelope { key_version: 3, nonce: [7; 12], ciphertext: (0..48).collect() }
}

fn vault_header() -> Result<VaultHeader, Box<dyn std::error::Error>> {
    let argon2 = Argon2Parameters { salt: "c2FsdA".to_owned(), memory_kib: 19_456, passes: 2, lanes: 1 };
    let wrap = |person, name: &str, kind| Wrap {
        person: PersonId::from_bytes([person; 16]),
        person_name: name.to_owned(),
        kind,
        wrapped_key: "d3JhcA".to_owned(),
        wrapped_signing_key: "c2lnbg".to_owned(),
        signing_key: "BAAA".to_owned(),
        key_version: 2,
        agreement: Some(AgreementKey { public: "c2VhbGVk".to_owned(), wrapped: "cHJpdmF0ZQ".to_owned() }),
        handed: None,
    };
    let handed = HandedKey { key_version: 2, ephemeral: "BAAA".to_owned(), sealed: "aGFuZGVk".to_owned() };
    let here = WrapKind::PasskeyAndPin {
        credential_id: "Y3JlZA".to_owned(),
        prf_input: "cHJm".to_owned(),
        argon2: argon2.clone(),
    };
    let away = wrap(3, "Ben Ade", WrapKind::Passphrase { argon2 });
    Ok(VaultHeader {
        v: 2,
        vault: "dmF1bHQ".to_owned(),
        pharmacy: "FA123".parse()?,
        pharmacy_name: "Elm Pharmacy".to_owned(),
        device: DeviceId::from_bytes([2; 16]),
        salt: "c2FsdA".to_owned(),
        key_version: 2,
        key_check: "Y2hlY2s".to_owned(),
        wraps: vec![wrap(1, "Asha Rao", here), Wrap { key_version: 1, handed: Some(handed), ..away }],
        sealed_to_server: SealedToServer {
            key_id: "k1".to_owned(),
            ephemeral: "BAAA".to_owned(),
            sealed: "c2VhbGVk".to_owned(),
        },
        shared: true,
        rotation_due: false,
        earlier: vec![EarlierKey { key_version: 1, wrapped_key: "ZWFybGllcg".to_owned() }],
    })
}

fn push_frame() -> PushFrame {
    PushFrame {
        receipts: vec![b"{\"v\":1}".to_vec()],
        actors: vec![ActorClaim { receipt_hash: [1; 32], tab_nonce: [2; 16] }],
        documents: vec![PushedDocument {
            id: ConsultationId::from_bytes([3; 16]),
            whole: Vec::new(),
            changes: vec![vec![4; 600], vec![5; 10]],
            signatures: vec![([6; 16], [7; 64])],
        }],
    }
}

fn pull_frame() -> PullFrame {
    PullFrame {
        cursor: 300,
        more: true,
        documents: vec![PulledDocument {
            id: ConsultationId::from_bytes([3; 16]),
            base: vec![1; 900],
            changes: vec![vec![2; 40]],
            row: WorkListRow { patient_name: "WINTERS, Hettie".to_owned(), ..WorkListRow::default() },
            signatures: Vec::new(),
        }],
        ..PullFrame::empty(Epoch::from_bytes([8; 16]))
    }
}

fn pull_frame_with_proofs() -> PullFrame {
    let mut frame = pull_frame();
    frame.documents[0].signatures = vec![([6; 16], [7; 64])];
    frame.receipts = vec![b"{\"v\":1}".to_vec()];
    frame.actors = vec![ActorClaim { receipt_hash: [1; 32], tab_nonce: [2; 16] }];
    frame.destroyed = vec![ConsultationId::from_bytes([4; 16])];
    frame
}

/// A consultation with something in every section: received, answered by two people, signed.
fn consultation() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let writer = |byte: u8, name: &str, role: &str| Writer {
        actor: [byte; 16],
        author: Author {
            person: PersonId::from_bytes([byte; 16]).to_string(),
            name: name.to_owned(),
            role: role.to_owned(),
            unlocked_by: "passkey".to_owned(),
        },
    };
    let at = 1_795_000_000_000;
    let id = ConsultationId::from_bytes([3; 16]);
    let mut record = Consultation::new(id, &"FA123".parse()?, "minor-illness@1", at);
    record.referral =
        Referral { channel: "itk111".to_owned(), disposition: "Dx28".to_owned(), ..Referral::default() };
    record.patient = Patient {
        family_name: "Winters".to_owned(),
        given_name: "Hettie".to_owned(),
        nhs_number: "9990548609".to_owned(),
        nhs_number_status: "verified".to_owned(),
        birth_date: "1952-03-04".to_owned(),
        ..Patient::default()
    };
    let mut document = Document::create(at, &writer(1, "the server", "server"), &record)?;
    document.edit(at + 1000, &writer(2, "Ben Ade", "technician"), |record| {
        record.visit.started_at = shared::time::stored(at + 1000);
        record.answers.insert("penicillin-allergy".to_owned(), Answer::YesNo(true));
        record.observations.insert("temperature".to_owned(), Answer::Number(37.9));
        record.notes.splice(0, 0, "Sleeping badly.");
    })?;
    document.edit(at + 2000, &writer(4, "Asha Rao", "pharmacist"), |record| {
        record.answers.insert("duration".to_owned(), Answer::Number(3.0));
        record.medicines.insert(
            "0b5c9f0e-0000-4000-8000-000000000001".to_owned(),
            Medicine {
                name: "Paracetamol 500 mg tablets".to_owned(),
                decision: "recommended".to_owned(),
                ..Medicine::default()
            },
        );
        "self-care".clone_into(&mut record.outcome.code);
    })?;
    document.sign(at + 3000, &writer(4, "Asha Rao", "pharmacist"), "2074123", false)?;
    Ok(document.save())
}

/// A consultation with an emergency supply, its charge and a look for prescriptions.
fn supplied() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let at = 1_795_435_200_000;
    let text = |text: &str| text.to_owned();
    let author = Author { name: text("Asha Rao"), role: text("pharmacist"), ..Author::default() };
    let writer = Writer { actor: [5; 16], author };
    let id = ConsultationId::from_bytes([6; 16]);
    let mut record = Consultation::new(id, &"FA123".parse()?, "urgent-medicine-supply@2", at);
    for (id, said) in [("setting", "premises"), ("interviewed", "patient"), ("prescription-found", "none")] {
        record.answers.insert(text(id), Answer::text(said));
    }
    record.answers.insert(text("impracticable"), Answer::YesNo(true));
    let asked = [
        ("request-reason", "not-ordered"),
        ("immediate-need", "yes"),
        ("previously-prescribed", "yes"),
        ("prescriber", "uk"),
        ("evidence", "gp-record"),
        ("dose-safe", "yes"),
        ("earlier-supply", "no"),
    ];
    let mut line = Medicine {
        name: text("Ramipril 5mg capsules"),
        code: text("318906001"),
        level: text("VMP"),
        legal_class: text("POM"),
        schedule: text("0000"),
        product_kind: text("medicine"),
        ingredients: text("386872004|Ramipril"),
        quantity: text("28"),
        unit: text("capsule"),
        days: text("28"),
        directions: text("One in the morning"),
        supplied_from: text("premises"),
        supply_type: text("emergency-supply"),
        decision: text("supplied"),
        supplied_at: shared::time::stored(at),
        asked: asked.into_iter().map(|(id, said)| (text(id), text(said))).collect(),
        ..Medicine::default()
    };
    shared::supply::confirm(&mut line);
    record.medicines.insert(text("0b5c9f0e-0000-4000-8000-000000000002"), line);
    record.charge.status = text("paid");
    record.charge.paid.insert(text("0b5c9f0e-0000-4000-8000-000000000002"), text("990"));
    record
        .lookups
        .insert(text("1"), Lookup { kind: text("prescription"), result: text("none"), ..Lookup::default() });
    Ok(Document::create(at, &writer, &record)?.save())
}
