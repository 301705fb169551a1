//! Which mailbox of an organisation takes a kind of message (MESH API, endpoint look-up).

use super::client::{json, path_safe};
use super::refusal::accepted;
use super::{Client, MeshError, Stamp};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use shared::ids::OdsCode;

/// A mailbox that takes what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    #[serde(alias = "address")]
    pub mailbox_id: String,
    #[serde(alias = "description", default)]
    pub mailbox_name: String,
}

#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    results: Vec<Endpoint>,
}

impl Client {
    /// The mailboxes in which an organisation takes messages of one workflow; none where it takes them nowhere.
    ///
    /// The question belongs to no mailbox, and is not signed.
    pub async fn look_up(
        &self,
        stamp: Stamp,
        organisation: &OdsCode,
        workflow: &str,
    ) -> Result<Vec<Endpoint>, MeshError> {
        let path = format!("endpointlookup/{organisation}/{}", path_safe(workflow)?);
        let answer = self.answer(self.beside(Method::GET, &path), stamp.nonce).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        let found: Found = json(accepted(answer, stamp.at).await?).await?;
        Ok(found.results)
    }
}
