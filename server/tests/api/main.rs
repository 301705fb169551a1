//! The API over real HTTP, as a browser uses it.

mod audit;
mod background;
#[path = "../support/browser.rs"]
mod browser;
mod contact_limit;
mod devices;
mod directory;
mod enrolment;
mod guards;
mod joining;
mod locum;
mod medicines;
mod organisations;
mod passkeys;
mod patients;
mod places;
mod prescriptions;
mod reports;
mod roles;
mod secret;
mod session;
mod standing;
mod static_files;
mod support;
#[path = "../chaos/weather.rs"]
#[expect(dead_code, reason = "only MESH has messages of which one can be broken")]
mod weather;
