//! The API over real HTTP, as a browser uses it.

mod background;
mod contact_limit;
mod devices;
mod enrolment;
mod guards;
mod joining;
mod organisations;
mod passkeys;
mod patients;
mod secret;
mod session;
mod static_files;
mod support;
