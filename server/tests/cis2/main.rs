//! Signing in with CIS2 over real HTTP: against our own pretend CIS2 with its faults, and against a certified provider.

#[path = "../support/browser.rs"]
mod browser;
mod certified;
mod logout;
mod people;
mod security;
mod sign_in;
mod support;
mod worker;
