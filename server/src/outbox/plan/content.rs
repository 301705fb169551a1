//! What the practice reads about one signed consultation: the very summary that the pharmacist read before signing.

use crate::nhs::gp_connect::{Coded, Content, Heading, Measurement};
use shared::consultation::Summary;

/// SNOMED codes of the measurements that practice systems take (referrals.md 10.2).
const TEMPERATURE: &str = "703421000";
const HEART_RATE: &str = "364075005";
const SYSTOLIC: &str = "72313002";
const DIASTOLIC: &str = "1091811000000102";

/// The summary as Update Record carries it. What is private is not in a summary, nor are the free notes (practice 10).
pub(super) fn content(summary: &Summary) -> Content {
    let mut content = Content::default();
    for words in &summary.headings {
        // A heading that this route has no place for is still read, in the summary.
        let heading = Heading::from_code(words.code).unwrap_or(Heading::ClinicalSummary);
        content.add(heading, &words.text);
    }
    let complaints = summary.complaints.iter();
    content
        .complaints
        .extend(complaints.map(|code| Coded { code: code.code.clone(), display: code.display.clone() }));
    content.measurements = measurements(summary);
    content
}

fn measurements(summary: &Summary) -> Vec<Measurement> {
    let value = |code: &str| summary.observations.iter().find(|one| one.code == code).map(|one| one.value);
    let pressure = value(SYSTOLIC).zip(value(DIASTOLIC));
    let found = [
        value(TEMPERATURE).map(Measurement::Temperature),
        value(HEART_RATE).map(Measurement::HeartRate),
        pressure.map(|(systolic, diastolic)| Measurement::BloodPressure { systolic, diastolic }),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::{Answer, Consultation, summarise};
    use shared::ids::ConsultationId;
    use shared::pathway;
    use std::collections::BTreeMap;

    fn measured(values: &[(&str, f64)]) -> Vec<Measurement> {
        let pathway = pathway::find("minor-illness@1").expect("a file of this build");
        let ods = "FZ999".parse().expect("an ODS code");
        let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &ods, &pathway.key(), 0);
        record
            .observations
            .extend(values.iter().map(|(id, value)| ((*id).to_owned(), Answer::Number(*value))));
        content(&summarise(&record, pathway)).measurements
    }

    #[test]
    fn every_measurement_that_a_summary_codes_is_sent_as_a_code() {
        // A code without a place here would stand in neither the words nor the codes of the notice.
        let known = [TEMPERATURE, HEART_RATE, SYSTOLIC, DIASTOLIC];
        let coded: BTreeMap<&str, bool> = pathway::all()
            .iter()
            .flat_map(|pathway| &pathway.fields)
            .filter(|field| field.observation)
            .filter_map(|field| field.snomed.as_ref())
            .map(|code| (code.code.as_str(), known.contains(&code.code.as_str())))
            .collect();
        assert!(!coded.is_empty() && coded.values().all(|known| *known), "{coded:?}");
    }

    #[test]
    fn a_blood_pressure_is_one_measurement() {
        let sent = measured(&[("systolic", 128.0), ("diastolic", 76.0), ("temperature", 37.4)]);
        assert_eq!(
            sent,
            [Measurement::Temperature(37.4), Measurement::BloodPressure { systolic: 128.0, diastolic: 76.0 }]
        );
    }
}
