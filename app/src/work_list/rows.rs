//! The lines of the work list in memory, with what lists and search ask of each worked out once.

use super::model::{is_copy, to_do};
use super::same_patient::Patient;
use super::similar::{Name, Spellings};
use crate::state::ListedRow;
use crate::vault::pages::FirstScreen;
use jiff::civil::Date;
use shared::consultation::{Status, WorkListRow};
use shared::ids::ConsultationId;
use shared::referral::marks;
use shared::time::{self, Millis};
use std::collections::{HashMap, HashSet};

/// How long a new referral stays at the top, in milliseconds: long enough to be seen by whoever looks in between.
const JUST_ARRIVED: Millis = 10 * 60 * 1000;

/// Every line, in no order of its own; [`Self::most_pressing`] and [`Self::newest`] put them in one.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// A line that was taken out leaves its place empty; empty places are few.
    rows: Vec<ListedRow>,
    facts: Vec<Facts>,
    places: HashMap<ConsultationId, u32>,
    spellings: Spellings,
    by_pressing: Vec<u32>,
    by_newest: Vec<u32>,
    /// Lines have come in since these were put in order.
    out_of_order: bool,
    /// Lines of the first screen as it was kept, until they are told anew.
    provisional: HashSet<ConsultationId>,
    /// How many there were in each view when the first screen was kept: to do, today, all.
    totals: Option<(usize, usize, usize)>,
}

/// What is asked of a row again and again.
#[derive(Debug, Clone)]
struct Facts {
    to_do: bool,
    days: [Option<Date>; 3],
    /// Sorts by how pressing it is, but for what has just arrived.
    pressing: (bool, bool, Millis),
    newest: Millis,
    /// When it arrived, where nobody has touched it yet.
    untouched_since: Option<Millis>,
    /// Name, NHS number and postcode, with and without its space, in small letters.
    haystack: String,
    name: Name,
}

impl Facts {
    fn of(row: &WorkListRow) -> Self {
        let [received, signed] = [&row.received_at, &row.signed_at].map(|text| time::read(text));
        // What is left of it changes by the minute; by when it should be done does not.
        let due = marks(row, 0).deadline;
        let unfinished = matches!(row.status, Status::Received | Status::Open);
        let nobody_has = row.status == Status::Received && row.taken_by.is_empty();
        let untouched = nobody_has && row.channel != "walkin" && !is_copy(row);
        let postcode = row.postcode.to_lowercase();
        let compact: String = postcode.chars().filter(|c| !c.is_whitespace()).collect();
        let name = row.patient_name.to_lowercase();
        Self {
            to_do: to_do(row),
            days: [received, time::read(&row.due_at), signed].map(|at| at.map(time::day)),
            // What was promised first; what was promised nothing comes last, oldest first.
            pressing: (!unfinished, due.is_none(), due.or(received).unwrap_or(Millis::MAX)),
            newest: received.unwrap_or(Millis::MIN),
            untouched_since: received.filter(|_| untouched),
            haystack: [name.as_str(), &row.nhs_number, &postcode, &compact].join("\n"),
            name: Name::of(row),
        }
    }

    fn just_arrived(&self, now: Millis) -> bool {
        // The server's clock may be a little ahead of ours.
        self.untouched_since.is_some_and(|at| (now - at).abs() <= JUST_ARRIVED)
    }
}

impl Rows {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &ListedRow> {
        self.by_newest.iter().map(|place| &self.rows[*place as usize])
    }

    pub fn get(&self, id: &ConsultationId) -> Option<&ListedRow> {
        self.places.get(id).map(|place| &self.rows[*place as usize])
    }

    /// Puts these lines in the place of those they renew, and all in order.
    pub fn put(&mut self, rows: impl IntoIterator<Item = ListedRow>) {
        self.take_in(rows);
        self.sort();
    }

    /// As [`Self::put`], but the order is left until [`Self::sort`].
    pub fn take_in(&mut self, rows: impl IntoIterator<Item = ListedRow>) {
        for row in rows {
            self.provisional.remove(&row.id);
            let facts = Facts::of(&row.row);
            match self.places.get(&row.id) {
                Some(&place) => {
                    let at = place as usize;
                    if self.facts[at].name != facts.name {
                        self.spellings.put(&facts.name, place);
                    }
                    self.rows[at] = row;
                    self.facts[at] = facts;
                }
                None => self.push(row, facts),
            }
            self.out_of_order = true;
        }
    }

