//! What is asked for, and how figures become columns and words.

use crate::state::ListedRow;
use crate::ui::{Slip, words};
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::activity::{Asked, Bar, Dashboard, Done, Gathering, Health, STEPS, Times};
use shared::time::{self, Millis};

/// Columns that can be told apart on a phone.
const MOST_COLUMNS: usize = 45;
/// Days that are shown at first.
const AT_FIRST: i64 = 30;

/// The last thirty days, today with them.
pub fn at_first(now: Millis) -> (String, String) {
    let today = time::day(now);
    (today.saturating_sub((AT_FIRST - 1).days()).to_string(), today.to_string())
}

/// What to ask for, or what is wrong with it.
pub fn asked(from: &str, to: &str, service: &str, person: &str) -> Result<Asked, Vec<Slip>> {
    let slip = |field: &str, words: &str| Slip { field: field.to_owned(), words: words.to_owned() };
    let (first, last) = (from.trim().parse::<Date>(), to.trim().parse::<Date>());
    let wrong = [("figures-from", first.is_err()), ("figures-to", last.is_err())];
    let slips: Vec<Slip> =
        wrong.into_iter().filter(|(_, wrong)| *wrong).map(|(field, _)| slip(field, "Enter a day.")).collect();
    let (Ok(first), Ok(last)) = (first, last) else { return Err(slips) };
    if first > last {
        return Err(vec![slip("figures-to", "The last day is before the first. Change one of them.")]);
    }
    Ok(Asked {
        from: first.to_string(),
        to: last.to_string(),
        service: service.to_owned(),
        person: person.to_owned(),
    })
}

/// The figures of what this device holds.
pub fn here<'a>(rows: impl IntoIterator<Item = &'a ListedRow>, asked: Asked) -> Dashboard {
    let mut gathering = Gathering::new(asked);
    let mut unsent = 0;
    for row in rows {
        unsent += u32::from(row.unsent);
        if let Some(done) = Done::of_row(&row.row) {
            gathering.add(&done);
        }
    }
    gathering.finish(Health { unsent, ..Health::default() })
}

/// One column of the picture of days: its first day in words, and how many of each service, in the order of
/// [`Dashboard::by_day`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub counts: Vec<u32>,
}

