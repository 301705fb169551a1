//! TRUD over HTTP: patient with its failures, and never further than its own host.

use super::{TrudError, TrudRelease, TrudSettings};
use crate::nhs::http;
use reqwest::{Response, StatusCode, Url};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

/// A list of releases has some kilobytes.
const LARGEST_LIST: usize = 1024 * 1024;
/// A release has about 50 MB.
const LARGEST_ARCHIVE: u64 = 512 * 1024 * 1024;
/// A whole release over a slow line.
const FETCHED_WITHIN: Duration = Duration::from_mins(20);

/// How often and after how long what failed is tried again.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub tries: u32,
    /// Doubled after each try.
    pub first_wait: Duration,
    pub largest: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { tries: 4, first_wait: Duration::from_secs(5), largest: LARGEST_ARCHIVE }
    }
}

/// One TRUD: the real one or a simulator.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    settings: TrudSettings,
    pace: Pace,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    releases: Vec<TrudRelease>,
}

impl Client {
    /// `http` comes from [`crate::nhs::http::client`]: it follows no redirect.
    pub fn new(http: reqwest::Client, settings: TrudSettings, pace: Pace) -> Self {
        Self { http, settings, pace }
    }

    /// The newest release of an item.
    pub async fn latest(&self, item: u16) -> Result<TrudRelease, TrudError> {
        let mut wait = self.pace.first_wait;
        for _ in 1..self.pace.tries {
            match self.ask(item).await {
                Err(error) if error.passes() => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                answer => return answer,
            }
        }
        self.ask(item).await
    }

    async fn ask(&self, item: u16) -> Result<TrudRelease, TrudError> {
        let (base, key) = (&self.settings.base_url, self.settings.key.expose_secret());
        let url = format!("{base}/keys/{key}/items/{item}/releases?latest");
        let response = self.get(&url, item, None).await?;
        let bytes = http::body(response, LARGEST_LIST).await.map_err(|error| match error {
            http::BodyError::TooLarge => TrudError::Unreadable("it is too long"),
            http::BodyError::BrokeOff(error) => TrudError::Away(Some(error.without_url())),
        })?;
        // What does not parse may quote an address, so the cause is left behind.
        let list: List =
            serde_json::from_slice(&bytes).map_err(|_| TrudError::Unreadable("it is no list of releases"))?;
        let newest = list.releases.into_iter().max_by(|a, b| a.release_date.cmp(&b.release_date));
        newest.ok_or(TrudError::Unreadable("it names no release"))
    }

    /// Fetches a release into a file that is made new, or written over after a try that failed.
    pub async fn fetch(&self, item: u16, release: &TrudRelease, into: &Path) -> Result<u64, TrudError> {
        let ours = self.settings.base_url.parse::<Url>().map_err(|_| TrudError::OtherHost)?;
        let theirs = release.archive_file_url.parse::<Url>().map_err(|_| TrudError::OtherHost)?;
        if ours.origin() != theirs.origin() {
            return Err(TrudError::OtherHost);
        }
        let mut wait = self.pace.first_wait;
        for _ in 1..self.pace.tries {
            match self.download(item, release, into).await {
                Err(error) if error.passes() => {
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                answer => return answer,
            }
        }
        self.download(item, release, into).await
    }

    async fn download(&self, item: u16, release: &TrudRelease, into: &Path) -> Result<u64, TrudError> {
        let mut response = self.get(&release.archive_file_url, item, Some(FETCHED_WITHIN)).await?;
        let mut file = tokio::fs::File::create(into).await.map_err(TrudError::Disk)?;
        let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
        while let Some(part) =
            response.chunk().await.map_err(|error| TrudError::Away(Some(error.without_url())))?
        {
            bytes += part.len() as u64;
            if bytes > self.pace.largest {
                return Err(TrudError::TooLarge);
            }
            hash.update(&part);
            file.write_all(&part).await.map_err(TrudError::Disk)?;
        }
        file.flush().await.map_err(TrudError::Disk)?;
        let told = release.archive_file_sha256.to_ascii_lowercase();
        if !told.is_empty() && told != hex(&hash.finalize()) {
            return Err(TrudError::Damaged);
        }
        Ok(bytes)
    }

    async fn get(&self, url: &str, item: u16, within: Option<Duration>) -> Result<Response, TrudError> {
        let mut request = http::named(self.http.get(url), Uuid::new_v4());
        if let Some(within) = within {
            request = request.timeout(within);
        }
        let response = request.send().await.map_err(|error| TrudError::Away(Some(error.without_url())))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Err(TrudError::Away(None)),
            status if status.is_server_error() => Err(TrudError::Away(None)),
            status => Err(TrudError::Refused { status: status.as_u16(), item }),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
