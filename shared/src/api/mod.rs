//! The JSON bodies that the device and the server exchange. Field names are the contract; see `docs/api.md`.

mod devices;
mod problem;
mod session;
mod sync;

pub use devices::*;
pub use problem::Problem;
pub use session::*;
pub use sync::*;
