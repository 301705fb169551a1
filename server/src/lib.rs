//! The Satchel server: keeps the records, connects the pharmacy, guards both.

pub mod activity;
pub mod alerts;
pub mod api;
pub mod app;
pub mod audit;
pub mod backup;
pub mod cis2;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod config;
pub mod directory;
pub mod dmd;
pub mod exports;
pub mod intake;
pub mod keys;
pub mod mail;
pub mod nhs;
pub mod organisations;
pub mod outbox;
pub mod pathways;
pub mod patients;
pub mod places;
pub mod prescriptions;
pub mod problem;
pub mod recent;
pub mod recovery;
pub mod register;
pub mod retention;
#[cfg(test)]
mod samples;
pub mod session;
pub mod static_files;
pub mod store;
pub mod supplies;
pub mod sync;
