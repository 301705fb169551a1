//! The JSON bodies that the device and the server exchange. Field names are the contract; see `docs/api.md`.

mod devices;
mod people;
mod problem;
mod quarantine;
mod recovery;
mod session;
mod sync;

pub use devices::*;
pub use people::*;
pub use problem::Problem;
pub use quarantine::*;
pub use recovery::*;
pub use session::*;
pub use sync::*;