/// Days, weeks or months, whichever are few enough; those without any are there too.
pub fn columns(view: &Dashboard) -> Vec<Column> {
    let (Ok(first), Ok(last)) = (view.asked.from.parse::<Date>(), view.asked.to.parse::<Date>()) else {
        return Vec::new();
    };
    let days = usize::try_from(first.until(last).map_or(0, |span| span.get_days())).unwrap_or(0) + 1;
    let begins: fn(Date) -> Date = if days <= MOST_COLUMNS {
        |day| day
    } else if days <= MOST_COLUMNS * 7 {
        |day| day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
    } else {
        Date::first_of_month
    };
    let mut columns: Vec<(Date, Column)> = Vec::new();
    let mut day = first;
    while day <= last {
        let begin = begins(day);
        if columns.last().is_none_or(|(known, _)| *known != begin) {
            let name = time::written_date(begin.max(first));
            columns.push((begin, Column { name, counts: vec![0; view.by_day.len()] }));
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    for (service, days) in view.by_day.iter().enumerate() {
        for (day, count) in &days.days {
            let Some(begin) = day.parse::<Date>().ok().map(begins) else { continue };
            if let Ok(place) = columns.binary_search_by_key(&begin, |(known, _)| *known) {
                columns[place].1.counts[service] += count;
            }
        }
    }
    columns.into_iter().map(|(_, column)| column).collect()
}

/// Times as bars.
pub fn steps(times: &Times) -> Vec<Bar> {
    if times.known == 0 {
        return Vec::new();
    }
    let both = STEPS.iter().zip(times.steps);
    both.map(|((_, name), count)| Bar { name: (*name).to_owned(), count }).collect()
}

/// `Half within 25 min, nine of ten within 3 h.`
pub fn times_words(times: &Times) -> String {
    if times.known == 0 {
        return "Nothing is known of this yet.".to_owned();
    }
    let within = |minutes: u32| match minutes {
        0 => "a minute".to_owned(),
        minutes => words::stretch(i64::from(minutes) * 60_000),
    };
    format!("Half within {}, nine of ten within {}.", within(times.median), within(times.ninth))
}

/// The figures that stand on top, each with what it is.
pub fn headline(view: &Dashboard) -> Vec<(&'static str, String)> {
    let gateway = view.gateway_rate().map_or_else(|| "None decided".to_owned(), |rate| format!("{rate} %"));
    vec![
        ("Consultations", view.consultations.to_string()),
        ("Closed without one", view.closed.to_string()),
        ("Gateways crossed", gateway),
        ("GP not told yet", view.untold.to_string()),
    ]
}

/// Whether what was recorded gets through, in a sentence.
pub fn health_words(health: &Health, from_server: bool) -> String {
    if !from_server {
        return match health.unsent {
            0 => "Everything recorded here is with the server.".to_owned(),
            1 => "1 consultation here waits to be sent.".to_owned(),
            many => format!("{many} consultations here wait to be sent."),
        };
    }
    if *health == Health::default() {
        return "Every message has arrived, and no device holds unsent work.".to_owned();
    }
    let parts = [
        (health.waiting, "message on its way", "messages on their way"),
        (health.stuck, "message needs a person", "messages need a person"),
        (health.unsent, "device holds unsent work", "devices hold unsent work"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| words::count(usize::try_from(count).unwrap_or(usize::MAX), one, many))
        .collect();
    format!("{}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::activity::Days;

    fn view(from: &str, to: &str, days: &[(&str, u32)]) -> Dashboard {
        let days = days.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect();
        Dashboard {
            asked: Asked { from: from.to_owned(), to: to.to_owned(), ..Asked::default() },
            by_day: vec![Days { service: "Minor illness".to_owned(), days }],
            ..Dashboard::default()
        }
    }

    #[test]
    fn days_without_consultations_have_a_column_too() {
        let columns = columns(&view("2026-11-01", "2026-11-03", &[("2026-11-03", 2)]));
        let counts: Vec<u32> = columns.iter().map(|column| column.counts[0]).collect();
        assert_eq!(counts, [0, 0, 2]);
        assert_eq!(columns[0].name, "1 Nov 2026");
    }

    #[test]
    fn a_long_time_is_drawn_by_weeks_and_a_year_by_months() {
        let weeks = columns(&view("2026-09-01", "2026-11-30", &[("2026-09-01", 1), ("2026-09-06", 2)]));
        assert_eq!((weeks.len(), weeks[0].counts[0]), (14, 3));
        assert_eq!(weeks[0].name, "1 Sep 2026", "the first week begins with what was asked for");
        let months = columns(&view("2025-12-01", "2026-11-30", &[("2026-11-30", 4)]));
        assert_eq!((months.len(), months[11].counts[0]), (12, 4));
    }

    #[test]
    fn what_is_wrong_with_the_days_is_said_at_the_box() {
        let wrong = asked("", "2026-11-30", "", "").expect_err("no first day");
        assert_eq!(wrong[0].field, "figures-from");
        let wrong = asked("2026-12-01", "2026-11-30", "", "").expect_err("the wrong way round");
        assert_eq!(wrong[0].field, "figures-to");
        assert!(asked("2026-11-30", "2026-11-30", "", "").is_ok());
    }

    #[test]
    fn times_are_said_in_words() {
        let times = Times { known: 2, median: 25, ninth: 180, ..Times::default() };
        assert_eq!(times_words(&times), "Half within 25 min, nine of ten within 3 h.");
        assert_eq!(times_words(&Times::default()), "Nothing is known of this yet.");
    }

    #[test]
    fn whether_work_gets_through_is_said_by_who_knows_it() {
        let health = Health { waiting: 2, stuck: 1, unsent: 0 };
        assert_eq!(health_words(&health, true), "2 messages on their way, 1 message needs a person.");
        let here = Health { unsent: 1, ..Health::default() };
        assert_eq!(health_words(&here, false), "1 consultation here waits to be sent.");
    }
}
