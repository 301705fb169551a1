//! Carrying out what the sync machine of `shared` decides: requests, storing, trying again.

pub mod driver;
mod link;
mod push;
