//! What is kept of the dictionary, what is fetched next, and how that is said.

use crate::platform::trouble::Trouble;
use crate::ui::words;
use shared::api::{FileInfo, MedicinesStatus};
use shared::medicines::file::{self, Scope};
use shared::time::Millis;

/// A file on this device; all that is known of it without opening it stands in its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub scope: Scope,
    /// Day of the dm+d release: `2026-11-16`.
    pub release: String,
    pub bytes: u64,
    pub sha256: String,
    /// When it was fetched.
    pub at: Millis,
}

const PREFIX: &str = "/kept/medicines/";

impl Kept {
    /// Under which it lies in the cache.
    pub fn address(&self) -> String {
        let scope = if self.scope == Scope::Full { "full" } else { "core" };
        let Self { release, bytes, sha256, at, .. } = self;
        format!("{PREFIX}{scope}/{release}/{bytes}/{at}/{sha256}")
    }

    /// `None` for what a later version of the app may keep there.
    pub fn read(address: &str) -> Option<Self> {
        let parts: Vec<&str> = address.strip_prefix(PREFIX)?.split('/').collect();
        let [scope, release, bytes, at, sha256] = parts[..] else { return None };
        Some(Self {
            scope: match scope {
                "full" => Scope::Full,
                "core" => Scope::Core,
                _ => return None,
            },
            release: release.to_owned(),
            bytes: bytes.parse().ok()?,
            at: at.parse().ok()?,
            sha256: sha256.to_owned(),
        })
    }
}

/// The one to search in: with brands before without, then the newest release, then the one fetched last.
pub fn best(kept: &[Kept]) -> Option<&Kept> {
    chosen(kept, None)
}

/// Like [`best`], but of two with or two without brands the one that the server named goes first; `wanted`: its
/// SHA-256. Neither a release that was taken back nor a clock that was set back may make this device drop what it just
/// fetched.
pub fn chosen<'a>(kept: &'a [Kept], wanted: Option<&str>) -> Option<&'a Kept> {
    kept.iter().max_by_key(|one| {
        let is_wanted = wanted == Some(one.sha256.as_str());
        (one.scope == Scope::Full, is_wanted, one.release.clone(), one.at)
    })
}

/// Addresses of what is no longer of use once the best of them is whole.
pub fn leftovers(addresses: &[String], best: Option<&Kept>) -> Vec<String> {
    let best = best.map(Kept::address);
    addresses.iter().filter(|address| Some(*address) != best.as_ref()).cloned().collect()
}

/// One file to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    pub scope: Scope,
    pub path: &'static str,
    pub info: FileInfo,
}

/// What to fetch, in order. The small file comes first only where there is nothing: it is of use sooner.
pub fn plan(kept: &[Kept], status: &MedicinesStatus) -> Vec<Fetch> {
    if status.release.is_empty() {
        return Vec::new();
    }
    let has = |info: &FileInfo| kept.iter().any(|one| one.sha256 == info.sha256);
    let core = Fetch { scope: Scope::Core, path: "/api/medicines/core", info: status.core.clone() };
    let full = Fetch { scope: Scope::Full, path: "/api/medicines/full", info: status.full.clone() };
    let mut fetches = Vec::new();
    if has(&full.info) {
        return fetches;
    }
    if !has(&core.info) && !kept.iter().any(|one| one.scope == Scope::Full) {
        fetches.push(core);
    }
    fetches.push(full);
    fetches
}

/// Is what arrived the file that was promised? `digest`: its SHA-256. Only then may it take the old one's place.
pub fn checked(bytes: &[u8], digest: &str, fetch: &Fetch) -> Result<file::Checked, String> {
    if bytes.len() as u64 != fetch.info.bytes {
        return Err(unusable("it did not arrive whole"));
    }
    if digest != fetch.info.sha256 {
        return Err(unusable("it was changed on the way"));
    }
    let file = file::check(bytes).map_err(|error| unusable(&error.to_string()))?;
    if file.scope == fetch.scope { Ok(file) } else { Err(unusable("it is not the one that was asked for")) }
}

fn unusable(why: &str) -> String {
    format!(
        "The new medicines file cannot be used: {why}. The one on this device stays. It is fetched again later."
    )
}

/// What failing to fetch means for the person.
pub fn trouble_words(trouble: &Trouble, has_one: bool) -> String {
    let stays =
        if has_one { "The one on this device stays." } else { "Medicines can be typed in words meanwhile." };
    match trouble {
        Trouble::Unreachable => {
            format!("No answer from the server, so there is no newer medicines file. {stays}")
        }
        Trouble::StorageFull => format!(
            "There is no room on this device for the medicines file. Free some space, then fetch it again. {stays}"
        ),
        Trouble::StorageLost => format!(
            "The browser does not let Satchel keep the medicines file. Reload the page, then fetch it again. {stays}"
        ),
        other => format!("The medicines file could not be fetched. {other} {stays}"),
    }
}

