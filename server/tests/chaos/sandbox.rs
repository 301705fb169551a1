//! NHS England's own MESH sandbox, stopped while a notice is due and started again.

use crate::bench::{Bench, HOUR, NOW, signed, with_practice, worker};
use crate::databases::TestDatabase;
use satchel::nhs::gp_connect::answers;
use satchel::nhs::http;
use satchel::nhs::mesh::{Client, MeshSettings, Stamp};
use satchel::outbox;
use satchel::store::{DeliveryState, NewDelivery};
use secrecy::SecretString;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use uuid::Uuid;

/// The sandbox with its mailboxes on disk, so that they outlive it.
struct Sandbox {
    python: PathBuf,
    port: u16,
    folder: tempfile::TempDir,
    running: Option<Child>,
}

impl Sandbox {
    /// `None`, said aloud, where it is not installed; a failure where it is promised.
    #[expect(clippy::disallowed_methods, reason = "only a test is told that its peers must be there")]
    fn installed() -> Option<Self> {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/python/bin/python");
        if !python.exists() {
            let required = std::env::var_os("SATCHEL_TEST_REQUIRE_PEERS").is_some();
            assert!(!required, "the MESH sandbox is not at {}", python.display());
            // Standard error may be closed; then nobody is there to read it.
            let _ = writeln!(std::io::stderr(), "SKIPPED: the MESH sandbox is not at {}", python.display());
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        for mailbox in ["X26ABC1", "X26ABC2"] {
            std::fs::create_dir_all(folder.path().join(mailbox).join("in")).expect("a mailbox");
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        Some(Self { python, port, folder, running: None })
    }

    fn client(&self, mailbox: &str) -> Client {
        let settings = MeshSettings {
            base_url: format!("http://127.0.0.1:{}", self.port),
            mailbox: mailbox.to_owned(),
            password: SecretString::from("password"),
            shared_key: SecretString::from("TestKey"),
            ..with_practice(answers).settings("", mailbox)
        };
        Client::new(http::client(None).expect("a client"), settings)
    }

    async fn start(&mut self) {
        let child = Command::new(&self.python)
            .args(["-m", "uvicorn", "mesh_sandbox.api:app", "--host", "127.0.0.1", "--log-level", "warning"])
            .args(["--port", &self.port.to_string()])
            .env("SHARED_KEY", "TestKey")
            .env("AUTH_MODE", "full")
            .env("STORE_MODE", "file")
            .env("MAILBOXES_DATA_DIR", self.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("a sandbox");
        self.running = Some(child);
        for _ in 0..600 {
            let stamp = Stamp { at: NOW, nonce: Uuid::new_v4() };
            if self.client("X26ABC1").handshake(stamp).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the MESH sandbox does not answer");
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().expect("stopped");
            child.wait().expect("ended");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The sandbox finds no practices, so the mailbox is named.
fn to_the_sandbox(deliveries: &mut [NewDelivery]) {
    for message in deliveries.iter_mut().filter_map(|delivery| delivery.message.as_mut()) {
        "X26ABC2".clone_into(&mut message.target);
    }
}

pub async fn a_notice_waits_for_the_nhs_sandbox_and_arrives_once_when_it_is_back(database: TestDatabase) {
    let Some(mut sandbox) = Sandbox::installed() else { return };
    let bench = Bench::start(with_practice(answers), database).await;
    let worker = worker(&bench.app, &sandbox.client("X26ABC1"), &bench.post);
    bench.store_with(&mut signed(|_| {}), to_the_sandbox).await;
    sandbox.start().await;
    sandbox.stop();

    outbox::round(&bench.app, &worker, true).await.expect("a round");
    let waiting = bench.row().await;
    assert_eq!(waiting.state, DeliveryState::Queued);
    assert!(waiting.detail.contains("tried again by itself"), "{}", waiting.detail);

    sandbox.start().await;
    bench.app.clock.advance(HOUR);
    outbox::round(&bench.app, &worker, true).await.expect("a round");
    assert_eq!(bench.row().await.state, DeliveryState::Sent);
    let practice = sandbox.client("X26ABC2");
    let stamp = || Stamp { at: NOW, nonce: Uuid::new_v4() };
    let arrived = practice.inbox(stamp(), None).await.expect("a listing");
    assert_eq!(arrived.len(), 1);

    sandbox.stop();
    sandbox.start().await;
    let message = practice.message(stamp(), &arrived[0]).await.expect("an answer").expect("a message");
    let sent = bench.app.store.frozen_message(waiting.id).await.expect("the store").expect("a message");
    assert_eq!(message.body, sent.payload, "byte for byte");
}
