//! Small parts that many screens use.

mod answers;
mod attempt;
mod back_link;
mod buttons;
mod card;
mod choice;
mod clock;
mod confirm;
mod debounce;
mod error_summary;
mod facts;
mod frame;
mod heading;
mod listing;
mod privacy;
mod sex_box;
mod text_box;
pub mod words;

pub use answers::AnswerRows;
pub use attempt::Attempt;
pub use back_link::BackLink;
pub use buttons::{Action, Disclosure, link_button};
pub use card::Card;
pub use choice::Choice;
pub use clock::{Clock, provide_clock};
pub use confirm::Confirm;
pub use debounce::{Debounced, typing_has_paused};
pub use error_summary::{ErrorSummary, Slip};
pub use facts::Facts;
pub use frame::Frame;
pub use heading::PageHeading;
pub use listing::{Act, Asking, Line, Listing, list};
pub use privacy::Privacy;
pub use sex_box::SexBox;
pub use text_box::{TextBox, TextKind};
