//! Promises of the shapes of an export.

use super::fhir;
use serde_json::Value;
use shared::activity::Extract;
use shared::register::Supplied;
use std::path::Path;

fn extract() -> Extract {
    Extract {
        consultation: "01010101-0101-4101-8101-010101010101".to_owned(),
        pharmacy: "FA123".to_owned(),
        channel: "itk111".to_owned(),
        referrer_ods: "Y99991".to_owned(),
        referral_reference: "111-222".to_owned(),
        referral_id: "MSG-1".to_owned(),
        referred_at: "2026-11-20T09:00:00Z".to_owned(),
        nhs_number: "9990548609".to_owned(),
        family_name: "Winters".to_owned(),
        given_name: "Hettie Jo".to_owned(),
        birth_date: "1954-11-21".to_owned(),
        sex: "female".to_owned(),
        address: "1 Elm Road, Zettington".to_owned(),
        postcode: "ZZ1 9ZZ".to_owned(),
        phone: "07700 900141".to_owned(),
        gp_ods: "Y99992".to_owned(),
        gp_name: "Elm Road Surgery".to_owned(),
        started_at: "2026-11-20T10:00:00Z".to_owned(),
        signed_at: "2026-11-20T10:30:00Z".to_owned(),
        service_code: "983341000000102".to_owned(),
        condition_code: "363746003".to_owned(),
        setting: "patients-home".to_owned(),
        method: "FTF".to_owned(),
        pharmacist: "2012345".to_owned(),
        pharmacist_name: "Asha Rao".to_owned(),
        clinical_summary: "Self-care.".to_owned(),
        gateway: "crossed".to_owned(),
        ..Extract::default()
    }
}

fn supplied() -> Supplied {
    Supplied {
        consultation: extract().consultation,
        line: "02020202-0202-4202-8202-020202020202".to_owned(),
        name: "Phenoxymethylpenicillin 250mg tablets".to_owned(),
        code: "39732311000001104".to_owned(),
        quantity: "40".to_owned(),
        unit: "tablet".to_owned(),
        days: "5".to_owned(),
        directions: "Two, four times a day".to_owned(),
        supply_type: "patient-group-direction".to_owned(),
        supplied_at: "2026-11-20T10:20:00Z".to_owned(),
        ..Supplied::default()
    }
}

/// One resource, left for validators that others wrote where tests are told of a folder.
#[expect(clippy::disallowed_methods, reason = "only a test is told where messages are judged")]
fn resource(name: &str, line: &str) -> Value {
    assert_eq!(line.matches('\n').count(), 1, "a resource a line");
    if let Some(folder) = std::env::var_os("SATCHEL_TEST_FHIR_DIR") {
        std::fs::write(Path::new(&folder).join(format!("export-{name}.r4.json")), line.trim())
            .expect("a folder to write into");
    }
    serde_json::from_str(line).expect("JSON")
}

#[test]
fn every_item_is_in_the_fhir_export_and_what_fhir_has_a_place_for_stands_there() {
    let (extract, supplied) = (extract(), supplied());
    let patient = resource("patient", &fhir::patient(&extract, None));
    let encounter = resource("encounter", &fhir::encounter(&extract, None));
    let request = resource("service-request", &fhir::service_request(&extract, None));
    let dispense = resource("medication-dispense", &fhir::medication_dispense(&supplied, None));
    assert_eq!(patient["name"][0]["given"], serde_json::json!(["Hettie", "Jo"]));
    assert_eq!(encounter["class"]["code"], "HH");
    assert_eq!(encounter["basedOn"][0]["reference"], format!("ServiceRequest/{}", extract.consultation));
    assert_eq!(dispense["context"]["reference"], format!("Encounter/{}", extract.consultation));
    let all = format!("{patient}{encounter}{request}");
    for item in shared::activity::ITEMS {
        // An address is cut into its lines.
        let value = (item.read)(&extract).split(", ").next().unwrap_or_default();
        let value = if item.name == "given_name" { "Hettie" } else { value };
        assert!(value.is_empty() || all.contains(value), "{} is missing", item.name);
    }
}

#[test]
fn who_walked_in_has_no_referral() {
    let walked_in = Extract { channel: "walkin".to_owned(), ..extract() };
    assert_eq!(fhir::service_request(&walked_in, None), "");
    let encounter: Value = serde_json::from_str(&fhir::encounter(&walked_in, None)).expect("JSON");
    assert_eq!(encounter.get("basedOn"), None);
}

#[test]
fn an_export_is_cut_where_months_end() {
    let day = |text: &str| text.parse().expect("a day");
    let parts = super::parts(day("2026-01-15"), day("2026-03-02"));
    let cut: Vec<(&str, &str)> = parts.iter().map(|part| (part.from.as_str(), part.to.as_str())).collect();
    assert_eq!(
        cut,
        [("2026-01-15", "2026-01-31"), ("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-02")]
    );
}
