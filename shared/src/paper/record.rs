//! From a record to what is printed: the one place that reads it for paper.

use crate::consultation::{Consultation, Medicine};
use crate::patient::NhsNumber;
use crate::time;
use jiff::civil::Date;

/// The pharmacy as labels and leaflets name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PharmacyOnPaper<'a> {
    pub name: &'a str,
    pub ods: &'a str,
    /// On one line, commas between.
    pub address: &'a str,
    pub phone: &'a str,
}

/// The patient as paper names them. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PatientOnPaper {
    /// `WINTERS, Hettie`.
    pub name: String,
    pub title: String,
    pub family_name: String,
    pub given_name: String,
    /// Lines of the address, the postcode last.
    pub address: Vec<String>,
    /// `4 Mar 1952`.
    pub born: String,
    /// Whole years on the day of printing; `None` where the birth date is not known.
    pub age: Option<u16>,
    /// `999 054 8609`; empty where there is none.
    pub nhs_number: String,
    /// Ten digits were said, but nobody has confirmed that they are this patient's (practice 11).
    pub nhs_number_unverified: bool,
}

impl PatientOnPaper {
    /// Who the record is about, on that day.
    pub fn of(record: &Consultation, today: Date) -> Self {
        let patient = &record.patient;
        let family = patient.family_name.trim().to_uppercase();
        let given = patient.given_name.trim();
        let names: Vec<&str> = [family.as_str(), given].into_iter().filter(|part| !part.is_empty()).collect();
        let birth = patient.birth_date.parse::<Date>().ok();
        let mut address: Vec<String> = patient
            .address
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        let postcode = patient.postcode.trim();
        if !postcode.is_empty() && address.last().is_none_or(|last| !last.ends_with(postcode)) {
            address.push(postcode.to_owned());
        }
        let number = patient.nhs_number.parse::<NhsNumber>().ok();
        Self {
            name: names.join(", "),
            title: patient.title.clone(),
            family_name: family,
            given_name: given.to_owned(),
            address,
            born: birth.map(time::written_date).unwrap_or_default(),
            age: birth.and_then(|birth| time::age(birth, today)),
            nhs_number: number.as_ref().map(NhsNumber::spaced).unwrap_or_default(),
            nhs_number_unverified: number.is_some() && patient.nhs_number_status != "verified",
        }
    }
}

/// Lines that were handed over, with their ids, in the order of their recording.
pub fn supplied(record: &Consultation) -> Vec<(&str, &Medicine)> {
    let mut lines: Vec<(&str, &Medicine)> = record
        .medicines
        .iter()
        .filter(|(_, line)| line.decision == "supplied")
        .map(|(id, line)| (id.as_str(), line))
        .collect();
    lines.sort_by_key(|(id, line)| (&line.recorded_at, *id));
    lines
}

/// `28 tablets`, or the quantity alone where the unit is not known.
pub fn quantity(line: &Medicine) -> String {
    let (quantity, unit) = (line.quantity.trim(), line.unit.trim());
    match (quantity.is_empty(), unit.is_empty()) {
        (true, _) => String::new(),
        (false, true) => quantity.to_owned(),
        (false, false) => format!("{quantity} {}", counted(unit, quantity == "1")),
    }
}

/// Units of measure have no plural; things that are counted do.
fn counted(unit: &str, one: bool) -> String {
    const MEASURES: [&str; 11] =
        ["ml", "litre", "g", "gram", "mg", "kg", "microgram", "cm", "m", "mm", "unit dose"];
    if one || MEASURES.contains(&unit) || unit.ends_with('s') { unit.to_owned() } else { format!("{unit}s") }
}

/// The name with form or strength where it does not already say them, as law wants where they are not obvious
/// (medicines.md 9.2).
pub fn full_name(line: &Medicine) -> String {
    let mut name = line.name.trim().to_owned();
    let squeezed = |text: &str| text.to_lowercase().replace(' ', "");
    for part in [&line.strength, &line.form] {
        let part = part.trim();
        let said = squeezed(&name).contains(squeezed(part).trim_end_matches('s'));
        if !part.is_empty() && !said && line.code.is_empty() {
            name = format!("{name} {part}");
        }
    }
    name
}

/// Was it supplied without a prescription in an emergency (Human Medicines Regulations 2012, regulations 224, 225)?
pub fn is_emergency_supply(line: &Medicine) -> bool {
    line.supply_type == "emergency-supply"
}

/// Day on which the line was handed over; `today` where that is not recorded.
pub fn supplied_on(line: &Medicine, today: Date) -> Date {
    time::read(&line.supplied_at).map_or(today, time::day)
}

