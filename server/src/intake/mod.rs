//! What comes to the pharmacy from outside: reading it, and deciding what it does to what is already here.
//! Only `receive` touches the store; the rest is pure.

mod arrived;
mod filing;
pub mod forwarded;
pub mod itk111;
pub mod itk3;
pub mod mail;
mod receive;
pub mod waiting;

pub use arrived::{Arrived, Part, Withdrawal};
pub use filing::{ExistingCase, Filing, file, new_consultation, pathway_for};
pub use receive::{Filed, NotTaken, Received, opened, receive, take};