/// Why there is no newer file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// For the person.
    pub words: String,
    /// The server was not reached, so nothing is known of what it has.
    pub is_unreached: bool,
}

impl Miss {
    pub fn of(trouble: &Trouble, has_one: bool) -> Self {
        Self { words: trouble_words(trouble, has_one), is_unreached: matches!(trouble, Trouble::Unreachable) }
    }

    /// What would most likely fail again is not fetched again soon: the file is large.
    pub fn looked(&self, running: Millis) -> Looked {
        if self.is_unreached { Looked::Unreached(running) } else { Looked::Answered(running) }
    }
}

/// What arrived is of no use.
impl From<String> for Miss {
    fn from(words: String) -> Self {
        Self { words, is_unreached: false }
    }
}

/// The file on the device does not open any more.
pub fn damaged_words(error: &file::FileError) -> String {
    format!(
        "The medicines file on this device cannot be used: {error}. It was removed and is fetched again when the \
         server answers. Type medicines in words meanwhile."
    )
}

/// `Release of 16 Nov 2026, fetched 14:05 (20 min old)`, or that there is none.
pub fn age_words(kept: Option<&Kept>, now: Millis) -> String {
    let Some(kept) = kept else { return "none on this device yet".to_owned() };
    let brands = if kept.scope == Scope::Full { "" } else { ", without brands so far" };
    format!(
        "{}{brands}, fetched {} ({} ago)",
        release_words(&kept.release),
        words::moment(kept.at, now),
        words::stretch(now - kept.at)
    )
}

/// `release of 16 Nov 2026`.
pub fn release_words(release: &str) -> String {
    let day = release.parse().map_or_else(|_| release.to_owned(), shared::time::written_date);
    format!("release of {day}")
}

/// `7.9 MB`.
pub fn size_words(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Between two looks whether there is a newer file, and between tries to reach the server, in milliseconds.
const LOOK: Millis = 6 * 3_600_000;
const RETRY: Millis = 5 * 60_000;
/// After the vault was opened: what the person does first is not kept waiting.
const CALM: Millis = 3_000;

/// When it was last looked for a newer file, by the clock that nobody sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Looked {
    #[default]
    Never,
    Since(Millis),
    /// The server was reached, whatever came of it.
    Answered(Millis),
    Unreached(Millis),
}

