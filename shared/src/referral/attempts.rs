//! Tries to reach a patient: what may be said of one, and all of them in words for closing.

use crate::consultation::Attempt;
use crate::time;

/// How somebody tries to reach a patient: the record's code, and what people read.
pub const HOWS: [(&str, &str); 4] =
    [("phone", "Phoned"), ("text", "Sent a text"), ("video", "Called by video"), ("visit", "Went there")];

/// What came of it: the record's code, and what people read.
pub const RESULTS: [(&str, &str); 5] = [
    ("no-answer", "no answer"),
    ("voicemail", "left a message"),
    ("wrong-number", "wrong number"),
    ("did-not-attend", "the patient did not attend"),
    ("spoke", "spoke to the patient"),
];

/// Somebody spoke to the patient.
pub fn reached<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> bool {
    attempts.into_iter().any(|attempt| attempt.result == "spoke")
}

/// All of them in the order in which they were made, a line each: `23 Nov 2026, 09:40: Phoned, no answer (Asha Rao)`.
pub fn in_words<'a>(attempts: impl IntoIterator<Item = &'a Attempt>) -> String {
    let mut attempts: Vec<&Attempt> = attempts.into_iter().collect();
    attempts.sort_by(|one, other| one.at.cmp(&other.at));
    attempts.into_iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(attempt: &Attempt) -> String {
    let word = |words: &[(&'static str, &'static str)], code: &str| {
        words
            .iter()
            .find(|(known, _)| *known == code)
            .map_or_else(|| code.to_owned(), |(_, word)| (*word).to_owned())
    };
    let at = time::read(&attempt.at).map_or_else(|| attempt.at.clone(), time::day_and_time);
    let mut line = format!("{at}: {}, {}", word(&HOWS, &attempt.how), word(&RESULTS, &attempt.result));
    if !attempt.by.is_empty() {
        line = format!("{line} ({})", attempt.by);
    }
    if !attempt.note.trim().is_empty() {
        line = format!("{line}. {}", attempt.note.trim());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(at: &str, result: &str) -> Attempt {
        Attempt {
            at: at.to_owned(),
            by: "Asha Rao".to_owned(),
            how: "phone".to_owned(),
            result: result.to_owned(),
            ..Attempt::default()
        }
    }

    #[test]
    fn attempts_are_told_in_the_order_in_which_they_were_made() {
        let later =
            Attempt { note: "A child answered.".to_owned(), ..attempt("2026-11-23T13:00:00Z", "spoke") };
        let earlier = attempt("2026-11-23T09:40:00Z", "no-answer");
        assert_eq!(
            in_words([&later, &earlier]),
            "23 Nov 2026, 09:40: Phoned, no answer (Asha Rao)\n\
             23 Nov 2026, 13:00: Phoned, spoke to the patient (Asha Rao). A child answered."
        );
        assert!(reached([&later, &earlier]) && !reached([&earlier]));
    }

    #[test]
    fn a_word_of_a_newer_version_is_shown_as_it_stands() {
        let newer = Attempt { how: "pigeon".to_owned(), ..attempt("", "flew-off") };
        assert_eq!(in_words([&newer]), ": pigeon, flew-off (Asha Rao)");
    }
}
