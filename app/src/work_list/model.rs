//! What the work list shows: which entries, in which order, and each one in words.

use super::rows::{Place, Rows};
use crate::state::ListedRow;
use crate::ui::words;
use crate::vault::store::UNOPENABLE;
use shared::consultation::{Status, WorkListRow};
use shared::referral::{self, Marks};
use shared::time::{self, Millis};

/// The three views of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tab {
    /// Not finished, or finished with something to look at.
    ToDo,
    /// Arrived, due or signed today.
    Today,
    All,
}

impl Tab {
    pub const ALL: [Self; 3] = [Self::ToDo, Self::Today, Self::All];

    pub fn title(self) -> &'static str {
        match self {
            Self::ToDo => "To do",
            Self::Today => "Today",
            Self::All => "All",
        }
    }
}

/// How pressing an entry is. Told by a word and a shape, never by colour alone (ui.md 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    Late,
    /// Within the hour.
    Soon,
    Later,
    /// Finished, or nothing was promised.
    None,
}

impl Urgency {
    pub fn shape(self) -> &'static str {
        match self {
            Self::Late => "!",
            Self::Soon => "●",
            Self::Later | Self::None => "○",
        }
    }

    /// The class that colours the shape.
    pub fn class(self) -> &'static str {
        match self {
            Self::Late => "entry__shape entry__shape--late",
            Self::Soon => "entry__shape entry__shape--soon",
            Self::Later | Self::None => "entry__shape",
        }
    }
}

/// One entry: who, what, by when.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub age: String,
    /// `999 054 8609`, or that there is none.
    pub nhs_number: String,
    pub pathway: String,
    /// In the sender's words.
    pub complaint: String,
    /// `NHS 111, 13:05`.
    pub arrived: String,
    /// `due 19:05 (2 h left)`; empty when nothing was promised or it is done.
    pub due: String,
    pub urgency: Urgency,
    /// Where it stands, in words.
    pub status: String,
    /// Colour family of the status tag.
    pub status_tag: &'static str,
    /// What somebody must look at, each in words.
    pub marks: Vec<String>,
    /// Something of it is on this device only.
    pub not_sent: bool,
}

/// The list as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// How many fit the tab and the search, drawn or not.
    pub found: usize,
    pub to_do: usize,
    pub today: usize,
    pub all: usize,
    /// Everything that lies on this device has been read.
    pub complete: bool,
}

impl Listing {
    pub fn of(&self, tab: Tab) -> usize {
        match tab {
            Tab::ToDo => self.to_do,
            Tab::Today => self.today,
            Tab::All => self.all,
        }
    }
}

/// What the list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub tab: Tab,
    pub search: &'a str,
    /// Only what is not yet sent.
    pub waiting_only: bool,
    /// At most so many are drawn.
    pub limit: usize,
    pub now: Millis,
}

/// Chooses, orders and words the entries.
pub fn listing(rows: &Rows, question: Question<'_>) -> Listing {
    let Question { tab, search, waiting_only, limit, now } = question;
    let words = search_words(search);
    let today = time::day(now);
    let pressing = tab == Tab::ToDo && !waiting_only;
    let order = if pressing { rows.most_pressing(now) } else { rows.newest() };
    let fits = |place: &Place| match tab {
        _ if waiting_only => is_unsent(rows.at(*place)),
        Tab::ToDo => rows.is_to_do(*place),
        Tab::Today => rows.is_of(*place, today),
        Tab::All => true,
    };
    let chosen = order.into_iter().filter(fits).filter(|place| rows.holds(*place, &words));
    let mut found = 0;
    let mut entries = Vec::new();
    for place in chosen {
        found += 1;
        if entries.len() < limit {
            entries.push(entry(rows, place, now));
        }
    }
    let (to_do, today, all) = rows.counts(now);
    Listing { entries, found, to_do, today, all, complete: rows.is_complete() }
}

/// Is something of it on this device only?
fn is_unsent(listed: &ListedRow) -> bool {
    listed.unsent || (listed.set_aside.is_some() && !listed.is_unopenable())
}

