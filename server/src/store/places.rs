//! What directories of services said was near a postcode, for when they cannot be asked.

use super::StoreError;
use async_trait::async_trait;
use shared::time::Millis;

/// One answer of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceSearch {
    /// The kind of service, as the API names it.
    pub service: String,
    /// Upper case, one space.
    pub postcode: String,
    /// `dos-rest`, `service-search`.
    pub source: String,
    /// [`shared::places::Place`] as JSON.
    pub body: String,
    pub fetched_at: Millis,
}

/// Answers of directories. No patient's data but a postcode, and that for a while only.
#[async_trait]
pub trait PlaceStore {
    /// Keeps it over what was known of that service there, and forgets everything fetched before `keep_from`.
    async fn put_place_search(&self, search: &PlaceSearch, keep_from: Millis) -> Result<(), StoreError>;

    async fn place_search(&self, service: &str, postcode: &str) -> Result<Option<PlaceSearch>, StoreError>;
}
