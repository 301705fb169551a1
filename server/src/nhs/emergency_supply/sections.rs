//! The sections that the practice reads: PRSB headings in SNOMED CT, each with a table of HTML.

use super::super::gp_connect::{Coding, Fhir, Supply};
use super::EmergencySupply;
use shared::patient::NhsNumber;
use shared::time;
use uuid::Uuid;

/// One row: what it is, and the lines that say it.
type Row = (&'static str, Vec<String>);

/// One section of the composition.
pub(super) struct Section {
    pub code: Coding<'static>,
    pub rows: Vec<Row>,
    /// The resource that says the same in codes.
    pub entry: Option<Uuid>,
}

/// The resources that sections point at.
pub(super) struct Entries {
    pub encounter: Uuid,
    pub practice: Uuid,
    pub patient: Uuid,
    pub medicines: Uuid,
}

/// All sections that have something to say, in the order of the specification. GP practice, medications and demographics
/// are always among them.
pub(super) fn sections(record: &EmergencySupply<'_>, entries: &Entries) -> Vec<Section> {
    let said = |heading: &str| lines(record.summary.words(heading).unwrap_or_default());
    let words =
        |code, display, rows: Vec<Row>, entry| Section { code: Coding::snomed(code, display), rows, entry };
    let contact = Section {
        code: Coding {
            system: "https://fhir.nhs.uk/CodeSystem/SectionCode",
            code: "contacts-with-professionals",
            display: "Contacts with professionals",
        },
        rows: contact(record),
        entry: Some(entries.encounter),
    };
    let referred = said("clinical-summary").into_iter().filter(|line| is_about_the_referral(line)).collect();
    let summary = said("clinical-summary").into_iter().filter(|line| !is_about_the_referral(line)).collect();
    let advice = said("information-and-advice-given");
    let history =
        vec![("Clinical summary", summary), ("Red flags", said("red-flags")), ("History", said("history"))];
    // The practice's code stands in its resource and not in the text (Digital Medicines 1.2.9).
    let practice = vec![("GP practice details", lines(&record.patient.gp_name))];
    let mut sections = vec![
        contact,
        words("886711000000101", "GP practice", practice, Some(entries.practice)),
        words("717121000000105", "History", history, None),
        words("1052951000000105", "Information and advice given", vec![("Advice", advice)], None),
        words(
            "933361000000108",
            "Medications and medical devices",
            medicines(record),
            Some(entries.medicines),
        ),
        words("886731000000109", "Patient demographics", demographics(record), Some(entries.patient)),
        words(
            "887201000000105",
            "Plan and requested actions",
            vec![("Plan", said("plan-and-requested-actions"))],
            None,
        ),
        words("886721000000107", "Referral details", vec![("Referral details", referred)], None),
    ];
    for section in &mut sections {
        section.rows.retain(|(_, lines)| !lines.is_empty());
    }
    sections.retain(|section| !section.rows.is_empty() || section.entry.is_some());
    sections
}

impl Section {
    /// The section as the message has it. Every word is text, whatever is in it.
    pub fn write(&self, at: &mut Fhir) {
        at.element("section", |at| {
            at.value("title", self.code.display);
            at.element("code", |at| at.coding(self.code));
            at.element("text", |at| {
                // More than the resources say.
                at.value("status", "additional");
                at.division(|at| {
                    at.element("table", |at| {
                        at.element("tbody", |at| {
                            for (label, lines) in &self.rows {
                                row(at, label, lines);
                            }
                        });
                    });
                });
            });
            if let Some(entry) = self.entry {
                at.reference("entry", entry);
            }
        });
    }
}

fn row(at: &mut Fhir, label: &str, lines: &[String]) {
    at.element("tr", |at| {
        at.element("th", |at| at.words(label));
        at.element("td", |at| {
            for line in lines {
                at.element("p", |at| at.words(line));
            }
        });
    });
}

fn contact(record: &EmergencySupply<'_>) -> Vec<Row> {
    let pharmacy = &record.pharmacy;
    let named = |label: &str, value: &str| {
        let value = value.trim();
        if value.is_empty() { None } else { Some(format!("{label}: {value}")) }
    };
    let organisation = [
        named("Name", pharmacy.name),
        named("Address", record.pharmacy_address),
        named("Telephone", pharmacy.phone),
    ];
    let clinician = vec![
        format!("Name: {}", record.pharmacist.name),
        "Role: Pharmacist".to_owned(),
        format!("Registration number: {}", record.pharmacist.gphc),
    ];
    vec![
        ("Date and time of contact", vec![time::day_and_time(record.seen_at)]),
        ("Service", vec![record.summary.title.clone()]),
        ("Organisation", organisation.into_iter().flatten().collect()),
        ("Clinician", clinician),
    ]
}

fn medicines(record: &EmergencySupply<'_>) -> Vec<Row> {
    let of = |supply: &Supply| {
        let days = supply.days.map(|days| format!("{days} days"));
        [
            ("Medication", lines(&supply.name)),
            ("Dose directions", lines(&supply.directions)),
            ("Quantity supplied", vec![supply.quantity_in_words()]),
            ("Days supply", days.into_iter().collect()),
        ]
    };
    record.supplies.iter().flat_map(of).collect()
}

fn demographics(record: &EmergencySupply<'_>) -> Vec<Row> {
    let patient = record.patient;
    let name = [patient.title.trim(), patient.given_name.trim(), patient.family_name.trim()];
    let name: Vec<&str> = name.into_iter().filter(|part| !part.is_empty()).collect();
    let birth = patient.birth_date.parse().map(time::written_date).unwrap_or_default();
    let number = patient.nhs_number.parse::<NhsNumber>();
    let mut address = lines(&patient.address);
    address.extend(lines(&patient.postcode));
    vec![
        ("Patient", vec![name.join(" ")]),
        ("Date of birth", lines(&birth)),
        ("Gender", lines(&patient.sex)),
        ("NHS number", number.map(|number| number.to_string()).into_iter().collect()),
        ("Patient address", address),
        ("Patient telephone number", lines(&patient.phone)),
    ]
}

/// What the summary says of where the patient came from.
fn is_about_the_referral(line: &str) -> bool {
    line.starts_with("Referred by ") || line == "Came without a referral"
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
