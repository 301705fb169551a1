//! The dictionary of medicines on this device: kept up to date in the background, searched while typing, with no network.

mod finder;
mod finding;
pub mod keeping;
mod model;
mod page;
mod shelf;

pub use finder::Finder;
pub use finding::Picked;
pub use page::MedicinesPage;
pub use shelf::Shelf;
