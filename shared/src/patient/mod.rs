//! How a patient is named: NHS number, postcode, and the words a pharmacist reads on the banner.

mod nhs_number;
mod pds;
mod postcode;
pub mod tracing;

pub use nhs_number::{NhsNumber, NotAnNhsNumber};
pub use pds::PdsPatient;
pub use postcode::{NotAPostcode, Postcode};