    fn push(&mut self, row: ListedRow, facts: Facts) {
        let place = self.rows.len() as u32;
        self.places.insert(row.id, place);
        self.spellings.put(&facts.name, place);
        self.rows.push(row);
        self.facts.push(facts);
        self.by_pressing.push(place);
        self.by_newest.push(place);
    }

    /// Puts the lines in order, where some have come in since.
    pub fn sort(&mut self) {
        if !std::mem::take(&mut self.out_of_order) {
            return;
        }
        let facts = &self.facts;
        // Nearly sorted already, which this sort makes use of.
        self.by_pressing.sort_by_key(|place| facts[*place as usize].pressing);
        self.by_newest.sort_by_key(|place| std::cmp::Reverse(facts[*place as usize].newest));
    }

    /// Takes lines out.
    pub fn remove(&mut self, gone: &HashSet<ConsultationId>) {
        let empty: HashSet<u32> = gone.iter().filter_map(|id| self.places.remove(id)).collect();
        if empty.is_empty() {
            return;
        }
        self.by_pressing.retain(|place| !empty.contains(place));
        self.by_newest.retain(|place| !empty.contains(place));
        self.provisional.retain(|id| !gone.contains(id));
        for at in empty.into_iter().map(|place| place as usize) {
            // Nothing that counts or compares finds anything here again.
            let row = WorkListRow { status: Status::Closed, ..WorkListRow::default() };
            self.facts[at] = Facts::of(&row);
            self.rows[at].row = row;
            self.rows[at].unsent = false;
        }
    }

    /// The first screen as it was kept: shown at once, believed until the lines themselves have been read.
    pub fn begin_with(screen: &FirstScreen, listed: impl Iterator<Item = ListedRow>) -> Self {
        let mut rows = Self::default();
        rows.put(listed);
        rows.provisional = rows.places.keys().copied().collect();
        rows.totals = Some((screen.to_do, screen.today, screen.all));
        rows
    }

    /// Is this line only as the first screen had it, or not here at all?
    pub fn is_open_question(&self, id: &ConsultationId) -> bool {
        !self.places.contains_key(id) || self.provisional.contains(id)
    }

    /// Still being read from the disk.
    pub fn begin_reading(&mut self) {
        self.totals.get_or_insert_default();
    }

    /// Everything that lies here has been told; what nobody has told again is no more.
    pub fn complete(&mut self) {
        self.totals = None;
        let gone = std::mem::take(&mut self.provisional);
        self.remove(&gone);
    }

    pub fn is_complete(&self) -> bool {
        self.totals.is_none()
    }

    pub fn unsent(&self) -> usize {
        self.rows.iter().filter(|row| row.unsent).count()
    }

    /// How many are to do, of today, and at all.
    pub fn counts(&self, now: Millis) -> (usize, usize, usize) {
        let today = time::day(now);
        let to_do = self.facts.iter().filter(|facts| facts.to_do).count();
        let of_today = self.facts.iter().filter(|facts| facts.days.contains(&Some(today))).count();
        let known = (to_do, of_today, self.len());
        let kept = self.totals.unwrap_or_default();
        (known.0.max(kept.0), known.1.max(kept.1), known.2.max(kept.2))
    }

    /// What has just arrived first, then by what was promised.
    pub fn most_pressing(&self, now: Millis) -> Vec<Place> {
        let arrived = |place: &u32| self.facts[*place as usize].just_arrived(now);
        let (new, others): (Vec<u32>, Vec<u32>) = self.by_pressing.iter().copied().partition(arrived);
        new.into_iter().chain(others).map(Place).collect()
    }

    /// The newest first.
    pub fn newest(&self) -> Vec<Place> {
        self.by_newest.iter().copied().map(Place).collect()
    }

    pub fn at(&self, place: Place) -> &ListedRow {
        &self.rows[place.0 as usize]
    }

    pub fn is_to_do(&self, place: Place) -> bool {
        self.facts[place.0 as usize].to_do
    }

    pub fn is_of(&self, place: Place, day: Date) -> bool {
        self.facts[place.0 as usize].days.contains(&Some(day))
    }

    pub fn has_just_arrived(&self, place: Place, now: Millis) -> bool {
        self.facts[place.0 as usize].just_arrived(now)
    }

