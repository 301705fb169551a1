//! The demonstration: an invented pharmacy, a second one to send patients on to, and referrals for invented people, through the real intake.

use super::Failure;
use super::dmd::monday_before;
use crate::app::App;
use crate::dmd::synthetic::{self, Size, Synthetic};
use crate::dmd::{self, Asked, ImportError, Silent};
use crate::intake::itk111::{Accepting, Fault};
use crate::intake::receive;
use crate::nhs::simulator::{PHARMACY_MAILBOX, PHARMACY_SERVICE as DOS_ID};
use crate::store::{Pharmacy, StoreError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use quick_xml::escape::escape;
use shared::ids::{NotAnId, OdsCode};
use shared::time::Millis;
use uuid::Uuid;

/// The demonstration's pharmacy (design 9).
pub const PHARMACY: &str = "FA123";
const PHARMACY_NAME: &str = "Elm Pharmacy";
/// To whom patients can be sent on; nobody has referred anybody there.
const SECOND: (&str, &str) = ("FB456", "Sycamore Pharmacy");
/// The practice where the invented people are registered; its messages reach the simulator's practice mailbox.
const PRACTICE: (&str, &str) = ("A99999", "Elm Road Surgery");
const MINUTE: Millis = 60_000;

/// Why the demonstration has no people in it.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    #[error("The demonstration could not be prepared.")]
    Store(#[from] StoreError),
    #[error("One of the demonstration’s own referrals was refused.")]
    Refused(#[from] Fault),
    #[error("The demonstration’s pharmacy has no proper code.")]
    Code(#[from] NotAnId),
}

/// Adds the pharmacy and its referrals, into an empty store only: what was done in an earlier demonstration stays.
pub async fn seed(app: &App) -> Result<(), SeedError> {
    let ods: OdsCode = PHARMACY.parse()?;
    if app.store.pharmacy(&ods).await?.is_none() {
        let pharmacy = Pharmacy {
            ods,
            name: PHARMACY_NAME.to_owned(),
            dos_ids: vec![DOS_ID.to_owned()],
            mailbox: PHARMACY_MAILBOX.to_owned(),
            phone: "01632 960123".to_owned(),
            address: "1 Elm Road, Zettington, ZZ99 3VZ".to_owned(),
        };
        app.store.put_pharmacy(&pharmacy).await?;
    }
    let second: OdsCode = SECOND.0.parse()?;
    if app.store.pharmacy(&second).await?.is_none() {
        let pharmacy = Pharmacy {
            ods: second,
            name: SECOND.1.to_owned(),
            dos_ids: Vec::new(),
            mailbox: String::new(),
            phone: "01632 960456".to_owned(),
            address: "7 Sycamore Row, Zettington, ZZ99 3WZ".to_owned(),
        };
        app.store.put_pharmacy(&pharmacy).await?;
    }
    if !app.store.rows(None).await?.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    for person in &PEOPLE {
        receive(app, person.message(now).as_bytes(), &Accepting::anything(now)).await?;
    }
    Ok(())
}

/// The dictionary of the demonstration: a small invented release, where none was imported.
pub async fn medicines(app: &App) -> Result<(), Failure> {
    if app.store.dmd_release().await?.is_some() {
        return Ok(());
    }
    let today = Zoned::new(Timestamp::from_millisecond(app.clock.now())?, TimeZone::UTC).date();
    let asked = Synthetic { size: Size::Small, first: monday_before(today), week: 0 };
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_owned();
    tokio::task::spawn_blocking(move || synthetic::write(&asked, &path)).await??;
    let asked = Asked {
        paths: vec![folder.path().to_owned()],
        source: "demonstration".to_owned(),
        accept_fewer: false,
        now: app.clock.now(),
    };
    match dmd::import(&*app.store, asked, Box::new(Silent)).await {
        // Another server of this demonstration was faster.
        Ok(_) | Err(ImportError::Another) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// One invented person and what was said to NHS 111.
struct Person {
    title: &'static str,
    given: &'static str,
    family: &'static str,
    /// NHS Data Dictionary: 1 male, 2 female.
    sex: u8,
    /// `19520304`.
    born: &'static str,
    /// From the range kept for tests (999); empty for a caller who did not know it.
    nhs_number: &'static str,
    /// Whether the sender traced it.
    verified: bool,
    address: [&'static str; 2],
    postcode: &'static str,
    /// From the range kept for drama and demonstrations (07700 900000 to 900999).
    phone: &'static str,
    /// Who called, when not the patient.
    caller: Option<(&'static str, &'static str)>,
    disposition: (&'static str, &'static str),
    minutes_ago: Millis,
    complaint: &'static str,
    advice: &'static str,
    /// A title and its text; empty for none.
    special_notes: &'static str,
    triage: &'static [(&'static str, &'static str)],
}

const PEOPLE: [Person; 6] = [
    Person {
        title: "Mrs",
        given: "Wilhelmina",
        family: "Testerton",
        sex: 2,
        born: "19440511",
        nhs_number: "9990412073",
        verified: true,
        address: ["Flat 3, Larch Court", "Zettington"],
        postcode: "ZZ99 3CZ",
        phone: "07700 900141",
        caller: None,
        disposition: ("Dx28", "Contact Pharmacist within 24 hours"),
        minutes_ago: 35,
        complaint: "Sore throat for three days, hurts to swallow. Drinking well.",
        advice: "Plenty to drink. Call 111 again if swallowing becomes impossible or breathing is difficult.",
        special_notes: "Walks with a frame and cannot easily leave the house. Please visit at home. Key safe by the side door.",
        triage: &[
            ("Is there any difficulty breathing?", "no"),
            ("Can the person swallow fluids?", "yes"),
            ("Is there a rash?", "no"),
            ("Has there been a high temperature?", "yes, on the first day"),
        ],
    },
    Person {
        title: "Mr",
        given: "Obadiah",
        family: "Samplewick",
        sex: 1,
        born: "19680923",
        nhs_number: "9990523185",
        verified: true,
        address: ["27 Quarry Lane", "Zettington"],
        postcode: "ZZ99 3VZ",
        phone: "07700 900152",
        caller: None,
        disposition: ("Dx85", "Repeat prescription required within 2 hours"),
        minutes_ago: 20,
        complaint: "Blue reliever inhaler ran out this morning. Away from home until Thursday.",
        advice: "Contact the pharmacy now. Call 999 if breathing becomes difficult.",
        special_notes: "",
        triage: &[
            ("Reason for the contact?", "a prescription request"),
            ("Is there any difficulty breathing now?", "no"),
            ("Which medicine is needed?", "salbutamol inhaler"),
        ],
    },
    Person {
        title: "Miss",
        given: "Clementine",
        family: "Fictional",
        sex: 2,
        born: "20210214",
        nhs_number: "9990634297",
        verified: true,
        address: ["8 Heron Close", "Little Zedding"],
        postcode: "ZZ99 3WZ",
        phone: "07700 900163",
        caller: Some(("Barnaby Fictional", "Parent")),
        disposition: ("Dx06", "Contact Pharmacist within 6 hours"),
        minutes_ago: 90,
        complaint: "Insect bite on the arm, red and itchy since yesterday. Playing normally.",
        advice: "Keep the arm cool. Call back if the redness spreads or a fever begins.",
        special_notes: "",
        triage: &[
            ("Is the child unusually drowsy?", "no"),
            ("Is the redness spreading?", "a little"),
            ("Is there swelling of lips or tongue?", "no"),
        ],
    },
    Person {
        title: "Mr",
        given: "Thaddeus",
        family: "Mockingham",
        sex: 1,
        born: "19590630",
        nhs_number: "9990745315",
        verified: false,
        address: ["The Old Forge, Mill Street", "Zettington"],
        postcode: "ZZ99 3CZ",
        phone: "07700 900174",
        caller: None,
        disposition: ("Dx14", "Contact Pharmacist within 12 hours"),
        minutes_ago: 240,
        complaint: "Heartburn after meals for a week.",
        advice: "Small meals, nothing late in the evening. Call 999 for chest pain.",
        special_notes: "",
        triage: &[
            ("Is there pain in the chest, arm or jaw?", "no"),
            ("Has there been vomiting of blood?", "no"),
            ("Has weight been lost without trying?", "no"),
        ],
    },
    Person {
        title: "Ms",
        given: "Euphemia",
        family: "Placeholder",
        sex: 2,
        born: "19370119",
        nhs_number: "9990856435",
        verified: true,
        address: ["Room 12, Rookery Care Home", "Zettington"],
        postcode: "ZZ99 3VZ",
        phone: "07700 900185",
        caller: Some(("Delphine Stand-in", "Carer")),
        disposition: ("Dx29", "Contact Pharmacist next working day"),
        minutes_ago: 600,
        complaint: "Dry, itchy skin on both shins.",
        advice: "Moisturiser in the meantime. Call back if the skin breaks or weeps.",
        special_notes: "Hard of hearing: speak to the carer first.",
        triage: &[("Is the skin broken or weeping?", "no"), ("Is there a fever?", "no")],
    },
    Person {
        title: "Mx",
        given: "Peregrine",
        family: "Imaginary",
        sex: 1,
        born: "19910808",
        nhs_number: "",
        verified: false,
        address: ["45 Station Parade", "Zettington"],
        postcode: "ZZ99 3WZ",
        phone: "07700 900196",
        caller: None,
        disposition: ("Dx80", "Repeat prescription required within 6 hours"),
        minutes_ago: 420,
        complaint: "Hay fever tablets on repeat ran out yesterday.",
        advice: "Contact the pharmacy today.",
        special_notes: "",
        triage: &[
            ("Reason for the contact?", "a prescription request"),
            ("Is there any difficulty breathing?", "no"),
        ],
    },
];

impl Person {
    /// The report as a 111 service would send it, as if it had been sent just after the call.
    fn message(&self, now: Millis) -> String {
        let called = now - self.minutes_ago * MINUTE;
        let [tracking, message, document, set, case] = std::array::from_fn(|_| upper(Uuid::new_v4()));
        let (dx, dx_words) = self.disposition;
        let (practice, practice_name) = PRACTICE;
        let number = match (self.nhs_number, self.verified) {
            ("", _) => String::new(),
            (number, true) => format!(r#"<id root="2.16.840.1.113883.2.1.4.1" extension="{number}"/>"#),
            (number, false) => {
                format!(r#"<id root="2.16.840.1.113883.2.1.3.2.4.18.23" extension="{number}"/>"#)
            }
        };
        let lines = self
            .address
            .iter()
            .map(|line| format!("<streetAddressLine>{}</streetAddressLine>", escape(*line)))
            .collect::<Vec<_>>()
            .concat();
        let special = section("Special Patient Notes", self.special_notes);
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:itk="urn:nhs-itk:ns:201005">
<soap:Header>
  <wsa:Action soap:mustUnderstand="1">{SERVICE}</wsa:Action>
  <wsa:MessageID>{message}</wsa:MessageID>
  <wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>
</soap:Header>
<soap:Body><itk:DistributionEnvelope>
  <itk:header trackingid="{tracking}" service="{SERVICE}">
    <itk:addresslist><itk:address uri="urn:nhs-uk:addressing:ods:{PHARMACY}"/><itk:address type="2.16.840.1.113883.2.1.3.2.4.18.44" uri="{DOS_ID}"/></itk:addresslist>
    <itk:manifest count="1"><itk:manifestitem id="uuid_1" mimetype="text/xml" profileid="urn:nhs-en:profile:nhs111CDADocument-v2-0"/></itk:manifest>
    <itk:senderAddress uri="urn:nhs-uk:addressing:ods:ZZ111"/>
    <itk:handlingSpecification><itk:spec key="urn:nhs-itk:ns:201005:interaction" value="urn:nhs-itk:interaction:primaryOutofHourRecipientNHS111CDADocument-v2-0"/></itk:handlingSpecification>
  </itk:header>
  <itk:payloads count="1"><itk:payload id="uuid_1"><ClinicalDocument xmlns="urn:hl7-org:v3" classCode="DOCCLIN" moodCode="EVN">
    <id root="{document}"/><code code="819551000000100" codeSystem="2.16.840.1.113883.2.1.3.2.4.15"/><title>NHS 111 Report</title>
    <effectiveTime value="{at}"/><setId root="{set}"/><versionNumber value="1"/>
    <recordTarget typeCode="RCT"><patientRole classCode="PAT">{number}
      <addr use="H">{lines}<postalCode>{postcode}</postalCode></addr><telecom use="MC" value="tel:{phone}"/>
      <patient classCode="PSN" determinerCode="INSTANCE"><name><prefix>{title}</prefix><given>{given}</given><family>{family}</family></name>
        <administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.2.1.3.2.4.16.25"/><birthTime value="{born}"/></patient>
      <providerOrganization classCode="ORG" determinerCode="INSTANCE"><id root="2.16.840.1.113883.2.1.3.2.4.19.1" extension="{practice}"/><name>{practice_name}</name></providerOrganization>
    </patientRole></recordTarget>
    <author typeCode="AUT"><time value="{at}"/><assignedAuthor classCode="ASSIGNED"><code code="NR1690" codeSystem="2.16.840.1.113883.2.1.3.2.4.17.196" displayName="Health Adviser"/>
      <assignedPerson classCode="PSN" determinerCode="INSTANCE"><name><given>Rowan</given><family>Example</family></name></assignedPerson>
      <representedOrganization classCode="ORG" determinerCode="INSTANCE"><id root="2.16.840.1.113883.2.1.3.2.4.19.1" extension="ZZ111"/><name>Zetshire 111</name></representedOrganization></assignedAuthor></author>
    {informant}
    <authorization typeCode="AUTH"><consent classCode="CONS" moodCode="EVN"><code code="425691002" codeSystem="2.16.840.1.113883.2.1.3.2.4.15" displayName="Consent given for electronic record sharing"/></consent></authorization>
    <componentOf typeCode="COMP"><encompassingEncounter classCode="ENC" moodCode="EVN"><id root="2.16.840.1.113883.2.1.3.2.4.18.34" extension="{case}"/>
      <effectiveTime><low value="{began}"/><high value="{at}"/></effectiveTime>
      <dischargeDispositionCode code="{dx}" codeSystem="2.16.840.1.113883.2.1.3.2.4.17.325" displayName="{dx_words}"/></encompassingEncounter></componentOf>
    <component typeCode="COMP"><structuredBody classCode="DOCBODY" moodCode="EVN"><component typeCode="COMP"><section classCode="DOCSECT" moodCode="EVN">
      <entry typeCode="COMP"><observationMedia classCode="OBS" moodCode="EVN"><value mediaType="text/xml" representation="B64">{triage}</value></observationMedia></entry>
      {complaint}{advised}{special}
    </section></component></structuredBody></component>
  </ClinicalDocument></itk:payload></itk:payloads>
</itk:DistributionEnvelope></soap:Body></soap:Envelope>"#,
            at = itk_time(called),
            began = itk_time(called - 9 * MINUTE),
            postcode = self.postcode,
            phone = self.phone.replace(' ', ""),
            title = self.title,
            given = escape(self.given),
            family = escape(self.family),
            sex = self.sex,
            born = self.born,
            informant = self.informant(),
            triage = STANDARD.encode(self.triage()),
            complaint = section("Patient's Reported Condition", self.complaint),
            advised = section("Advice Given", self.advice),
        )
    }

    fn informant(&self) -> String {
        let Some((name, relationship)) = self.caller else { return String::new() };
        let (given, family) = name.split_once(' ').unwrap_or(("", name));
        format!(
            r#"<informant typeCode="INF"><relatedEntity classCode="PRS"><code code="00" codeSystem="2.16.840.1.113883.2.1.3.2.4.16.45" displayName="{relationship}"/><relatedPerson classCode="PSN" determinerCode="INSTANCE"><name><given>{given}</given><family>{family}</family></name></relatedPerson></relatedEntity></informant>"#
        )
    }

    /// The questions and answers as NHS Pathways writes them.
    fn triage(&self) -> String {
        let lines = self
            .triage
            .iter()
            .map(|(question, answer)| {
                let (question, answer) = (escape(*question), escape(*answer));
                format!(
                    r#"<triageLine><questionType>SingleAnswer</questionType><question><questionText>{question}</questionText><answers><answer selected="true"><text>{answer}</text></answer></answers></question><includeInReport>true</includeInReport></triageLine>"#
                )
            })
            .collect::<Vec<_>>()
            .concat();
        format!(
            r#"<PathwaysCase xmlns="http://nhspathways.org/webservices/pathways/pathwaysCase"><outcome><code>{}</code></outcome><caseDetails><condition>{}</condition></caseDetails><pathwayDetails><pathwayTriageDetails><pathwayTriage><triageLineDetails>{lines}</triageLineDetails></pathwayTriage></pathwayTriageDetails></pathwayDetails></PathwaysCase>"#,
            self.disposition.0,
            escape(self.complaint),
        )
    }
}

const SERVICE: &str = "urn:nhs-itk:services:201005:SendNHS111Report-v2-0";

fn section(title: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let (title, text) = (escape(title), escape(text));
    format!(
        r#"<component typeCode="COMP"><section classCode="DOCSECT" moodCode="EVN"><title>{title}</title><text>{text}</text></section></component>"#
    )
}

fn upper(id: Uuid) -> String {
    id.to_string().to_uppercase()
}

/// `20261122101500+0000`.
fn itk_time(at: Millis) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    format!("{}+0000", at.strftime("%Y%m%d%H%M%S"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Part;
    use crate::intake::itk111::read;
    use shared::patient::{NhsNumber, Postcode};

    const NOW: Millis = 1_795_000_000_000;

    #[test]
    fn every_invented_person_is_plainly_invented() {
        for person in &PEOPLE {
            let number = person.nhs_number;
            assert!(
                number.is_empty() || (number.starts_with("999") && number.parse::<NhsNumber>().is_ok()),
                "{number}"
            );
            assert!(person.postcode.starts_with("ZZ99") && person.postcode.parse::<Postcode>().is_ok());
            assert!(person.phone.starts_with("07700 900"));
        }
    }

    #[test]
    fn every_demonstration_referral_is_read_by_the_real_intake() {
        for person in &PEOPLE {
            let report =
                read(person.message(NOW).as_bytes(), &Accepting::anything(NOW)).expect(person.family);
            let [Part::Report { referral, patient }] = &report.arrived.parts[..] else {
                panic!("one report")
            };
            assert_eq!(patient.family_name, person.family);
            assert_eq!(referral.disposition, person.disposition.0);
            assert_eq!(referral.complaint, person.complaint);
            assert_eq!(referral.triage.len(), person.triage.len());
            assert_eq!(patient.gp_name, PRACTICE.1);
            assert!(!referral.due_at.is_empty(), "{} has a time to keep", person.family);
        }
    }
}
