//! Small parts that many screens use.

mod clock;
mod confirm;
mod debounce;
mod error_summary;
mod facts;
mod frame;
mod heading;
mod privacy;
mod sex_box;
mod text_box;
pub mod words;

pub use clock::{Clock, provide_clock};
pub use confirm::Confirm;
pub use debounce::{Debounced, typing_has_paused};
pub use error_summary::{ErrorSummary, Slip};
pub use facts::Facts;
pub use frame::Frame;
pub use heading::PageHeading;
pub use privacy::Privacy;
pub use sex_box::SexBox;
pub use text_box::{TextBox, TextKind};
