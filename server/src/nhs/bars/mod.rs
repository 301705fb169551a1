//! BaRS as a sender: what became of a referral, told to who sent it (BaRS Core, BaRS App 5).

mod client;
pub mod codes;
mod response;
pub mod simulator;
#[cfg(test)]
mod tests;

pub use client::{BarsError, Client, Sending, Taken};
pub use response::{Composed, Ended, Response, compose, target};
pub use simulator::Simulator;