/// The words of a search, tidied once.
fn search_words(text: &str) -> Vec<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // A number typed in groups is one number, not three words.
    if digits.len() > 2 && digits.chars().all(|c| c.is_ascii_digit()) {
        return vec![digits];
    }
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Why nothing is shown, and what will come (ui.md: empty lists say what will come and how).
pub fn nothing_here(listing: &Listing, question: Question<'_>) -> &'static str {
    if question.waiting_only {
        "Nothing waits. Everything recorded here is with the server."
    } else if !listing.complete {
        "The list is still being read from this device."
    } else if !question.search.trim().is_empty() {
        "No patient on this list fits. Try fewer letters, the NHS number or the postcode, or look under All."
    } else if listing.all == 0 {
        "No referrals yet. When NHS 111 or a GP practice sends one, it appears here within a second. \
         For somebody who came in by themselves, use Walk-in."
    } else if question.tab == Tab::ToDo {
        "Nothing is left to do. New referrals appear here by themselves."
    } else {
        "Nothing arrived, was due or was signed today."
    }
}

/// Not finished, or finished with something to look at.
pub fn to_do(row: &WorkListRow) -> bool {
    matches!(row.status, Status::Received | Status::Open) || !marks(row).is_empty()
}

fn entry(rows: &Rows, place: Place, now: Millis) -> Entry {
    let listed = rows.at(place);
    let row = &listed.row;
    let clock = referral::marks(row, now);
    let (urgency, due) = due(clock, now);
    let (status, status_tag) = if listed.is_unopenable() {
        (UNOPENABLE.to_owned(), "nhsuk-tag nhsuk-tag--red")
    } else {
        status(row)
    };
    let mut marks = marks(row);
    if listed.set_aside.is_some() && !listed.is_unopenable() {
        marks.push("Set aside".to_owned());
    }
    if rows.has_just_arrived(place, now) {
        marks.insert(0, "Just arrived".to_owned());
    }
    if rows.has_similar(place, time::day(now)) {
        marks.insert(0, "Similar name on today's list".to_owned());
    }
    if row.repeat_caller {
        marks.push("Repeat caller".to_owned());
    }
    if is_copy(row) {
        marks.push("For information".to_owned());
    }
    // That there is one, never what it says: a list is read over shoulders.
    if row.has_warnings {
        marks.insert(0, "Warning".to_owned());
    }
    marks.extend(clock_marks(row, clock, now));
    Entry {
        id: row.id.clone(),
        name: words::row_name(row),
        age: words::age(&row.birth_date, now),
        nhs_number: if row.nhs_number.is_empty() {
            "No NHS number".to_owned()
        } else {
            words::nhs_number(&row.nhs_number)
        },
        pathway: words::pathway_title(&row.pathway),
        complaint: row.complaint.clone(),
        arrived: format!("{}, {}", words::channel(&row.channel), words::when(&row.received_at, now)),
        due,
        urgency,
        status,
        status_tag,
        marks,
        not_sent: is_unsent(listed),
    }
}

/// Sent to be known, while another service acts on it: nothing was promised on our behalf.
pub fn is_copy(row: &WorkListRow) -> bool {
    row.addressed_for == "information"
}

fn due(clock: Marks, now: Millis) -> (Urgency, String) {
    let (Some(at), Some(left)) = (clock.deadline, clock.left) else {
        return (Urgency::None, String::new());
    };
    let by = words::moment(at, now);
    let stretch = words::stretch(left);
    let words = match (clock.ends_validity, left < 0) {
        (false, false) => format!("Due {by} ({stretch} left)"),
        (false, true) => format!("Due {by} (late by {stretch})"),
        (true, false) => format!("Valid until {by} ({stretch} left)"),
        (true, true) => format!("Was valid until {by} ({stretch} ago)"),
    };
    let urgency = match left {
        ..0 => Urgency::Late,
        0..=3_600_000 => Urgency::Soon,
        _ => Urgency::Later,
    };
    (urgency, words)
}

/// What the referral's clock asks somebody to judge. The strongest alone: they grow out of each other.
fn clock_marks(row: &WorkListRow, clock: Marks, now: Millis) -> Vec<String> {
    let mut marks = Vec::new();
    if clock.offer_closing {
        marks.push("Not reached: may be closed".to_owned());
    } else if clock.next_working_day {
        marks.push("Next working day, not reached".to_owned());
    } else if clock.thirty_minutes {
        marks.push("30 minutes, nobody has tried".to_owned());
    }
    if row.attempts > 0 && row.status == Status::Received {
        let times = words::count(row.attempts as usize, "try", "tries");
        marks.push(format!("{times}, last {}", words::when(&row.attempted_at, now)));
    }
    marks
}

fn status(row: &WorkListRow) -> (String, &'static str) {
    match row.status {
        Status::Received if row.taken_by.is_empty() => ("New".to_owned(), "nhsuk-tag nhsuk-tag--blue"),
        Status::Received => (format!("{} is going", row.taken_by), "nhsuk-tag nhsuk-tag--purple"),
        Status::Open => ("Begun".to_owned(), "nhsuk-tag nhsuk-tag--yellow"),
        Status::Completed => (finished(row), "nhsuk-tag nhsuk-tag--green"),
        Status::Closed => ("Closed".to_owned(), "nhsuk-tag nhsuk-tag--grey"),
        Status::Withdrawn => ("Withdrawn by the sender".to_owned(), "nhsuk-tag nhsuk-tag--grey"),
    }
}

fn finished(row: &WorkListRow) -> String {
    match row.notice.as_str() {
        "accepted" => "Completed, with the GP".to_owned(),
        "not-required" => "Completed, GP not told".to_owned(),
        _ => "Completed".to_owned(),
    }
}

fn marks(row: &WorkListRow) -> Vec<String> {
    let mut marks = Vec::new();
    if row.clashes > 0 {
        marks.push(words::count(row.clashes as usize, "thing disputed", "things disputed"));
    }
    if row.amending {
        marks.push("Amendment not signed".to_owned());
    }
    if row.late_entries > 0 {
        marks.push(words::count(row.late_entries as usize, "late entry", "late entries"));
    }
    if row.has_notice {
        marks.push("News from the sender".to_owned());
    }
    match row.notice.as_str() {
        "held" => marks.push("GP notice held".to_owned()),
        "refused" => marks.push("GP notice refused".to_owned()),
        "needs-attention" => marks.push("GP notice needs attention".to_owned()),
        _ => {}
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::ConsultationId;

    fn now() -> Millis {
        time::read("2026-11-22T13:30:00Z").expect("an instant")
    }

    fn hettie() -> WorkListRow {
        WorkListRow {
            id: "hettie".to_owned(),
            patient_name: "WINTERS, Hettie".to_owned(),
            nhs_number: "9990548609".to_owned(),
            birth_date: "1952-03-04".to_owned(),
            postcode: "LS1 4AP".to_owned(),
            channel: "itk111".to_owned(),
            received_at: "2026-11-22T13:05:00Z".to_owned(),
            due_at: "2026-11-22T19:05:00Z".to_owned(),
            ..WorkListRow::default()
        }
    }

    fn jack() -> WorkListRow {
        WorkListRow {
            id: "jack".to_owned(),
            patient_name: "DAWKINS, Jack".to_owned(),
            due_at: "2026-11-22T13:10:00Z".to_owned(),
            ..hettie()
        }
    }

    fn all(search: &str) -> Question<'_> {
        Question { tab: Tab::ToDo, search, waiting_only: false, limit: 100, now: now() }
    }

    fn listed(row: &WorkListRow) -> ListedRow {
        let mut id = [0; 16];
        for (byte, letter) in id.iter_mut().zip(row.id.bytes()) {
            *byte = letter;
        }
        let id = ConsultationId::from_bytes(id);
        ListedRow { id, row: row.clone(), unsent: false, set_aside: None, saved_at: None, sent_at: None }
    }

    fn gathered(all: impl IntoIterator<Item = ListedRow>) -> Rows {
        let mut rows = Rows::default();
        rows.put(all);
        rows
    }

    fn drawn(rows: &[WorkListRow], question: Question<'_>) -> Listing {
        listing(&gathered(rows.iter().map(listed)), question)
    }

    fn similar(rows: &[WorkListRow]) -> Vec<String> {
        let rows = gathered(rows.iter().map(listed));
        let today = time::day(now());
        let alike = rows.newest().into_iter().filter(|place| rows.has_similar(*place, today));
        alike.map(|place| rows.at(place).row.id.clone()).collect()
    }

    fn shown(rows: &[WorkListRow], question: Question<'_>) -> Vec<String> {
        drawn(rows, question).entries.into_iter().map(|e| e.id).collect()
    }

    #[test]
    fn the_one_that_is_late_stands_first_and_says_by_how_much() {
        let list = drawn(&[hettie(), jack()], all(""));
        assert_eq!(list.entries[0].due, "Due 13:10 (late by 20 min)");
        assert_eq!(list.entries[1].due, "Due 19:05 (5 h left)");
    }

    #[test]
    fn the_senders_validity_counts_where_nothing_was_promised() {
        let valid =
            |until: &str| WorkListRow { due_at: String::new(), valid_until: until.to_owned(), ..hettie() };
        let list = drawn(&[hettie(), valid("2026-11-22T15:30:00Z")], all(""));
        assert_eq!(list.entries[0].due, "Valid until 15:30 (2 h left)", "and it sorts by that");
        let over = drawn(&[valid("2026-11-22T13:10:00Z")], all(""));
        assert_eq!(over.entries[0].due, "Was valid until 13:10 (20 min ago)");
    }

    #[test]
    fn nobody_tried_in_thirty_minutes_the_next_working_day_and_closing_are_each_said_alone() {
        let received = |at: &str, due: &str| WorkListRow {
            received_at: at.to_owned(),
            due_at: due.to_owned(),
            ..hettie()
        };
        let marks = |row: WorkListRow| drawn(&[row], all("")).entries[0].marks.clone();
        let half_past = received("2026-11-22T13:00:00Z", "");
        assert_eq!(marks(half_past.clone()), ["30 minutes, nobody has tried"]);
        // The list is read on a Sunday.
        assert_eq!(
            marks(received("2026-11-19T13:00:00Z", "2026-11-25T13:00:00Z")),
            ["Next working day, not reached"]
        );
        assert_eq!(marks(received("2026-11-19T13:00:00Z", "")), ["Not reached: may be closed"]);
        let tried = WorkListRow { attempts: 2, attempted_at: "2026-11-22T13:20:00Z".to_owned(), ..half_past };
        assert_eq!(marks(tried), ["2 tries, last 13:20"]);
    }

    #[test]
    fn a_copy_for_information_says_so_and_hurries_nobody() {
        let copy = WorkListRow { addressed_for: "information".to_owned(), ..jack() };
        let list = drawn(&[copy], all(""));
        assert_eq!((list.entries[0].due.as_str(), list.entries[0].urgency), ("", Urgency::None));
        assert_eq!(list.entries[0].marks, ["For information"]);
    }

    #[test]
    fn a_completed_consultation_is_nothing_to_do_and_promises_nothing() {
        let done = WorkListRow { status: Status::Completed, ..jack() };
        assert!(shown(std::slice::from_ref(&done), all("")).is_empty());
        let list = drawn(&[done], Question { tab: Tab::All, ..all("") });
        assert_eq!(list.entries[0].due, "");
    }

    #[test]
    fn a_copy_says_so_and_has_no_clock() {
        let copy = WorkListRow { addressed_for: "information".to_owned(), ..jack() };
        let list = drawn(&[copy, hettie()], all(""));
        assert_eq!(list.entries[0].id, "hettie", "what was promised to somebody comes first");
        assert_eq!((list.entries[1].due.as_str(), list.entries[1].urgency), ("", Urgency::None));
        assert_eq!(list.entries[1].marks, ["For information"]);
        let arriving = WorkListRow {
            addressed_for: "information".to_owned(),
            received_at: "2026-11-22T13:29:00Z".to_owned(),
            ..hettie()
        };
        assert!(drawn(&[arriving], all("")).entries[0].marks.iter().all(|mark| mark != "Just arrived"));
    }

    #[test]
    fn a_withdrawn_referral_has_no_clock() {
        let withdrawn = WorkListRow { status: Status::Withdrawn, ..jack() };
        let list = drawn(&[withdrawn], Question { tab: Tab::All, ..all("") });
        assert_eq!((list.entries[0].due.as_str(), list.entries[0].urgency), ("", Urgency::None));
    }

    #[test]
    fn a_warning_is_the_first_thing_a_line_says_and_is_nothing_left_to_do_by_itself() {
        let warned = WorkListRow { has_warnings: true, repeat_caller: true, ..hettie() };
        assert_eq!(
            drawn(std::slice::from_ref(&warned), all("")).entries[0].marks,
            ["Warning", "Repeat caller"]
        );
        let done = WorkListRow { status: Status::Completed, ..warned };
        assert!(shown(&[done], all("")).is_empty());
    }

    #[test]
    fn a_held_notice_brings_a_completed_one_back_to_do() {
        let held = WorkListRow { status: Status::Completed, notice: "held".to_owned(), ..hettie() };
        assert_eq!(shown(&[held], all("")), ["hettie"]);
    }

    #[test]
    fn a_patient_is_found_by_name_number_in_groups_or_postcode_without_its_space() {
        assert_eq!(shown(&[hettie(), jack()], all("het")), ["hettie"]);
        assert_eq!(shown(&[hettie()], all("999 054")), ["hettie"]);
        assert_eq!(shown(&[hettie()], all("ls14ap")), ["hettie"]);
        assert!(shown(&[hettie()], all("winters jack")).is_empty());
    }

    #[test]
    fn one_letter_apart_is_marked_but_the_same_patient_twice_is_not() {
        let winter = WorkListRow {
            id: "other".to_owned(),
            patient_name: "WINTER, Ann".to_owned(),
            nhs_number: "9990548706".to_owned(),
            ..hettie()
        };
        assert_eq!(similar(&[hettie(), winter, jack()]).len(), 2);
        let again = WorkListRow { id: "again".to_owned(), ..hettie() };
        assert!(similar(&[hettie(), again]).is_empty());
    }

    #[test]
    fn what_the_server_did_not_take_is_marked_on_its_line() {
        let aside = ListedRow { set_aside: Some("It was refused.".to_owned()), ..listed(&hettie()) };
        let unopenable = ListedRow { set_aside: Some(UNOPENABLE.to_owned()), ..listed(&jack()) };
        let list = listing(&gathered([aside, unopenable]), all(""));
        let marked = |name: &str| {
            let line = list.entries.iter().find(|entry| entry.id == name).expect("listed");
            line.marks.contains(&"Set aside".to_owned())
        };
        assert!(marked("hettie") && !marked("jack"));
    }

    #[test]
    fn what_waits_is_listed_whatever_its_status() {
        let done = WorkListRow { status: Status::Completed, ..hettie() };
        let rows = gathered([ListedRow { unsent: true, ..listed(&done) }, listed(&jack())]);
        let list = listing(&rows, Question { waiting_only: true, ..all("") });
        assert_eq!(list.found, 1);
        assert!(list.entries[0].not_sent);
    }

    #[test]
    fn a_new_referral_stands_at_the_top_until_it_is_taken_or_ten_minutes_old() {
        let new = WorkListRow { received_at: "2026-11-22T13:21:00Z".to_owned(), ..hettie() };
        let list = drawn(&[jack(), new.clone()], all(""));
        assert_eq!(list.entries[0].id, "hettie");
        assert_eq!(list.entries[0].marks, ["Just arrived"]);
        let taken = WorkListRow { taken_by: "Asha Rao".to_owned(), ..new.clone() };
        let older = WorkListRow { received_at: "2026-11-22T13:19:00Z".to_owned(), ..new.clone() };
        let walk_in = WorkListRow { channel: "walkin".to_owned(), ..new };
        for row in [taken, older, walk_in] {
            assert_eq!(shown(&[row, jack()], all("")), ["jack", "hettie"]);
        }
    }

    #[test]
    fn an_amendment_that_nobody_signed_is_something_to_do() {
        let amending = WorkListRow { status: Status::Completed, amending: true, ..hettie() };
        let list = drawn(&[amending], all(""));
        assert_eq!(list.entries[0].marks, ["Amendment not signed"]);
    }

    #[test]
    fn what_does_not_open_here_is_listed_and_says_so() {
        let torn = WorkListRow { id: "torn".to_owned(), ..WorkListRow::default() };
        let torn = ListedRow { set_aside: Some(UNOPENABLE.to_owned()), ..listed(&torn) };
        let list = listing(&gathered([torn]), all(""));
        assert_eq!(list.entries[0].status, "Cannot be opened on this device");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test that takes real time measures it")]
    fn swapped_names_are_similar_and_a_long_list_is_looked_through_at_once() {
        let named = |id: usize, name: &str| WorkListRow {
            id: id.to_string(),
            patient_name: name.to_owned(),
            nhs_number: format!("{id:010}"),
            ..hettie()
        };
        let mut rows: Vec<_> = (0..20_000).map(|id| named(id, &format!("N{id:05}{id:05}, Ann"))).collect();
        rows.push(named(20_000, "ADE, Ben"));
        rows.push(named(20_001, "BEN, Ade"));
        let began = std::time::Instant::now();
        assert_eq!(similar(&rows), ["20000", "20001"]);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
