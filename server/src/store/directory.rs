//! The pharmacy's own address book: to which address a practice or another pharmacy takes confidential messages.

use super::StoreError;
use async_trait::async_trait;
use shared::ids::{OdsCode, PersonId};
use shared::time::Millis;
use uuid::Uuid;

/// One address. It is used for patients' data only once somebody there has confirmed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressEntry {
    pub id: Uuid,
    /// Whose address book it is in.
    pub pharmacy: OdsCode,
    /// The organisation it is of; `None` for one without an ODS code.
    pub ods: Option<OdsCode>,
    /// `practice`, `pharmacy`, `other`.
    pub kind: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub note: String,
    /// `csv`, `screen`, `dos`.
    pub source: String,
    /// Hash of the code in the test message that waits for its answer.
    pub code_hash: Option<[u8; 32]>,
    pub confirmed_at: Option<Millis>,
    pub confirmed_by: Option<PersonId>,
    /// Who confirmed it there, and how, in words.
    pub confirmed_with: String,
    /// Later with every change, whatever the clock does: what was read tells itself from what is there now.
    pub changed_at: Millis,
}

/// A changed entry, and the `changed_at` of what was read before; `None` for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressWrite {
    pub entry: AddressEntry,
    pub seen: Option<Millis>,
}

/// The address books of the pharmacies.
#[async_trait]
pub trait DirectoryStore {
    /// Stores an entry as it is, by its id.
    async fn put_address(&self, entry: &AddressEntry) -> Result<(), StoreError>;

    /// Stores all of them or none. One that is another by now than it was read, or that is there already, is a
    /// [`StoreError::Conflict`].
    async fn write_addresses(&self, changes: &[AddressWrite]) -> Result<(), StoreError>;

    async fn address(&self, id: &Uuid) -> Result<Option<AddressEntry>, StoreError>;

    /// All of one pharmacy, by name.
    async fn addresses(&self, pharmacy: &OdsCode) -> Result<Vec<AddressEntry>, StoreError>;

    /// The confirmed e-mail address of an organisation, the latest confirmed first; `None` for none.
    async fn confirmed_address(
        &self,
        pharmacy: &OdsCode,
        organisation: &OdsCode,
    ) -> Result<Option<AddressEntry>, StoreError>;

    /// `false` where there is none such.
    async fn remove_address(&self, pharmacy: &OdsCode, id: &Uuid) -> Result<bool, StoreError>;
}
