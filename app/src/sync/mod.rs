//! Sync: the page keeps the link to the server, the worker carries out what the machine of `shared` decides.

pub mod driver;
mod link;
pub mod machine;
mod pull;
mod push;
pub mod unsent;
pub mod whole;
