//! Fetching from TRUD, through its failures.

use super::simulator::KEY;
use super::*;
use crate::nhs::http;
use std::time::Duration;

const PACE: Pace = Pace { tries: 3, first_wait: Duration::from_millis(1), largest: 1000 };

async fn trud(key: &str) -> (Simulator, Client) {
    let simulator = Simulator::new();
    simulator.publish(DMD, "nhsbsa_dmd_1_20261116000001.zip", "2026-11-16", b"the archive".to_vec());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = TrudSettings { base_url, key: SecretString::from(key.to_owned()) };
    (simulator, Client::new(http::client(None).expect("a client"), settings, PACE))
}

async fn fetched(client: &Client) -> Result<Vec<u8>, TrudError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("release.zip");
    client.fetch(DMD, &client.latest(DMD).await?, &path).await?;
    Ok(std::fs::read(path).expect("a file"))
}

#[tokio::test]
async fn the_newest_release_is_fetched_however_often_it_fails_at_first() {
    let (simulator, client) = trud(KEY).await;
    assert_eq!(client.latest(DMD).await.expect("listed").release_date, "2026-11-16");
    simulator.fail(2);
    assert_eq!(fetched(&client).await.expect("fetched"), b"the archive");
    simulator.fail(3);
    assert!(matches!(fetched(&client).await, Err(TrudError::Away(None))), "three tries and no more");
}

#[tokio::test]
async fn a_file_on_another_host_is_not_fetched() {
    let (simulator, client) = trud(KEY).await;
    let (other, _) = trud(KEY).await;
    for elsewhere in
        ["http://example.org", "https://127.0.0.1", "http://127.0.0.1:1", "file:///etc", "nonsense"]
    {
        simulator.point_elsewhere(elsewhere);
        assert!(matches!(fetched(&client).await, Err(TrudError::OtherHost)), "{elsewhere}");
    }
    assert_eq!(other.asked(), 0);
}

#[tokio::test]
async fn what_was_changed_on_the_way_or_is_too_large_is_not_kept() {
    let (simulator, client) = trud(KEY).await;
    simulator.tell_wrong_checksums();
    assert!(matches!(fetched(&client).await, Err(TrudError::Damaged)));
    let (simulator, client) = trud(KEY).await;
    simulator.publish(DMD, "large", "2026-11-23", vec![0; 1001]);
    assert!(matches!(fetched(&client).await, Err(TrudError::TooLarge)));
}

#[tokio::test]
async fn no_failure_tells_the_key() {
    let secret = "a-secret-that-nobody-may-read";
    let (_, refused) = trud(secret).await;
    let settings = TrudSettings {
        base_url: "http://127.0.0.1:1".to_owned(),
        key: SecretString::from(secret.to_owned()),
    };
    let away = Client::new(http::client(None).expect("a client"), settings, PACE);
    for client in [refused, away] {
        let error = client.latest(DMD).await.expect_err("nothing is there");
        let told = format!("{error} {error:?} {} {client:?}", crate::problem::chain(&error));
        assert!(!told.contains(secret), "{told}");
    }
    let (_, client) = trud(KEY).await;
    assert!(!format!("{:?}", client.latest(DMD).await.expect("listed")).contains(KEY));
}
