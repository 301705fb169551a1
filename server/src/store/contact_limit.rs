//! How long a pharmacy's devices may be without contact, as the store keeps it.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::OdsCode;

/// The limit of time without contact (practice 31).
#[async_trait]
pub trait ContactLimitStore {
    /// In hours; `None` where nobody has set one.
    async fn contact_limit(&self, pharmacy: &OdsCode) -> Result<Option<u32>, StoreError>;
    /// Sets it; devices hear of it when they next get in touch.
    async fn set_contact_limit(&self, pharmacy: &OdsCode, hours: u32) -> Result<(), StoreError>;
}