impl Looked {
    /// Is it time to look? A first look waits until the device is calm.
    pub fn is_due(self, running: Millis) -> bool {
        match self {
            Self::Never => false,
            Self::Since(opened) => running - opened > CALM,
            Self::Answered(at) => running - at > LOOK,
            Self::Unreached(at) => running - at > RETRY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::medicines::file::{Contents, write};

    fn kept(scope: Scope, release: &str, sha256: &str) -> Kept {
        Kept {
            scope,
            release: release.to_owned(),
            bytes: 7_901_234,
            sha256: sha256.to_owned(),
            at: 1_795_356_800_000,
        }
    }

    fn status(release: &str, core: &str, full: &str) -> MedicinesStatus {
        let info = |sha256: &str| FileInfo { bytes: 9, sha256: sha256.to_owned() };
        MedicinesStatus {
            release: release.to_owned(),
            built_at: String::new(),
            core: info(core),
            full: info(full),
        }
    }

    fn scopes(fetches: &[Fetch]) -> Vec<Scope> {
        fetches.iter().map(|fetch| fetch.scope).collect()
    }

    #[test]
    fn all_that_is_known_of_a_file_stands_in_its_address() {
        let one = kept(Scope::Full, "2026-11-16", "ab");
        assert_eq!(Kept::read(&one.address()), Some(one));
        assert_eq!(Kept::read("/kept/medicines/newest/1"), None);
        assert_eq!(Kept::read("/kept/medicines/half/2026-11-16/1/1/ab"), None);
    }

    #[test]
    fn a_new_device_has_generics_first_and_brands_after_them() {
        assert_eq!(scopes(&plan(&[], &status("2026-11-16", "c", "f"))), [Scope::Core, Scope::Full]);
    }

    #[test]
    fn a_device_with_brands_keeps_them_until_the_next_file_is_whole() {
        let old = kept(Scope::Full, "2026-11-09", "old");
        assert_eq!(scopes(&plan(std::slice::from_ref(&old), &status("2026-11-16", "c", "f"))), [Scope::Full]);
        // Even if the small one of a newer release is there, the one with brands is searched.
        let both = [kept(Scope::Core, "2026-11-16", "c"), old.clone()];
        assert_eq!(best(&both), Some(&old));
    }

    #[test]
    fn what_the_server_named_goes_before_a_later_day_or_a_later_clock() {
        let later = kept(Scope::Full, "2026-11-23", "later");
        let restored = kept(Scope::Full, "2026-11-16", "f");
        let corrected = Kept { at: later.at - 60_000, ..kept(Scope::Full, "2026-11-23", "corrected") };
        let all = [restored.clone(), corrected.clone(), later.clone()];
        assert_eq!(chosen(&all, Some("f")), Some(&restored));
        assert_eq!(chosen(&all, Some("corrected")), Some(&corrected));
        for wanted in [None, Some("elsewhere")] {
            assert_eq!(chosen(&all, wanted), Some(&later));
        }
        assert_eq!(chosen(&[], Some("f")), None);
        // Nor does what is chosen lead to another fetch.
        assert!(plan(&[restored], &status("2026-11-16", "c", "f")).is_empty());
    }

    #[test]
    fn brands_that_another_tab_fetched_meanwhile_go_before_the_small_file() {
        let both = [kept(Scope::Full, "2026-11-16", "f"), kept(Scope::Core, "2026-11-16", "c")];
        assert_eq!(chosen(&both, Some("c")), Some(&both[0]));
        let small = [kept(Scope::Core, "2026-11-23", "later"), kept(Scope::Core, "2026-11-16", "c")];
        assert_eq!(chosen(&small, Some("c")), Some(&small[1]));
    }

    #[test]
    fn what_is_there_already_is_not_fetched_again() {
        let new = [kept(Scope::Full, "2026-11-16", "f")];
        assert!(plan(&new, &status("2026-11-16", "c", "f")).is_empty());
        assert!(plan(&[], &status("", "", "")).is_empty(), "the server has none");
        let small = [kept(Scope::Core, "2026-11-16", "c")];
        assert_eq!(scopes(&plan(&small, &status("2026-11-16", "c", "f"))), [Scope::Full]);
    }

    #[test]
    fn the_old_ones_go_once_the_new_one_is_whole_and_the_new_one_stays() {
        let all = [
            kept(Scope::Full, "2026-11-09", "old"),
            kept(Scope::Core, "2026-11-16", "c"),
            kept(Scope::Full, "2026-11-16", "f"),
        ];
        let mut addresses: Vec<String> = all.iter().map(Kept::address).collect();
        addresses.push("/kept/medicines/of-another-age".to_owned());
        let left = leftovers(&addresses, best(&all));
        assert_eq!(left.len(), 3);
        assert!(!left.contains(&all[2].address()));
    }

    #[test]
    fn only_the_very_file_that_was_promised_takes_the_old_ones_place() {
        let contents =
            Contents { release: "2026-11-16".into(), built_at: String::new(), products: Vec::new() };
        let bytes = write(&contents, Scope::Full);
        let info = FileInfo { bytes: bytes.len() as u64, sha256: "good".to_owned() };
        let fetch = Fetch { scope: Scope::Full, path: "/api/medicines/full", info };
        assert_eq!(checked(&bytes, "good", &fetch).map(|file| file.release), Ok("2026-11-16".to_owned()));
        for (bytes, digest, why) in [
            (&bytes[1..], "good", "did not arrive whole"),
            (&bytes[..], "bad", "changed on the way"),
            (&vec![0; bytes.len()][..], "good", "not a medicines file"),
        ] {
            let refused = checked(bytes, digest, &fetch).expect_err("refused");
            assert!(refused.contains(why) && refused.contains("stays"), "{refused}");
        }
    }

    #[test]
    fn it_is_looked_for_in_calm_every_six_hours_and_sooner_where_the_server_was_not_reached() {
        assert!(!Looked::Never.is_due(LOOK * 2), "nobody has opened the vault");
        assert!(!Looked::Since(1_000).is_due(2_000) && Looked::Since(1_000).is_due(4_001));
        assert!(!Looked::Answered(0).is_due(LOOK) && Looked::Answered(0).is_due(LOOK + 1));
        assert!(!Looked::Unreached(0).is_due(RETRY) && Looked::Unreached(0).is_due(RETRY + 1));
    }

    #[test]
    fn a_file_that_cannot_be_kept_or_used_is_not_fetched_again_and_again() {
        assert_eq!(Miss::of(&Trouble::Unreachable, true).looked(7), Looked::Unreached(7));
        let no_use = Miss::from(unusable("it was changed on the way"));
        for miss in [Miss::of(&Trouble::StorageFull, true), Miss::of(&Trouble::StorageLost, false), no_use] {
            assert_eq!(miss.looked(7), Looked::Answered(7), "{}", miss.words);
        }
    }

    #[test]
    fn the_age_and_what_is_missing_are_said() {
        let now = 1_795_356_800_000 + 20 * 60_000;
        let words = age_words(Some(&kept(Scope::Core, "2026-11-16", "c")), now);
        assert!(words.starts_with("release of 16 Nov 2026, without brands so far, fetched "), "{words}");
        assert!(words.ends_with("(20 min ago)"), "{words}");
        assert_eq!(age_words(None, now), "none on this device yet");
        assert_eq!((size_words(7_901_234).as_str(), size_words(1).as_str()), ("8.0 MB", "0.1 MB"));
        assert!(trouble_words(&Trouble::Unreachable, true).contains("stays"));
        assert!(trouble_words(&Trouble::StorageFull, false).contains("typed in words"));
    }
}
