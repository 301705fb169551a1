//! Who wrote a change, provably: receipt of an unlock → actor id → signature over what was pushed (design 6).

mod actor;
mod receipt;
mod signature;

pub use actor::{Actor, actor};
pub use receipt::{NotAReceipt, PasskeyAssertion, Receipt, Unlock, challenge};
pub use signature::{AUTHOR_SIGNATURE_LENGTH, author_statement};
