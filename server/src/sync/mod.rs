//! Records between devices and this server: pushed, checked, stored, pulled, and edited by the server itself.

mod accept;
mod after;
mod authorship;
mod edit;
mod heads;
mod limits;
mod live;
mod meaning;
mod nonces;
mod open;
mod pull;
mod push;

pub use edit::{EditError, server_edit, server_writer};
pub use heads::compare;
pub use live::{ring_for_others, tell};
pub use nonces::Nonces;
pub use open::{OpenDocuments, OpenError};
pub use pull::frames;
pub use push::push;

use crate::problem::Problem;

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Damaged(_) => Self::internal(error),
        }
    }
}
