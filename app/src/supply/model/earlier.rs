//! Earlier emergency supplies to the same patient: found in other records, told first (practice 16).

use crate::work_list::same_patient::Patient;
use jiff::civil::Date;
use shared::api::EarlierView;
use shared::consultation::{Consultation, Medicine, WorkListRow};
use shared::supply;
use shared::time;

/// So many records of the patient are opened to look; a device that holds more says so.
pub const LOOKED_INTO: usize = 30;

/// One earlier supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The consultation, so that what two sources know is told once.
    pub consultation: String,
    /// The day in England.
    pub day: Date,
    pub name: String,
    /// `28 tablets, for 5 days`; empty where that is not known.
    pub amount: String,
    /// What else is to be known of it, in words.
    pub note: String,
    /// dm+d code, and ingredients as the record has them, for the rules.
    pub code: String,
    pub ingredients: String,
}

impl Earlier {
    /// `18 Nov 2026: Salbutamol 100micrograms/dose inhaler, 1 inhaler, still wanted: 1 inhaler`
    pub fn words(&self) -> String {
        let parts = [self.name.as_str(), &self.amount, &self.note];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}: {}", time::written_date(self.day), parts.join(", "))
    }

    /// As the rules read it.
    pub fn for_the_rules(&self) -> supply::Earlier {
        supply::Earlier {
            day: self.day,
            name: self.name.clone(),
            code: self.code.clone(),
            ingredients: self.ingredients.clone(),
        }
    }
}

/// Other records of this patient that may hold a supply, newest first.
pub fn to_look_into<'a>(
    record: &Consultation,
    rows: impl IntoIterator<Item = &'a WorkListRow>,
) -> Vec<&'a WorkListRow> {
    let patient = Patient::recorded(&record.patient);
    let mut rows: Vec<&WorkListRow> =
        rows.into_iter().filter(|row| row.id != record.id && patient.is_of(row)).collect();
    rows.sort_by(|a, b| b.received_at.cmp(&a.received_at));
    rows
}

/// The urgent supplies that a record holds, exceptions included: they were supplied all the same.
pub fn supplied_in(record: &Consultation) -> Vec<Earlier> {
    let urgent =
        |line: &&Medicine| line.decision == supply::SUPPLIED && line.supply_type == supply::EMERGENCY_SUPPLY;
    let lines = record.medicines.iter().filter(|(_, line)| urgent(line));
    lines
        .filter_map(|(_, line)| {
            let at = [line.supplied_at.as_str(), &line.recorded_at].into_iter().find_map(time::read)?;
            Some(Earlier {
                consultation: record.id.clone(),
                day: time::day(at),
                name: line.name.clone(),
                amount: supply::amount(line),
                note: note(&line.exception, &line.owed),
                code: line.code.clone(),
                ingredients: line.ingredients.clone(),
            })
        })
        .collect()
}

/// What the server knows. Of a supply whose time cannot be read nothing can be said.
pub fn told_by_server(told: &EarlierView) -> Vec<Earlier> {
    let supplies = told.supplies.iter();
    supplies
        .filter_map(|one| {
            let by_name = "found by name and date of birth only: it may be somebody else";
            let note = note(&one.exception, &one.owed);
            let note = match (one.by_name_only, note.is_empty()) {
                (false, _) => note,
                (true, true) => by_name.to_owned(),
                (true, false) => format!("{note}, {by_name}"),
            };
            let days = if one.days.is_empty() { String::new() } else { format!(", {} days", one.days) };
            Some(Earlier {
                consultation: one.consultation.clone(),
                day: time::day(time::read(&one.at)?),
                name: one.name.clone(),
                amount: format!("{}{days}", one.amount),
                note,
                code: one.code.clone(),
                ingredients: one.ingredients.clone(),
            })
        })
        .collect()
}

