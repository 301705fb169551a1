//! A referral and its clock: by when the patient should be spoken to, what has passed, when it may be closed.

mod attempts;
mod clock;
mod due;
mod holidays;
mod origin;
mod told;

pub use attempts::{HOWS, RESULTS, in_words, reached};
pub use clock::{Marks, marks};
pub use due::{due_at, strand};
pub use holidays::{bank_holidays_known_until, close_of_work, is_working_day, next_working_day};
pub use origin::{PERSONS_CHANNELS, REFERRER_TYPES, supply_is_unusual};
pub use told::told_by;
