//! A medicine of a record in words: its line, its parts, and what was decided. Never needs the dictionary.

use shared::consultation::Medicine;
use shared::pathway::{Choice, Decision, Pathway};
use shared::supply;
use shared::time;

/// The words for what was decided about a medicine.
pub fn decision_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Recommended => "Recommended",
        Decision::Refused => "Not supplied",
        Decision::Referred => "Referred on",
    }
}

/// How the record writes it (`record::Medicine::decision`).
pub fn decision_code(decision: Decision) -> &'static str {
    match decision {
        Decision::Recommended => "recommended",
        Decision::Refused => "refused",
        Decision::Referred => "referred",
    }
}

/// What a recorded decision says: `supplied as an exception`, `not decided yet`.
pub fn decided(medicine: &Medicine) -> &str {
    match medicine.decision.as_str() {
        "" => "not decided yet",
        "supplied" if !medicine.exception.trim().is_empty() => "supplied as an exception",
        "refused" => "not supplied",
        "referred" => "referred on",
        other => other,
    }
}

/// `Paracetamol 500 mg: recommended. 1 or 2 every 6 hours. To be delivered from the pharmacy`
pub fn medicine_line(pathway: &Pathway, medicine: &Medicine) -> String {
    let name = if medicine.name.trim().is_empty() { "Medicine without a name" } else { &medicine.name };
    let mut line = format!("{name}: {}", decided(medicine));
    let labelled = |label: &str, words: &str| {
        let words = words.trim();
        if words.is_empty() { String::new() } else { format!("{label}{words}") }
    };
    let handed_over = time::read(&medicine.supplied_at).map(time::day_and_time).unwrap_or_default();
    let asked_for =
        if medicine.requested.trim() == medicine.name.trim() { "" } else { medicine.requested.trim() };
    let amount = if medicine.quantity.trim().is_empty() { String::new() } else { supply::amount(medicine) };
    let broken = if medicine.exception.trim().is_empty() { "" } else { medicine.broken_rules.trim() };
    for extra in [
        amount.as_str(),
        &medicine.directions,
        &supply::no_supply_words(medicine),
        pathway.medicines.place_in_words(&medicine.supplied_from),
        &labelled("Handed over ", &handed_over),
        &labelled("Collected by ", &medicine.collected_by),
        &labelled("Batch ", &medicine.batch),
        &labelled("Expires ", &expiry_words(&medicine.expiry)),
        &labelled("Asked for: ", asked_for),
        &labelled("Prescribed by ", &medicine.prescribed_by),
        &labelled("Last supplied on prescription: ", &medicine.last_supplied),
        &labelled("Still wanted: ", &medicine.owed),
        &labelled("Supplied although the rules did not allow it: ", &medicine.exception),
        &labelled("Rules broken: ", broken),
    ] {
        let extra = extra.trim().trim_end_matches('.');
        if !extra.is_empty() {
            line.push_str(". ");
            line.push_str(extra);
        }
    }
    line
}

/// `March 2027` for `2027-03`, `31 Mar 2027` for a day; anything else as it stands.
pub fn expiry_words(expiry: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    if let Ok(day) = expiry.parse::<jiff::civil::Date>() {
        return time::written_date(day);
    }
    let month = expiry.split_once('-').and_then(|(year, month)| {
        let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{name} {year}"))
    });
    month.unwrap_or_else(|| expiry.to_owned())
}