fn note(exception: &str, owed: &str) -> String {
    let exception = if exception.trim().is_empty() { "" } else { "as an exception" };
    let owed = if owed.trim().is_empty() { String::new() } else { format!("still wanted: {}", owed.trim()) };
    [exception, &owed].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What two sources know, each supply once, newest first. Of one that both know, the words of the first stand.
pub fn together(mut here: Vec<Earlier>, elsewhere: Vec<Earlier>) -> Vec<Earlier> {
    for one in elsewhere {
        let same = |known: &Earlier| {
            (&known.consultation, known.day, &known.name) == (&one.consultation, one.day, &one.name)
        };
        if !here.iter().any(same) {
            here.push(one);
        }
    }
    here.sort_by(|a, b| (b.day, &a.name).cmp(&(a.day, &b.name)));
    here
}

/// What is said where the list ends: how far anybody has looked.
pub fn how_far(found: usize, unread: usize, by_server: bool) -> String {
    let none = if found == 0 { "No earlier emergency supply is known" } else { "That is what is known" };
    let how = if by_server {
        "in this pharmacy’s records here and on the server"
    } else {
        "as far as this device knows"
    };
    let unread = match unread {
        0 => String::new(),
        1 => " One more record of this patient could not be looked into here.".to_owned(),
        more => format!(" {more} more records of this patient could not be looked into here."),
    };
    format!("{none} {how}. Ask the patient as well.{unread}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::EarlierSupply;
    use shared::ids::ConsultationId;

    fn record(id: u8) -> Consultation {
        let ods = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([id; 16]);
        let mut record = Consultation::new(id, &ods, "urgent-medicine-supply@1", 0);
        "9990548609".clone_into(&mut record.patient.nhs_number);
        record
    }

    fn line(decision: &str, supply_type: &str, at: &str) -> Medicine {
        Medicine {
            name: "Ramipril 5mg capsules".into(),
            decision: decision.into(),
            supply_type: supply_type.into(),
            supplied_at: at.into(),
            quantity: "7".into(),
            unit: "capsule".into(),
            ..Medicine::default()
        }
    }

    #[test]
    fn only_urgent_supplies_that_were_made_are_earlier_ones_exceptions_among_them() {
        let mut record = record(1);
        record.medicines.insert("a".into(), line("supplied", "emergency-supply", "2026-11-18T10:00:00Z"));
        record.medicines.insert("b".into(), line("refused", "", ""));
        record.medicines.insert("c".into(), line("supplied", "over-the-counter", "2026-11-18T10:00:00Z"));
        let exception = Medicine {
            exception: "It was handed over".into(),
            ..line("supplied", "emergency-supply", "2026-11-19T10:00:00Z")
        };
        record.medicines.insert("d".into(), exception);
        let found = supplied_in(&record);
        let days: Vec<String> = found.iter().map(|one| one.day.to_string()).collect();
        assert_eq!(days, ["2026-11-18", "2026-11-19"]);
        assert_eq!(found[0].words(), "18 Nov 2026: Ramipril 5mg capsules, 7 capsule");
    }

    #[test]
    fn the_record_on_the_screen_is_not_looked_into_for_earlier_ones() {
        let here = record(1);
        let row = |id: &str, nhs: &str, received: &str| WorkListRow {
            id: id.into(),
            nhs_number: nhs.into(),
            received_at: received.into(),
            ..WorkListRow::default()
        };
        let rows = [
            row(&here.id, "9990548609", "2026-11-22"),
            row("old", "9990548609", "2026-10-01"),
            row("new", "9990548609", "2026-11-01"),
            row("someone", "9990548706", "2026-11-02"),
        ];
        let found: Vec<&str> = to_look_into(&here, &rows).into_iter().map(|row| row.id.as_str()).collect();
        assert_eq!(found, ["new", "old"]);
    }

    #[test]
    fn a_supply_that_two_sources_know_is_told_once_and_the_newest_is_first() {
        let mut record = record(1);
        record.medicines.insert("a".into(), line("supplied", "emergency-supply", "2026-11-18T10:00:00Z"));
        let here = supplied_in(&record);
        let mut there = here.clone();
        there[0].note = "found by name".into();
        let day = "2026-11-20".parse().expect("a day");
        there.push(Earlier { consultation: "another".into(), day, ..here[0].clone() });
        let both = together(here, there);
        let whose: Vec<&str> = both.iter().map(|one| one.consultation.as_str()).collect();
        assert_eq!(whose, ["another", record.id.as_str()]);
        assert_eq!(both[1].note, "", "the words of this device stand");
    }

    #[test]
    fn what_the_server_knows_is_told_with_what_is_doubtful_about_it() {
        let supply = |at: &str, by_name_only: bool| EarlierSupply {
            consultation: "another".into(),
            at: at.into(),
            name: "Ramipril 5mg capsules".into(),
            amount: "7 capsule".into(),
            days: "7".into(),
            exception: "Handed over before anybody looked".into(),
            by_name_only,
            ..EarlierSupply::default()
        };
        let supplies = vec![supply("2026-11-18T10:00:00Z", true), supply("not known", false)];
        let told = told_by_server(&EarlierView { supplies, ..EarlierView::default() });
        let words: Vec<String> = told.iter().map(Earlier::words).collect();
        assert_eq!(
            words,
            [
                "18 Nov 2026: Ramipril 5mg capsules, 7 capsule, 7 days, as an exception, found by name and date of birth \
              only: it may be somebody else"
            ]
        );
    }

    #[test]
    fn nothing_found_is_not_said_to_be_nothing() {
        assert!(how_far(0, 0, false).contains("as far as this device knows"));
        assert!(how_far(0, 2, false).contains("2 more records"));
        assert!(how_far(0, 0, true).contains("on the server"));
        for words in [how_far(0, 0, true), how_far(3, 0, false)] {
            assert!(words.contains("Ask the patient as well"), "{words}");
        }
    }
}
