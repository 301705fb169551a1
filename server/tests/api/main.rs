//! The API over real HTTP, as a browser uses it.

mod devices;
mod enrolment;
mod guards;
mod passkeys;
mod session;
mod static_files;
mod support;
