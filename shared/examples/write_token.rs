//! Writes a label, a leaflet and a token of made-up people into a folder, to be looked at.
//! `cargo run -p shared --example write_token FOLDER`

use jiff::civil::date;
use shared::consultation::{Consultation, Medicine};
use shared::ids::ConsultationId;
use shared::paper::leaflet::{Leaflet, Size};
use shared::paper::token::{Layout, Token};
use shared::paper::{PharmacyOnPaper, label};
use shared::prescription::Id;
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

const PHARMACY: PharmacyOnPaper<'static> = PharmacyOnPaper {
    name: "Elm Pharmacy",
    ods: "FA123",
    address: "4 Elm Road, Leeds, LS1 4AP",
    phone: "0113 496 0123",
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("name a folder to write into")?);
    fs::create_dir_all(&folder)?;
    let today = date(2026, 11, 23);
    let mut record = record()?;
    let ids: Vec<String> = record.medicines.keys().cloned().collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    fs::write(folder.join("label.pdf"), label::pdf(&record, &ids, &PHARMACY, today))?;
    fs::write(folder.join("leaflet.pdf"), Leaflet::of(&record, &PHARMACY, today).pdf(Size::A5))?;
    "exempt".clone_into(&mut record.charge.status);
    "0006".clone_into(&mut record.charge.exemption);
    "not-seen".clone_into(&mut record.charge.evidence);
    "patient".clone_into(&mut record.charge.declared_by);
    let token = Token::of(&record, Some(Id::parse("A3B4D9-Z42475-11E6B+")?), &PHARMACY, today);
    fs::write(folder.join("token.pdf"), token.pdf(Layout::official()))?;
    fs::write(folder.join("token-back.pdf"), token.back_pdf(Layout::official()))?;
    Ok(())
}

fn record() -> Result<Consultation, Box<dyn Error>> {
    let id = ConsultationId::from_bytes([7; 16]);
    let mut record = Consultation::new(id, &"FA123".parse()?, "urgent-medicine-supply@2", 0);
    let patient = &mut record.patient;
    "Ms".clone_into(&mut patient.title);
    "Winters".clone_into(&mut patient.family_name);
    "Hettie".clone_into(&mut patient.given_name);
    "1972-03-04".clone_into(&mut patient.birth_date);
    "12 Beech Lane\nLeeds".clone_into(&mut patient.address);
    "LS6 1AA".clone_into(&mut patient.postcode);
    "9990548609".clone_into(&mut patient.nhs_number);
    "verified".clone_into(&mut patient.nhs_number_status);
    "Elm Road Surgery".clone_into(&mut patient.gp_name);
    "B86001".clone_into(&mut patient.gp_ods);
    for (at, (name, quantity, unit, directions)) in [
        (
            "Salbutamol 100micrograms/dose inhaler CFC free",
            "200",
            "dose",
            "Inhale TWO puffs when needed, up to FOUR times a day.",
        ),
        ("Ramipril 5mg capsules", "28", "capsule", "Take ONE capsule ONCE a day."),
        (
            "Levothyroxine sodium 50microgram tablets",
            "28",
            "tablet",
            "Take ONE tablet in the morning, half an hour before breakfast.",
        ),
        ("Amlodipine 10mg tablets", "28", "tablet", "Take ONE tablet ONCE a day."),
        (
            "Metformin 500mg modified-release tablets",
            "56",
            "tablet",
            "Take TWO tablets with the evening meal. Swallow whole, do not chew or crush.",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let line = Medicine {
            name: name.to_owned(),
            code: "1".to_owned(),
            decision: "supplied".to_owned(),
            supply_type: "emergency-supply".to_owned(),
            quantity: quantity.to_owned(),
            unit: unit.to_owned(),
            directions: directions.to_owned(),
            recorded_at: format!("2026-11-23T10:0{at}:00Z"),
            supplied_at: format!("2026-11-23T10:0{at}:30Z"),
            ..Medicine::default()
        };
        record.medicines.insert(format!("line-{at}"), line);
    }
    Ok(record)
}