    /// Does the text that is searched hold every one of these words?
    pub fn holds(&self, place: Place, words: &[String]) -> bool {
        let haystack = self.facts[place.0 as usize].haystack.as_bytes();
        words.iter().all(|word| holds(haystack, word.as_bytes()))
    }

    /// Could this patient be taken for another one who is to be seen, or was seen today (practice 6)?
    pub fn has_similar(&self, place: Place, today: Date) -> bool {
        let mine = &self.facts[place.0 as usize];
        let concerned = |at: Place| self.is_to_do(at) || self.is_of(at, today);
        if !concerned(place) {
            return false;
        }
        let me = Patient::listed(&self.at(place).row);
        self.spellings.candidates(&mine.name).map(Place).any(|other| {
            other != place
                && concerned(other)
                && self.facts[other.0 as usize].name.is_like(&mine.name)
                && !me.is_of(&self.at(other).row)
        })
    }
}

/// Is the word in there? A few letters in a short text: the standard library's search spends longer on getting ready.
fn holds(haystack: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let Some(last) = haystack.len().checked_sub(word.len()) else { return false };
    let mut starts = haystack[..=last].iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.any(|(at, _)| haystack[at + 1..].starts_with(rest))
}

/// Where a line stands among all; good until the next change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(u32);

#[cfg(test)]
mod tests {
    use super::*;

    fn row(byte: u8, name: &str) -> ListedRow {
        let id = ConsultationId::from_bytes([byte; 16]);
        let row = WorkListRow { id: id.to_string(), patient_name: name.to_owned(), ..WorkListRow::default() };
        ListedRow { id, row, unsent: false, set_aside: None, saved_at: None, sent_at: None }
    }

    #[test]
    fn a_kept_first_screen_is_corrected_by_what_lies_on_disk() {
        let screen = FirstScreen { to_do: 5, all: 9, ..FirstScreen::default() };
        let kept = [row(1, "WINTERS, Hettie"), row(2, "GONE, Meanwhile")];
        let mut rows = Rows::begin_with(&screen, kept.into_iter());
        assert_eq!(rows.counts(0), (5, 0, 9));
        assert!(rows.is_open_question(&ConsultationId::from_bytes([1; 16])));
        rows.put([row(1, "WINTER, Hettie"), row(3, "DAWKINS, Jack")]);
        rows.complete();
        let names: Vec<_> = rows.iter().map(|row| row.row.patient_name.as_str()).collect();
        assert_eq!(names, ["WINTER, Hettie", "DAWKINS, Jack"]);
        assert_eq!(rows.counts(0), (2, 0, 2));
    }

    #[test]
    fn a_line_that_was_taken_out_is_counted_found_and_compared_no_more() {
        let mut rows = Rows::default();
        rows.put([row(1, "WINTERS, Hettie"), row(2, "WINTER, Ann"), row(3, "DAWKINS, Jack")]);
        rows.remove(&HashSet::from([ConsultationId::from_bytes([2; 16])]));
        assert_eq!((rows.len(), rows.counts(0), rows.most_pressing(0).len()), (2, (2, 0, 2), 2));
        let today = time::day(0);
        assert!(rows.newest().into_iter().all(|place| !rows.has_similar(place, today)));
        let word = ["winter".to_owned()];
        assert_eq!(rows.newest().into_iter().filter(|place| rows.holds(*place, &word)).count(), 1);
        rows.put([row(2, "WINTER, Ann")]);
        assert_eq!(rows.newest().into_iter().filter(|place| rows.has_similar(*place, today)).count(), 2);
    }

    #[test]
    fn a_search_finds_what_begins_ends_and_repeats_itself() {
        for word in ["", "win", "hettie", "rs,", "s, h", "tt", "winters, hettie"] {
            assert!(holds(b"winters, hettie", word.as_bytes()), "{word}");
        }
        for word in ["winters, hetties", "ttt", "x"] {
            assert!(!holds(b"winters, hettie", word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn a_renewed_line_is_found_under_its_new_name_only() {
        let mut rows = Rows::default();
        rows.put([row(1, "WINTERS, Hettie")]);
        rows.put([row(1, "DAWKINS, Jack")]);
        let place = rows.newest()[0];
        assert!(rows.holds(place, &["dawkins".to_owned()]) && !rows.holds(place, &["winters".to_owned()]));
        assert_eq!(rows.len(), 1);
    }
}
