//! What comes to the pharmacy from outside: reading it, and deciding what it does to what is already here.
//! Only `receive` touches the store; the rest is pure.

mod arrived;
pub mod bars;
mod due;
mod filing;
pub mod itk111;
mod receive;

pub use arrived::{Arrived, Part, Withdrawal};
pub use due::{bank_holidays_known_until, due_at, is_working_day, strand};
pub use filing::{ExistingCase, Filing, file, new_consultation, pathway_for};
pub use receive::{Filed, NotTaken, Received, opened, receive, take};
