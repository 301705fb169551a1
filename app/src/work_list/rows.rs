//! The lines of the work list in memory, with what lists and search ask of each worked out once.

use super::model::to_do;
use super::same_patient::Patient;
use super::similar::{Name, Spellings};
use crate::state::ListedRow;
use crate::vault::pages::FirstScreen;
use jiff::civil::Date;
use shared::consultation::{Status, WorkListRow};
use shared::ids::ConsultationId;
use shared::time::{self, Millis};
use std::collections::{HashMap, HashSet};

/// How long a new referral stays at the top, in milliseconds: long enough to be seen by whoever looks in between.
const JUST_ARRIVED: Millis = 10 * 60 * 1000;

/// Every line, in no order of its own; [`Self::most_pressing`] and [`Self::newest`] put them in one.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    rows: Vec<ListedRow>,
    facts: Vec<Facts>,
    places: HashMap<ConsultationId, u32>,
    spellings: Spellings,
    by_pressing: Vec<u32>,
    by_newest: Vec<u32>,
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
        let [received, due, signed] =
            [&row.received_at, &row.due_at, &row.signed_at].map(|text| time::read(text));
        let unfinished = matches!(row.status, Status::Received | Status::Open);
        let untouched = row.status == Status::Received && row.taken_by.is_empty() && row.channel != "walkin";
        let postcode = row.postcode.to_lowercase();
        let compact: String = postcode.chars().filter(|c| !c.is_whitespace()).collect();
        let name = row.patient_name.to_lowercase();
        Self {
            to_do: to_do(row),
            days: [received, due, signed].map(|at| at.map(time::day)),
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
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &ListedRow> {
        self.rows.iter()
    }

    pub fn get(&self, id: &ConsultationId) -> Option<&ListedRow> {
        self.places.get(id).map(|place| &self.rows[*place as usize])
    }

    /// Puts these lines in the place of those they renew.
    pub fn put(&mut self, rows: impl IntoIterator<Item = ListedRow>) {
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
        }
        self.sort();
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

    fn sort(&mut self) {
        let facts = &self.facts;
        // Nearly sorted already, which this sort makes use of.
        self.by_pressing.sort_by_key(|place| facts[*place as usize].pressing);
        self.by_newest.sort_by_key(|place| std::cmp::Reverse(facts[*place as usize].newest));
    }

    /// Takes lines out.
    pub fn remove(&mut self, gone: &HashSet<ConsultationId>) {
        if gone.iter().any(|id| self.places.contains_key(id)) {
            let kept = std::mem::take(&mut self.rows).into_iter().filter(|row| !gone.contains(&row.id));
            let mut rows = Self { totals: self.totals, ..Self::default() };
            rows.put(kept);
            rows.provisional = std::mem::take(&mut self.provisional);
            rows.provisional.retain(|id| !gone.contains(id));
            *self = rows;
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
        let known = (to_do, of_today, self.rows.len());
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
        let haystack = &self.facts[place.0 as usize].haystack;
        words.iter().all(|word| haystack.contains(word.as_str()))
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
                && !me.is(&Patient::listed(&self.at(other).row))
        })
    }
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
        assert_eq!(rows.counts(0).2, 2);
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