/// Words under one question of the record, trimmed; empty where nothing was written.
pub fn words<'a>(record: &'a Consultation, field: &str) -> &'a str {
    record.answers.get(field).and_then(|answer| answer.as_text()).map(str::trim).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod examples {
    //! A record as the tests of what is printed share it.

    use super::*;
    use crate::consultation::Answer;
    use crate::ids::ConsultationId;
    use jiff::civil::date;

    pub const PHARMACY: PharmacyOnPaper<'static> = PharmacyOnPaper {
        name: "Elm Pharmacy",
        ods: "FA123",
        address: "4 Elm Road, Leeds, LS1 4AP",
        phone: "0113 496 0123",
    };

    pub fn today() -> Date {
        date(2026, 11, 23)
    }

    /// Hettie Winters, one inhaler supplied in an emergency.
    pub fn winters() -> Consultation {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([7; 16]);
        let mut record = Consultation::new(id, &pharmacy, "urgent-medicine-supply@2", 0);
        let patient = &mut record.patient;
        patient.family_name = "Winters".to_owned();
        patient.given_name = "Hettie".to_owned();
        patient.title = "Ms".to_owned();
        patient.birth_date = "1972-03-04".to_owned();
        patient.address = "12 Beech Lane\nLeeds".to_owned();
        patient.postcode = "LS6 1AA".to_owned();
        patient.nhs_number = "9990548609".to_owned();
        patient.nhs_number_status = "verified".to_owned();
        patient.gp_ods = "B86001".to_owned();
        patient.gp_name = "Elm Road Surgery".to_owned();
        record.answers.insert("advice-given".to_owned(), Answer::text("Order a week before it runs out."));
        record
            .answers
            .insert("safety-net".to_owned(), Answer::text("Call 999 if you cannot speak a sentence."));
        record.medicines.insert("a".to_owned(), salbutamol());
        record
    }

    pub fn salbutamol() -> Medicine {
        Medicine {
            name: "Salbutamol 100micrograms/dose inhaler CFC free".to_owned(),
            code: "39113611000001102".to_owned(),
            level: "VMP".to_owned(),
            form: "pressurised inhalation".to_owned(),
            decision: "supplied".to_owned(),
            supply_type: "emergency-supply".to_owned(),
            directions: "Inhale TWO puffs when needed, up to FOUR times a day.".to_owned(),
            quantity: "200".to_owned(),
            unit: "dose".to_owned(),
            recorded_at: "2026-11-23T10:00:00Z".to_owned(),
            supplied_at: "2026-11-23T10:05:00Z".to_owned(),
            ..Medicine::default()
        }
    }

    /// `count` lines supplied.
    pub fn with_lines(count: usize) -> Consultation {
        let mut record = winters();
        record.medicines = (0..count)
            .map(|at| {
                let line = Medicine { name: format!("Medicine {at} 5mg tablets"), ..salbutamol() };
                (format!("line-{at}"), line)
            })
            .collect();
        record
    }
}

#[cfg(test)]
mod tests {
    use super::examples::*;
    use super::*;

    #[test]
    fn paper_names_the_patient_as_the_screen_does() {
        let patient = PatientOnPaper::of(&winters(), today());
        assert_eq!((patient.name.as_str(), patient.born.as_str()), ("WINTERS, Hettie", "4 Mar 1972"));
        assert_eq!(patient.age, Some(54));
        assert_eq!(patient.nhs_number, "999 054 8609");
        assert_eq!(patient.address, ["12 Beech Lane", "Leeds", "LS6 1AA"]);
        assert!(!patient.nhs_number_unverified);
    }

    #[test]
    fn only_what_was_handed_over_is_supplied() {
        let mut record = with_lines(2);
        record.medicines.insert("no".to_owned(), Medicine { decision: "refused".to_owned(), ..salbutamol() });
        assert_eq!(supplied(&record).len(), 2);
    }

    #[test]
    fn a_quantity_reads_as_people_say_it() {
        let of = |quantity: &str, unit: &str| {
            super::quantity(&Medicine {
                quantity: quantity.to_owned(),
                unit: unit.to_owned(),
                ..Medicine::default()
            })
        };
        assert_eq!(of("28", "tablet"), "28 tablets");
        assert_eq!(of("1", "pre-filled disposable injection"), "1 pre-filled disposable injection");
        assert_eq!(of("100", "ml"), "100 ml");
        assert_eq!((of("3", ""), of("", "tablet")), ("3".to_owned(), String::new()));
    }

    #[test]
    fn a_typed_name_gets_the_strength_and_form_that_it_does_not_say() {
        let typed = Medicine {
            name: "Amoxicillin 500mg".to_owned(),
            strength: "500 mg".to_owned(),
            form: "capsules".to_owned(),
            ..Medicine::default()
        };
        assert_eq!(full_name(&typed), "Amoxicillin 500mg capsules");
        assert_eq!(full_name(&salbutamol()), "Salbutamol 100micrograms/dose inhaler CFC free");
    }
}
