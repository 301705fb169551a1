//! What can go wrong on the device, in the words that the person reads.

use shared::api::Problem;
use shared::consultation::{DocumentError, SignError};
use std::sync::Arc;

/// A variant is a decision for the caller; `Display` is what is shown.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// Offline: go on with what is here.
    #[error(
        "The server cannot be reached. Your work is kept on this device and goes up by itself when it can."
    )]
    Unreachable,
    /// The server said no, in words.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The session with the server has ended: sign in again, or go on offline.
    #[error("You are not signed in to the server. Your work is kept on this device until you are.")]
    NotSignedIn,
    #[error("The server's answer could not be read. Try again; if it stays so, update the app.")]
    StrangeAnswer,
    /// The person dismissed the passkey sheet, or it timed out.
    #[error("The passkey was not used. Try again, or choose another way.")]
    PasskeyNotUsed,
    #[error("You have a passkey on this device already. Sign in with it instead.")]
    PasskeyExists,
    #[error("This browser cannot make passkeys. Choose a passphrase instead.")]
    NoPasskeys,
    #[error("This passkey cannot open the records on this device. Use your passphrase instead.")]
    PasskeyCannotOpen,
    #[error("That passphrase does not open the records on this device. Check it and try again.")]
    WrongPassphrase,
    #[error("That PIN does not fit this passkey. Check it and try again.")]
    WrongPin,
    #[error("Choose at least 6 digits that are not the same and not in a row.")]
    WeakPin,
    /// Several people use this device, so a passkey alone is not a person.
    #[error("Several people use this device. Your PIN is needed beside the sensor.")]
    PinNeeded,
    /// Seconds left to wait.
    #[error("Too many wrong tries. Wait {}, then try again.", waiting(*.0))]
    TooManyTries(i64),
    #[error("{0}, you have a key to this device already. Unlock with it; that needs no network.")]
    UnlockInstead(String),
    #[error(
        "The server has no copy of the key that this device uses now. Ask a colleague who can unlock this device to \
         open it for you."
    )]
    NoSealedCopy,
    #[error("Connect to the server once before you remove somebody: the new key must be sealed to it.")]
    ServerKeyUnknown,
    #[error("A passphrase needs at least 12 characters. Four words that do not belong together work well.")]
    ShortPassphrase,
    #[error("Satchel is open in another tab or window. Go on there, or close it and try again here.")]
    OpenElsewhere,
    #[error("Unlock first.")]
    Locked,
    /// Only one's own unsent work may be read (practice 31).
    #[error("This device has been without contact for too long. Connect to the server to go on.")]
    OutOfContact,
    /// Their access to the pharmacy ended by itself (practice 30).
    #[error(
        "Your access to this pharmacy has ended. What you recorded is kept; its administrator can extend your access."
    )]
    AccessEnded,
    #[error("This consultation is not on this device. Connect to fetch it.")]
    NotHere,
    #[error(
        "{0} consultations have not been sent. Connect and wait until they are, or delete them knowingly."
    )]
    WouldLoseWork(usize),
    #[error(
        "This device's storage is full, so the last entry is not saved. Free some space, then change it again."
    )]
    StorageFull,
    #[error(
        "The browser closed its storage, so the last entry may not be saved. Reload the page and check it."
    )]
    StorageLost,
    /// The browser emptied its storage, keys and all; nothing here can be opened or saved any more.
    #[error(
        "The browser has deleted what Satchel kept on this device. Reload the page and sign in again: everything \
         that had been sent comes back from the server."
    )]
    StorageEvicted,
    #[error(
        "Another tab holds an older version of Satchel open. Close the other tabs, then reload this one."
    )]
    StorageBlocked,
    #[error(
        "The records on this device could not be opened. Connect to fetch them again; unsent work is kept."
    )]
    Unsealable,
    /// Nothing of this document may be shown: what is missing could be what matters.
    #[error(
        "This consultation cannot be opened on this device: part of what is stored of it is damaged. It is kept \
         as it is. Open it on another device, and tell your supplier."
    )]
    Damaged,
    /// It ends whatever tries to read it; it is not tried again.
    #[error(
        "This consultation stops the part of Satchel that reads records, so it is not opened on this device. It is \
         kept as it is. Open it on another device, and tell your supplier."
    )]
    Deadly,
    #[error("A newer version of Satchel wrote the records on this device. Update the app to open them.")]
    NewerRecords,
    #[error("This browser lacks something that Satchel needs ({0}). Update it, or use another.")]
    Unsupported(&'static str),
    #[error("This consultation could not be read. It is kept as it is; tell your supplier.")]
    Document(#[source] Arc<DocumentError>),
    #[error(transparent)]
    Signing(Arc<SignError>),
}

fn waiting(seconds: i64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        few if few < 120 => format!("{few} seconds"),
        many => format!("{} minutes", (many + 59) / 60),
    }
}

impl From<DocumentError> for Trouble {
    fn from(error: DocumentError) -> Self {
        Self::Document(Arc::new(error))
    }
}

impl From<SignError> for Trouble {
    fn from(error: SignError) -> Self {
        Self::Signing(Arc::new(error))
    }
}

impl Trouble {
    /// Stays true however often one tries: say it and leave it on the screen.
    pub fn is_about_storage(&self) -> bool {
        matches!(self, Self::StorageFull | Self::StorageLost | Self::StorageBlocked | Self::StorageEvicted)
    }
}
