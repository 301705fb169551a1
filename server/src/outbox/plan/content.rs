//! What the practice reads about one signed consultation: the very summary that the pharmacist read before signing.

use crate::nhs::gp_connect::{Coded, Content, Finding, Heading, Measurement, READINGS, Supply};
use shared::consultation::Summary;

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
    let findings = summary.findings.iter();
    content.findings = findings
        .filter_map(|found| Finding::under(found.heading, &found.code.code, &found.code.display))
        .collect();
    // A line that is not whole stands in words, with the advice.
    content.supplies = summary.supplied.iter().filter_map(Supply::of).collect();
    content
}

/// Numbers by themselves, then blood pressures, whose two numbers are one measurement.
fn measurements(summary: &Summary) -> Vec<Measurement> {
    let alone = summary.observations.iter().filter(|one| one.panel.is_none());
    let mut found: Vec<Measurement> = alone.filter_map(|one| Measurement::of(&one.code, one.value)).collect();
    for reading in &READINGS {
        let value = |code: &str| {
            let of_this = summary
                .observations
                .iter()
                .filter(|one| one.panel.as_ref().is_some_and(|panel| panel.code == reading.code));
            of_this.into_iter().find(|one| one.code == code).map(|one| one.value)
        };
        let pressure = value(reading.systolic.0).zip(value(reading.diastolic.0));
        found.extend(pressure.and_then(|(systolic, diastolic)| {
            Measurement::blood_pressure(reading.code, systolic, diastolic)
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::consultation::{Answer, Charge, Consultation, Lookup, Medicine, summarise};
    use shared::ids::ConsultationId;
    use shared::pathway;

    fn told(change: impl FnOnce(&mut Consultation)) -> Content {
        let pathway = pathway::find("minor-illness@1").expect("a file of this build");
        let ods = "FZ999".parse().expect("an ODS code");
        let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &ods, &pathway.key(), 0);
        change(&mut record);
        content(&summarise(&record, pathway))
    }

    fn measured(values: &[(&str, f64)]) -> Vec<Measurement> {
        let values = values.iter().map(|(id, value)| ((*id).to_owned(), Answer::Number(*value)));
        told(|record| record.observations.extend(values)).measurements
    }

    #[test]
    fn every_measurement_that_a_summary_codes_is_sent_as_a_code() {
        // A code without a place here would stand in neither the words nor the codes of the notice.
        let fields = pathway::all().iter().flat_map(|pathway| &pathway.fields);
        let coded = fields.filter(|field| field.observation && field.snomed.is_some());
        let lost: Vec<&str> = coded
            .filter(|field| {
                let code = field.snomed.as_ref().map_or("", |code| code.code.as_str());
                match &field.panel {
                    None => Measurement::of(code, 1.0).is_none(),
                    Some(panel) => !READINGS.iter().any(|reading| {
                        reading.code == panel.code
                            && [reading.systolic.0, reading.diastolic.0].contains(&code)
                    }),
                }
            })
            .map(|field| field.id.as_str())
            .collect();
        assert!(lost.is_empty(), "{lost:?}");
    }

    #[test]
    fn a_blood_pressure_is_one_measurement() {
        let sent = measured(&[("systolic", 128.0), ("diastolic", 76.0), ("temperature", 37.4)]);
        let expected =
            [Measurement::of("703421000", 37.4), Measurement::blood_pressure("163020007", 128.0, 76.0)];
        assert_eq!(sent.into_iter().map(Some).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn whether_somebody_is_pregnant_is_sent_as_the_code_that_says_so() {
        let content = told(|record| {
            record.patient.birth_date = "1990-05-01".to_owned();
            record.patient.sex = "female".to_owned();
            record.answers.insert("pregnancy".to_owned(), Answer::text("not-pregnant"));
        });
        let codes: Vec<(&str, &str)> = content
            .findings
            .iter()
            .map(|found| (found.coded.code.as_str(), found.coded.display.as_str()))
            .collect();
        assert_eq!(codes, [("60001007", "Not pregnant")]);
    }

    #[test]
    fn neither_charge_nor_signature_nor_lookups_leave_for_a_practice() {
        let pathway = pathway::find("urgent-medicine-supply@1").expect("a file of this build");
        let ods = "FZ999".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([7; 16]);
        let mut record = Consultation::new(id, &ods, &pathway.key(), 0);
        let line = Medicine {
            judged: [("early".to_owned(), "JUDGED".to_owned())].into(),
            gtin: "05012345678900".to_owned(),
            confirmed: "DIGEST".to_owned(),
            ..crate::nhs::gp_connect::supplied_line()
        };
        record.medicines.insert("1".to_owned(), line);
        record.charge = Charge {
            status: "exempt".to_owned(),
            exemption: "0005".to_owned(),
            paid: [("1".to_owned(), "4321".to_owned())].into(),
            declared_name: "DECLARANT".to_owned(),
            signature: "M 1 2 L 600 200".to_owned(),
            ..Charge::default()
        };
        let lookup = Lookup {
            prescription: "24F58E-A83008-74D22Y".to_owned(),
            detail: "LOOKED UP".to_owned(),
            ..Lookup::default()
        };
        record.lookups.insert("l".to_owned(), lookup);
        let summary = summarise(&record, pathway);
        let content = format!("{:?}", content(&summary));
        let letterhead = shared::letter::Letterhead::default();
        let letter =
            shared::letter::gp_notice(&summary, &record, &letterhead, &shared::letter::Sending::default());
        let sent = format!("{content} {letter:?}");
        assert!(sent.contains("Flucloxacillin"), "the supply itself is told");
        let own = ["0005", "4321", "DECLARANT", "M 1 2", "24F58E", "LOOKED UP", "05012345678900", "DIGEST"];
        assert_eq!(own.map(|own| sent.contains(own)), [false; 8], "{sent}");
    }

    #[test]
    fn only_what_was_handed_over_is_a_supply() {
        let content = told(|record| {
            let line = crate::nhs::gp_connect::supplied_line();
            let recommended = Medicine { decision: "recommended".to_owned(), ..line.clone() };
            record.medicines.insert("1".to_owned(), line);
            record.medicines.insert("2".to_owned(), recommended);
        });
        assert_eq!(content.supplies.len(), 1);
    }
}
