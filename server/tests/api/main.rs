//! The API over real HTTP, as a browser uses it.

mod audit;
mod contact_limit;
mod devices;
mod enrolment;
mod guards;
mod joining;
mod passkeys;
mod secret;
mod session;
mod static_files;
mod support;
