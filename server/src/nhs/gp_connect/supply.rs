//! A medicine that was supplied, complete enough to travel as a code: GP systems take an AMP of dm+d and nothing else.

use super::xml::{Coding, Fhir};
use shared::consultation::Medicine;
use shared::time;

/// Kinds of supply, by the record's word: code and words of `CareConnect-MedicationSupplyType-1`.
const KINDS: [(&str, &str); 7] = [
    ("emergency-supply", "Emergency supply"),
    ("patient-group-direction", "Patient group direction"),
    ("over-the-counter", "Over the counter"),
    ("minor-ailments-scheme", "Minor ailments scheme"),
    ("prescription-dispensing", "Prescription dispensing"),
    ("private-prescription-dispensing", "Private prescription dispensing"),
    ("self-declared", "Self declared"),
];

/// One line of what was handed over, or asked for and declined. Made only whole ([`Supply::of`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supply {
    /// dm+d, an AMP.
    pub product: String,
    pub name: String,
    /// One of [`KINDS`].
    kind: (&'static str, &'static str),
    /// As written: `20`.
    pub quantity: String,
    pub unit: String,
    /// SNOMED CT, of the unit of dose.
    pub unit_code: String,
    /// Whole days.
    pub days: Option<u16>,
    pub directions: String,
    /// `2026-11-22`.
    pub handed_over: String,
}

impl Supply {
    /// What the line says, where nothing that the message must have is missing; otherwise it goes in words. So does what
    /// was handed over although the rules do not allow it: no code says that (practice 14).
    pub fn of(line: &Medicine) -> Option<Self> {
        let handed_over = time::read(&line.supplied_at).map(|at| time::day(at).to_string())?;
        let kind = KINDS.into_iter().find(|(code, _)| *code == line.supply_type)?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let amount = line.quantity.trim().parse::<f64>().is_ok_and(|amount| amount > 0.0);
        let whole = line.decision == "supplied"
            && line.exception.trim().is_empty()
            && line.level == "AMP"
            && digits(&line.code)
            && digits(&line.unit_code)
            && amount
            && !line.unit.trim().is_empty();
        whole.then(|| Self {
            product: line.code.clone(),
            name: line.name.trim().to_owned(),
            kind,
            quantity: line.quantity.trim().to_owned(),
            unit: line.unit.trim().to_owned(),
            unit_code: line.unit_code.clone(),
            days: line.days.trim().parse().ok(),
            directions: line.directions.trim().to_owned(),
            handed_over,
        })
    }

    /// `20 capsule`.
    pub fn quantity_in_words(&self) -> String {
        format!("{} {}", self.quantity, self.unit)
    }
}

/// The product as Update Record names it.
pub(super) fn product(supply: &Supply) -> Coding<'_> {
    Coding { system: "https://dmd.nhs.uk", code: &supply.product, display: &supply.name }
}

/// By which right it was supplied.
pub(in crate::nhs) fn kind(supply: &Supply) -> Coding<'static> {
    let (code, display) = supply.kind;
    let system = "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-MedicationSupplyType-1";
    Coding { system, code, display }
}

/// Quantity and days. `in_words`: the extension that has the quantity as people say it, where the message wants it.
pub(in crate::nhs) fn amounts(at: &mut Fhir, supply: &Supply, in_words: Option<&str>) {
    at.element("quantity", |at| {
        if let Some(extension) = in_words {
            at.extension(extension, |at| at.value("valueString", &supply.quantity_in_words()));
        }
        at.value("value", &supply.quantity);
        at.value("unit", &supply.unit);
        at.value("system", "http://snomed.info/sct");
        at.value("code", &supply.unit_code);
    });
    if let Some(days) = supply.days {
        at.element("daysSupply", |at| {
            at.value("value", &days.to_string());
            at.value("unit", "day");
            at.value("system", "http://unitsofmeasure.org");
            at.value("code", "d");
        });
    }
}

/// When it was handed over, and how it is taken: the same words for the practice and the patient.
pub(in crate::nhs) fn handed_over(at: &mut Fhir, supply: &Supply) {
    at.value("whenPrepared", &supply.handed_over);
    at.value("whenHandedOver", &supply.handed_over);
    if !supply.directions.is_empty() {
        at.element("dosageInstruction", |at| {
            at.value("text", &supply.directions);
            at.value("patientInstruction", &supply.directions);
        });
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A whole line.
    pub(crate) fn line() -> Medicine {
        Medicine {
            name: "Flucloxacillin 500mg capsules (Invented Pharma Ltd)".to_owned(),
            code: "999000000001103".to_owned(),
            level: "AMP".to_owned(),
            decision: "supplied".to_owned(),
            directions: "One capsule four times a day, an hour before food".to_owned(),
            quantity: "20".to_owned(),
            unit: "capsule".to_owned(),
            unit_code: "428641000".to_owned(),
            days: "5".to_owned(),
            supply_type: "patient-group-direction".to_owned(),
            supplied_at: "2026-11-18T15:00:00Z".to_owned(),
            ..Medicine::default()
        }
    }

    #[test]
    fn a_whole_line_travels_as_a_code() {
        let supply = Supply::of(&line()).expect("whole");
        assert_eq!((supply.quantity_in_words().as_str(), supply.days), ("20 capsule", Some(5)));
        assert_eq!(supply.handed_over, "2026-11-18");
    }

    #[test]
    fn a_line_with_anything_missing_travels_in_words() {
        let changes: [fn(&mut Medicine); 10] = [
            |line| line.level = "VMP".to_owned(),
            |line| line.decision = "recommended".to_owned(),
            |line| line.code = String::new(),
            |line| line.code = "abc".to_owned(),
            |line| line.quantity = "some".to_owned(),
            |line| line.quantity = "0".to_owned(),
            |line| line.unit_code = String::new(),
            |line| line.supply_type = "gift".to_owned(),
            |line| line.supplied_at = String::new(),
            |line| line.exception = "Handed over before the schedule was seen".to_owned(),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut line = line();
            change(&mut line);
            assert_eq!(Supply::of(&line), None, "change {index}");
        }
    }
}