/// What a part of a line is called: of the path `medicines/ID/quantity`, `quantity`.
pub fn part_words(part: &str) -> String {
    let known = match part {
        "days" => "days it lasts",
        "supplied_from" => "how the patient gets it",
        "supplied_at" => "when it was handed over",
        "supply_type" => "by which right it was supplied",
        "legal_class" => "legal class",
        "schedule" => "controlled drug schedule",
        "requested" => "what was asked for",
        "prescribed_by" => "who prescribed it",
        "last_supplied" => "when it was last supplied",
        "owed" => "what is still wanted",
        "no_supply_reason" => "why it was not supplied",
        "exception" => "reason for the exception",
        "broken_rules" => "rules that were broken",
        "collected_by" => "who collected it",
        "expiry" => "expiry date",
        "gtin" => "code scanned from the pack",
        "code" => "dictionary code",
        "confirmed" => "last look at the whole line",
        "legal_document" => "patient group direction",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    match part.split_once('/') {
        Some(("asked", question)) => format!("answer about {}", question.replace('-', " ")),
        Some(("judged", warning)) => {
            format!("reason given for the warning about {}", warning.replace('-', " "))
        }
        _ => part.replace('_', " "),
    }
}

/// Parts that the dictionary or the device writes by itself; a reader of history learns nothing from them.
pub fn is_kept_by_devices(part: &str) -> bool {
    [
        "confirmed",
        "release",
        "unit_code",
        "ingredients",
        "groups",
        "product_kind",
        "level",
        "code",
        "recorded_at",
    ]
    .contains(&part)
}

/// A stored value of a line's part in words.
pub fn part_value(pathway: Option<&Pathway>, part: &str, value: &str) -> String {
    let words = match part {
        "decision" => decided(&Medicine { decision: value.to_owned(), ..Medicine::default() }).to_owned(),
        "no_supply_reason" => {
            supply::no_supply_reason(value).map_or(value, |reason| reason.label.as_str()).to_owned()
        }
        "supplied_from" => {
            pathway.map_or(value, |pathway| pathway.medicines.place_in_words(value)).to_owned()
        }
        "schedule" => schedule_words(value).to_owned(),
        "expiry" => expiry_words(value),
        "supply_type" | "broken_rules" => value.replace('-', " "),
        _ => value.to_owned(),
    };
    // Nothing recorded stays nothing, also where a screen has words for it.
    if value.is_empty() { String::new() } else { words }
}

/// dm+d's control category in words (medicines.md 1.4); empty for none, and said where it is not known.
pub fn schedule_words(code: &str) -> &str {
    match code {
        "0000" => "",
        "" => "controlled drug schedule not known",
        "0001" => "Schedule 1 controlled drug",
        "0002" | "0003" => "Schedule 2 controlled drug",
        "0004" | "0005" => "Schedule 3 controlled drug",
        "0006" => "Schedule 3 controlled drug (phenobarbital)",
        "0007" => "Schedule 3 controlled drug (temazepam)",
        "0008" => "Schedule 4 controlled drug (part 2)",
        "0009" => "Schedule 4 controlled drug (part 1)",
        "0010" => "Schedule 5 controlled drug",
        other => other,
    }
}

/// The place a medicine is recorded with: the one that was picked while it is still offered, or else the first.
pub fn place_to_record(offered: &[&Choice], picked: &str) -> String {
    let picked = offered.iter().find(|place| place.id == picked).or(offered.first());
    picked.map(|place| place.id.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pathway() -> &'static Pathway {
        shared::pathway::find("minor-illness@1").expect("in every build")
    }

    #[test]
    fn a_supply_is_read_with_how_much_how_and_which_batch() {
        let line = Medicine {
            name: "Salbutamol 100micrograms/dose inhaler".into(),
            requested: "my blue inhaler".into(),
            decision: "supplied".into(),
            quantity: "1".into(),
            unit: "inhaler".into(),
            days: "1".into(),
            directions: "Two puffs when needed.".into(),
            supplied_at: "2026-11-22T14:05:00Z".into(),
            batch: "AB12".into(),
            expiry: "2027-03".into(),
            owed: "1 inhaler".into(),
            ..Medicine::default()
        };
        assert_eq!(
            medicine_line(pathway(), &line),
            "Salbutamol 100micrograms/dose inhaler: supplied. 1 inhaler, 1 day. Two puffs when needed. Handed \
             over 22 Nov 2026, 14:05. Batch AB12. Expires March 2027. Asked for: my blue inhaler. Still wanted: 1 \
             inhaler"
        );
    }

    #[test]
    fn an_exception_is_never_read_as_an_ordinary_supply() {
        let line = Medicine {
            name: "Zopiclone 7.5mg tablets".into(),
            decision: "supplied".into(),
            exception: "Handed over before anybody looked".into(),
            broken_rules: "too-many-days".into(),
            ..Medicine::default()
        };
        let words = medicine_line(pathway(), &line);
        assert!(words.starts_with("Zopiclone 7.5mg tablets: supplied as an exception."), "{words}");
        assert!(words.contains("although the rules did not allow it: Handed over before"), "{words}");
    }

    #[test]
    fn a_refusal_is_read_with_its_coded_reason_in_words() {
        let line = Medicine {
            name: "Pregabalin 75mg capsules".into(),
            decision: "refused".into(),
            no_supply_reason: "not-lawful".into(),
            ..Medicine::default()
        };
        let expected = "Pregabalin 75mg capsules: not supplied. Not allowed under the emergency supply rules";
        assert_eq!(medicine_line(pathway(), &line), expected);
    }

    #[test]
    fn every_part_of_a_line_has_words_without_underscores() {
        let line = serde_json::to_value(Medicine::default()).expect("a plain structure");
        for part in line.as_object().expect("fields").keys() {
            assert!(!part_words(part).contains('_') && !part_words(part).is_empty(), "{part}");
        }
        assert_eq!(part_words("asked/immediate-need"), "answer about immediate need");
        assert_eq!(part_value(None, "schedule", "0010"), "Schedule 5 controlled drug");
        assert_eq!(part_value(None, "schedule", ""), "", "nothing recorded is nothing");
        assert_eq!(part_value(None, "decision", "refused"), "not supplied");
    }

    #[test]
    fn an_unknown_schedule_is_not_read_as_none() {
        assert_eq!(schedule_words("0000"), "");
        assert!(schedule_words("").contains("not known"));
    }
}
