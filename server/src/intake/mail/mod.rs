//! Referrals by e-mail (NHSmail): read as far as they can be, kept as they came, and put where a person decides.
//!
//! No format of such a mail is published, so nothing becomes a referral by itself, and nothing is thrown away.

mod copies;
mod fields;
mod folder;
pub mod imap;
mod parse;
mod progress;
mod stand_in;
mod take_in;
#[cfg(test)]
mod tests;

pub use fields::read_fields;
pub use folder::look_into as look_into_folder;
pub use parse::{Mail, read};
pub use take_in::{NotTakenIn, take_in};

use crate::app::App;
use crate::problem::chain;
use std::time::Duration;

/// How often the folder is looked into.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks into the drop folder until the server closes.
pub async fn run(app: App) {
    let Some(folder) = app.config.arrivals.mail_folder.clone() else { return };
    let mut closing = app.closing.subscribe();
    while !*closing.borrow() {
        if let Err(error) = look_into_folder(&app, &folder).await {
            tracing::warn!(cause = %chain(&error), "the mail folder could not be read; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = closing.changed() => {}
        }
    }
}
