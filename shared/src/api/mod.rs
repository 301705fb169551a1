//! The JSON bodies that the device and the server exchange. Field names are the contract; see `docs/api.md`.

mod audit;
mod cis2;
mod deliveries;
mod devices;
mod directory;
mod lookup;
mod people;
mod places;
mod problem;
mod quarantine;
mod recovery;
mod session;
mod standing;
mod supplies;
mod sync;
mod waiting;

pub use audit::*;
pub use cis2::*;
pub use deliveries::*;
pub use devices::*;
pub use directory::*;
pub use lookup::*;
pub use people::*;
pub use places::*;
pub use problem::Problem;
pub use quarantine::*;
pub use recovery::*;
pub use session::*;
pub use standing::*;
pub use supplies::*;
pub use sync::*;
pub use waiting::*;
