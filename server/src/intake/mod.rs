//! What comes to the pharmacy from outside: reading it, and deciding what it does to what is already here.
//! Only `receive` touches the store; the rest is pure.

pub mod adaptor;
mod arrived;
pub mod bars;
mod filing;
pub mod forwarded;
pub mod itk111;
pub mod itk3;
pub mod mail;
pub(crate) mod narrative;
mod receive;
pub mod waiting;
pub mod xml;

pub use arrived::{Arrived, Part, Withdrawal};
pub use filing::{ExistingCase, Filing, file, new_consultation, pathway_for};
pub use receive::{Filed, NotTaken, Received, opened, receive, take};
