//! The consultation: one Automerge document a visit, made once, edited through one door.

mod answer;
mod aside;
mod assemble;
mod calls;
mod clash;
mod document;
mod history;
mod onward;
mod reading;
mod record;
mod row;
mod signing;
mod summary;
mod turn;

pub use answer::{Answer, Answers};
pub use aside::{AsideValue, Branch};
pub use assemble::change_hash;
pub use calls::{CallAsked, GP_URGENT};
pub use clash::{Clash, Version};
pub use document::hex;
pub use document::{Document, DocumentError, Writer};
pub use history::{Entry, PASSKEY_NOT_CHECKED, RELEASE, Replaced};
pub use record::*;
pub use row::{Status, WorkListRow};
pub use signing::{Amendment, LateEntry, SignError, Signature, parse_heads};
pub use summary::{Finding, Measured, Summary, Words, summarise};
pub use turn::{CannotTurn, Turn};
