//! What an auditor looks for, as the server is asked, and a line of the log in words.

use crate::ui::{Slip, words};
use jiff::civil::Date;
use shared::api::AuditLine;
use shared::ids::ConsultationId;
use shared::patient::NhsNumber;
use shared::time::{self, Millis};

/// What is looked for; empty is anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Days, `2026-11-22`.
    pub from: String,
    pub to: String,
    pub person: String,
    pub action: String,
    /// An NHS number, or the id of a consultation.
    pub about: String,
}

/// As the server is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Without the NHS number: addresses are logged.
    pub query: String,
    /// Ten digits; empty for any patient.
    pub nhs_number: String,
}

impl Search {
    /// The first days to look at: the last week.
    pub fn last_week(now: Millis) -> Self {
        const WEEK: Millis = 7 * 24 * 60 * 60 * 1000;
        Self { from: time::day(now - WEEK).to_string(), to: time::day(now).to_string(), ..Self::default() }
    }

    /// What to ask, or what is wrong with it.
    pub fn question(&self) -> Result<Question, Vec<Slip>> {
        let slip = |field: &str, words: &str| Slip { field: field.to_owned(), words: words.to_owned() };
        let day = |text: &str| (!text.is_empty()).then(|| text.parse::<Date>());
        let mut slips = Vec::new();
        let (from, to) = (day(&self.from), day(&self.to));
        for (field, day) in [("audit-from", &from), ("audit-to", &to)] {
            if matches!(day, Some(Err(_))) {
                slips.push(slip(field, "Enter a day, or leave it empty."));
            }
        }
        if let (Some(Ok(from)), Some(Ok(to))) = (&from, &to)
            && from > to
        {
            slips.push(slip("audit-to", "The last day is before the first. Change one of them."));
        }
        let about = self.about.trim();
        let mut question = Question::default();
        let mut consultation = String::new();
        if let Ok(id) = about.parse::<ConsultationId>() {
            consultation = id.to_string();
        } else if let Ok(number) = about.parse::<NhsNumber>() {
            question.nhs_number = number.to_string();
        } else if !about.is_empty() {
            slips.push(slip(
                "audit-about",
                "That is neither an NHS number nor the id of a consultation. Check it.",
            ));
        }
        if !slips.is_empty() {
            return Err(slips);
        }
        let parts = [
            ("from", &self.from),
            ("to", &self.to),
            ("person", &self.person),
            ("action", &self.action),
            ("consultation", &consultation),
        ];
        let given = parts.into_iter().filter(|(_, value)| !value.is_empty());
        // Days, ids and the server's own words for actions: nothing that would have to be escaped.
        question.query = given.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        Ok(question)
    }
}

impl Question {
    /// The same from a place on.
    pub fn before(&self, place: u64) -> String {
        let joint = if self.query.is_empty() { "" } else { "&" };
        format!("{}{joint}before={place}", self.query)
    }
}

/// `22 Nov 2026, 14:05`, and when it was done where that was earlier, on a device without a network.
pub fn when_words(line: &AuditLine) -> String {
    let told = |text: &str| time::read(text).map(time::day_and_time).unwrap_or_default();
    let at = told(&line.at);
    match told(&line.done_at) {
        done if done.is_empty() || done == at => at,
        done => format!("{done} by the device's clock; heard of {at}"),
    }
}

/// `Asha Rao, on iPad, Safari`.
pub fn who_words(line: &AuditLine) -> String {
    if line.device_label.is_empty() {
        return line.name.clone();
    }
    format!("{}, on {}", line.name, line.device_label)
}

/// What was done, to what and why.
pub fn what_words(line: &AuditLine) -> String {
    let mut words = line.words.clone();
    let subject = if line.about.is_empty() { &line.subject } else { &line.about };
    if !subject.is_empty() {
        words = format!("{words}: {subject}");
    }
    if !line.why.is_empty() {
        words = format!("{words}. Reason: {}", line.why);
    }
    words
}

/// `40 lines` or `40 lines so far`.
pub fn count_words(lines: usize, more: bool) -> String {
    let so_far = if more { " so far" } else { "" };
    format!("{}{so_far}", words::count(lines, "line", "lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> AuditLine {
        AuditLine {
            place: 7,
            at: "2026-11-22T14:05:00Z".to_owned(),
            done_at: String::new(),
            person: None,
            name: "Asha Rao".to_owned(),
            device: None,
            device_label: "iPad, Safari".to_owned(),
            action: "signed-in".to_owned(),
            words: "Signed in".to_owned(),
            subject: String::new(),
            about: String::new(),
            why: String::new(),
        }
    }

    #[test]
    fn an_nhs_number_never_stands_in_the_address() {
        let search = Search { about: "999 054 8609".to_owned(), ..Search::default() };
        let question = search.question().expect("a question");
        assert_eq!((question.query.as_str(), question.nhs_number.as_str()), ("", "9990548609"));
        assert_eq!(question.before(7), "before=7");
    }

    #[test]
    fn days_person_and_action_are_asked_for_together_and_pages_go_on() {
        let search =
            Search { from: "2026-11-01".to_owned(), action: "signed-in".to_owned(), ..Search::default() };
        let question = search.question().expect("a question");
        assert_eq!(question.query, "from=2026-11-01&action=signed-in");
        assert_eq!(question.before(40), "from=2026-11-01&action=signed-in&before=40");
    }

    #[test]
    fn what_cannot_be_looked_for_is_said_at_its_box() {
        let search = Search {
            from: "2026-11-22".to_owned(),
            to: "2026-11-21".to_owned(),
            about: "Hettie&person=x".to_owned(),
            ..Search::default()
        };
        let fields: Vec<String> =
            search.question().expect_err("slips").into_iter().map(|slip| slip.field).collect();
        assert_eq!(fields, ["audit-to", "audit-about"]);
    }

    #[test]
    fn a_line_says_who_on_which_device_when_and_why() {
        let mut line = line();
        assert_eq!(who_words(&line), "Asha Rao, on iPad, Safari");
        assert_eq!(when_words(&line), "22 Nov 2026, 14:05");
        line.done_at = "2026-11-22T09:00:00Z".to_owned();
        line.why = "Emergency".to_owned();
        assert_eq!(
            when_words(&line),
            "22 Nov 2026, 09:00 by the device's clock; heard of 22 Nov 2026, 14:05"
        );
        assert_eq!(what_words(&line), "Signed in. Reason: Emergency");
        line.words = "Removed somebody".to_owned();
        line.why = String::new();
        line.subject = "0199f0c2-0000-7000-8000-000000000001".to_owned();
        line.about = "Nadia Okoro".to_owned();
        assert_eq!(what_words(&line), "Removed somebody: Nadia Okoro");
    }
}
