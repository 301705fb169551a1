//! What settings says of storage, and how long until the vault locks, in words.

use crate::state::StorageUse;
use crate::ui::words;
use crate::vault::contact::Jump;
use shared::time::Millis;

/// Days for which finished work may be kept on a device (practice 32).
pub const WINDOW_CHOICES: [u32; 4] = [7, 30, 90, 366];

/// Minutes that the auto-lock offers.
pub const IDLE_CHOICES: [u32; 6] = [1, 2, 5, 10, 15, 30];

/// Hours without contact that an administrator may choose: a day to 30 days (practice 31).
pub const CONTACT_CHOICES: [u32; 5] = [24, 72, 7 * 24, 14 * 24, 30 * 24];

/// `22 Nov 2026, 14:05: 3 days ahead`.
pub fn jump_words(jump: &Jump, now: Millis) -> String {
    let which = if jump.by > 0 { "ahead" } else { "back" };
    format!("{}: {} {which}", words::moment(jump.at, now), words::stretch(jump.by))
}

/// `12 MB of 2.1 GB used`.
pub fn storage_words(storage: StorageUse) -> String {
    if storage.quota <= 0.0 {
        return "This browser does not say how much space there is.".to_owned();
    }
    format!("{} of {} used.", size(storage.used), size(storage.quota))
}

/// Whether what is stored is safe from the browser's own tidying.
pub fn keeping_words(storage: StorageUse) -> &'static str {
    if storage.persisted {
        "This browser has promised to keep what is stored."
    } else {
        "This browser may delete what is stored after a week without use. Add Satchel to the home screen, \
         and keep it connected when you can."
    }
}

fn size(bytes: f64) -> String {
    match bytes {
        small if small < 1_000_000.0 => format!("{:.0} kB", small / 1000.0),
        middling if middling < 1_000_000_000.0 => format!("{:.0} MB", middling / 1_000_000.0),
        large => format!("{:.1} GB", large / 1_000_000_000.0),
    }
}

/// What signing out leaves behind.
pub fn waiting_words(waiting: usize) -> String {
    match waiting {
        0 => "Everything recorded here is with the server.".to_owned(),
        number => format!(
            "{} to be sent. They stay locked on this device and go up after the next sign-in.",
            words::count(number, "consultation waits", "consultations wait")
        ),
    }
}

/// How far the change of the vault's key is.
pub fn resealing_words(left: usize) -> String {
    format!(
        "The lock was changed. {} to be sealed anew; you can work meanwhile.",
        words::count(left, "record", "records")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_told_in_sizes_people_know() {
        let storage = StorageUse { used: 12_300_000.0, quota: 2_100_000_000.0, persisted: true };
        assert_eq!(storage_words(storage), "12 MB of 2.1 GB used.");
        assert!(storage_words(StorageUse::default()).contains("does not say"));
    }

    #[test]
    fn a_jump_of_the_clock_says_which_way_and_how_far() {
        let jump = Jump { at: 1_795_000_000_000, by: -3 * 86_400_000, open: true };
        assert!(jump_words(&jump, 1_795_000_000_000).ends_with(": 3 days back"));
    }

    #[test]
    fn leaving_says_what_waits() {
        assert!(waiting_words(1).starts_with("1 consultation waits to be sent."));
        assert!(waiting_words(3).starts_with("3 consultations wait to be sent."));
    }
}
