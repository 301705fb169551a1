//! Where to send a patient: services near a postcode, listed by distance and by what is open now, with no map and with
//! no network.

mod finder;
mod model;
mod page;

pub use finder::Finder;
pub use page::PlacesPage;
