//! Records between devices and this server: pushed, checked, stored, pulled, and edited by the server itself.

mod accept;
mod authorship;
mod crew;
mod edit;
pub(crate) mod guard;
mod heads;
mod known;
mod limits;
mod live;
mod meaning;
mod open;
mod pull;
mod push;
pub mod quarantine;
mod receipts;
mod rows;
pub(crate) mod signature;
mod whole;

pub use edit::{EditError, server_edit, server_signature, server_writer};
pub use heads::compare;
pub use known::Authors;
pub use live::{ring_for_others, tell};
pub use open::{OpenDocuments, OpenError};
pub use pull::frames;
pub use push::push;
pub use whole::whole;

use crate::problem::Problem;

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Damaged(_) => Self::internal(error),
        }
    }
}
