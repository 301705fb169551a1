//! Who wrote a change, provably: receipt of an unlock → actor id → signature over what was pushed (design 6).

mod actor;
mod device_key;
mod receipt;
mod signature;

pub use actor::{Actor, actor};
pub use device_key::{device_enrolment_statement, device_sign_in_statement};
pub use receipt::{NotAReceipt, PasskeyAssertion, Receipt, Unlock, challenge};
pub use signature::{AUTHOR_SIGNATURE_LENGTH, author_statement};
