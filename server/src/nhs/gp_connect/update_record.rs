//! The GP Connect Update Record message (ITK014M, FHIR STU3): what the practice is told about one signed consultation.

use super::Held;
use super::content::{COMPLAINT, Coded, Content, Heading, Measurement, Observation, Quantity};
use super::ids::Notice;
use super::xml::{Coding, Fhir, urn};
use crate::nhs::mesh::Outgoing;
use jiff::civil::Date;
use shared::consultation::Patient;
use shared::ids::{GphcNumber, OdsCode};
use shared::patient::NhsNumber;
use shared::time::{self, Millis};
use uuid::Uuid;

/// MESH workflow of the message; answers come under the same with `_ACK`.
pub const WORKFLOW: &str = "GPCONNECT_UPDATE_RECORD";
/// MESH workflow of the practice's answers.
pub const ACK_WORKFLOW: &str = "GPCONNECT_UPDATE_RECORD_ACK";
/// What a FHIR XML message is, as MESH labels it.
pub const CONTENT_TYPE: &str = "application/fhir+xml";

/// Minor illness and the clinical pathways alike (referrals.md 10.2).
const SERVICE: Coding<'static> =
    Coding::snomed("1577041000000109", "Community Pharmacist Consultation Service for minor illness");
/// The only encounter type that Update Record names; where the patient was seen stands in the summary's words.
const ENCOUNTER: Coding<'static> = Coding::snomed("307778003", "Seen in primary care establishment");

/// Whose mailbox the message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee<'a> {
    /// The practice where the patient is registered: MESH finds it (`GPPROVIDER_…`).
    Registered(DateOrder),
    /// A mailbox set for the practice, where the MESH in use cannot find practices (its sandbox).
    Mailbox(&'a str),
}

/// How the birth date stands in a `GPPROVIDER_…` address: sources disagree, so it is a setting (referrals.md 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `19520304`: the current MESH guide.
    #[default]
    YearFirst,
    /// `04031952`: the GP Connect pages of 2020.
    DayFirst,
}

/// The pharmacy that saw the patient.
#[derive(Debug, Clone, Copy)]
pub struct Pharmacy<'a> {
    pub ods: &'a OdsCode,
    pub name: &'a str,
    /// Empty where unknown.
    pub phone: &'a str,
    /// Its MESH mailbox.
    pub mailbox: &'a str,
}

/// The pharmacist who signed.
#[derive(Debug, Clone, Copy)]
pub struct Pharmacist<'a> {
    pub name: &'a str,
    pub gphc: &'a GphcNumber,
}

/// What a notice is made from. The same values make the same bytes, on every try and after every restart.
#[derive(Debug, Clone, Copy)]
pub struct UpdateRecord<'a> {
    /// Also the message's sender reference and the encounter's id.
    pub consultation: Uuid,
    /// 0 for the first signature, then the amendment that was signed.
    pub amendment: u64,
    /// The amendment whose notice this one replaces (practice 21); none for the first notice.
    pub replaces: Option<u64>,
    pub addressee: Addressee<'a>,
    pub pharmacy: Pharmacy<'a>,
    pub pharmacist: Pharmacist<'a>,
    pub patient: &'a Patient,
    /// When the consultation began.
    pub seen_at: Millis,
    /// When it was signed; the message's own time.
    pub signed_at: Millis,
    pub content: &'a Content,
}

/// A notice ready to be frozen: bytes, and what MESH must be told about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `mex-to`.
    pub to: String,
    /// `mex-subject`; names the patient, as the specification asks.
    pub subject: String,
    /// `mex-localid`: the sending pharmacy's ODS code, by the specification.
    pub local_id: String,
    pub bundle_id: Uuid,
    /// What the practice's answers refer to.
    pub header_id: Uuid,
    /// What a replacement refers to.
    pub composition_id: Uuid,
    /// FHIR XML.
    pub body: Vec<u8>,
}

impl Message {
    pub fn outgoing(&self) -> Outgoing<'_> {
        Outgoing {
            to: &self.to,
            workflow: WORKFLOW,
            local_id: &self.local_id,
            subject: &self.subject,
            content_type: CONTENT_TYPE,
            body: &self.body,
        }
    }
}

/// Makes the notice, or says what it is waiting for.
pub fn compose(record: &UpdateRecord<'_>) -> Result<Message, Held> {
    let who = identified(record.patient)?;
    if !record.content.headings.iter().any(|(heading, _)| *heading == Heading::ClinicalSummary) {
        return Err(Held::NothingToTell);
    }
    let notice = Notice { consultation: record.consultation, amendment: record.amendment };
    let writing = Writing { record, who: &who, notice };
    Ok(Message {
        to: address(record.addressee, &who),
        subject: format!(
            "{} for {}, NHS Number: {}, seen at {}, ODS code: {}, version {}",
            SERVICE.display,
            surname_first(record.patient),
            who.number,
            record.pharmacy.name,
            record.pharmacy.ods,
            record.amendment + 1,
        ),
        local_id: record.pharmacy.ods.to_string(),
        bundle_id: notice.id("bundle"),
        header_id: notice.id("message-header"),
        composition_id: notice.id("composition"),
        body: writing.message(),
    })
}

/// The patient as a practice's system must be told: all of it known, and the number verified (practice 11).
struct Identified<'a> {
    number: NhsNumber,
    family: &'a str,
    birth: Date,
}

fn identified(patient: &Patient) -> Result<Identified<'_>, Held> {
    let number = patient.nhs_number.parse::<NhsNumber>().map_err(|_| Held::NeedsTracing)?;
    if patient.nhs_number_status != "verified" {
        return Err(Held::NeedsTracing);
    }
    let birth = patient.birth_date.parse::<Date>().map_err(|_| Held::NoBirthDate)?;
    match patient.family_name.trim() {
        "" => Err(Held::NoSurname),
        family => Ok(Identified { number, family, birth }),
    }
}

/// Whether the patient is known well enough for a practice's system.
pub(super) fn may_be_sent(patient: &Patient) -> Result<(), Held> {
    identified(patient).map(|_| ())
}

fn surname_first(patient: &Patient) -> String {
    let names = [patient.family_name.trim(), patient.given_name.trim()];
    names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

fn address(addressee: Addressee<'_>, who: &Identified<'_>) -> String {
    match addressee {
        Addressee::Mailbox(mailbox) => mailbox.to_owned(),
        Addressee::Registered(order) => {
            let birth = who.birth.strftime(match order {
                DateOrder::YearFirst => "%Y%m%d",
                DateOrder::DayFirst => "%d%m%Y",
            });
            format!("GPPROVIDER_{}_{birth}_{}", who.number, who.family)
        }
    }
}

struct Writing<'a> {
    record: &'a UpdateRecord<'a>,
    who: &'a Identified<'a>,
    notice: Notice,
}

impl Writing<'_> {
    fn message(&self) -> Vec<u8> {
        let (bundle, header, sender, document) = (
            self.notice.id("bundle"),
            self.notice.id("message-header"),
            self.notice.id("header-organization"),
            self.notice.id("document"),
        );
        Fhir::document("Bundle", |at| {
            self.opening(at, bundle, &stu3("ITK-Message-Bundle-1"), None);
            at.own_identifier(bundle);
            at.value("type", "message");
            self.entry(at, header, "MessageHeader", &stu3("ITK-MessageHeader-2"), None, |at| {
                self.header(at, sender, document);
            });
            let profile = stu3("CareConnect-ITK-Header-Organization-1");
            self.entry(at, sender, "Organization", &profile, None, |at| self.ods_code(at));
            self.entry(at, document, "Bundle", &stu3("ITK-Document-Bundle-1"), None, |at| {
                at.own_identifier(document);
                at.value("type", "document");
                self.document(at);
            });
        })
    }

    fn header(&self, at: &mut Fhir, sender: Uuid, document: Uuid) {
        at.extension(&stu3("Extension-ITK-MessageHandling-2"), |at| {
            for asked in ["BusAckRequested", "InfAckRequested"] {
                at.extension(asked, |at| at.value("valueBoolean", "true"));
            }
            at.extension("RecipientType", |at| {
                at.element("valueCoding", |at| {
                    at.code_values(Coding {
                        system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-RecipientType-1",
                        code: "FI",
                        display: "For Information",
                    });
                });
            });
            at.extension("MessageDefinition", |at| {
                at.element("valueReference", |at| {
                    at.value("reference", "https://fhir.nhs.uk/MessageDefinition");
                });
            });
            at.extension("SenderReference", |at| at.value("valueString", &urn(self.encounter())));
            at.extension("LocalExtension", |at| at.value("valueString", "None"));
        });
        at.element("event", |at| {
            at.code_values(Coding {
                system: "https://fhir.nhs.uk/STU3/CodeSystem/ITK-MessageEvent-2",
                code: "ITK014M",
                display: "ITK Update Record",
            });
        });
        at.reference("sender", sender);
        at.value("timestamp", &time::stored(self.record.signed_at));
        at.element("source", |at| at.value("endpoint", self.record.pharmacy.mailbox));
        at.reference("focus", document);
    }

    /// Resources in the order of NHS England's example; every one is also listed in the composition.
    fn document(&self, at: &mut Fhir) {
        let content = self.record.content;
        let composition = self.notice.id("composition");
        let mut listed = vec![
            self.encounter(),
            self.organization(),
            self.practitioner(),
            self.notice.id("practitioner-role"),
            self.patient(),
        ];
        listed.extend((0..content.measurements.len()).map(|index| self.measurement_id(index)));
        listed.extend((0..content.complaints.len()).map(|index| self.complaint_id(index)));
        listed.extend(content.headings.iter().map(|(heading, _)| self.heading_id(*heading)));

        let version = self.record.amendment + 1;
        at.element("entry", |at| {
            at.value("fullUrl", &urn(composition));
            at.element("resource", |at| {
                at.element("Composition", |at| self.composition(at, composition, version, &listed));
            });
        });
        let about = gpc("Encounter");
        self.entry(at, self.encounter(), "Encounter", &about, None, |at| self.seen(at));
        self.entry(at, self.organization(), "Organization", &gpc("Organization"), None, |at| {
            self.ods_code(at);
            at.value("name", self.record.pharmacy.name);
            if !self.record.pharmacy.phone.trim().is_empty() {
                at.element("telecom", |at| {
                    at.value("system", "phone");
                    at.value("value", self.record.pharmacy.phone);
                    at.value("use", "work");
                });
            }
        });
        self.entry(at, self.practitioner(), "Practitioner", &gpc("Practitioner"), None, |at| {
            let Pharmacist { name, gphc } = self.record.pharmacist;
            at.identifier("https://fhir.hl7.org.uk/Id/gphc-number", gphc.as_str());
            let (given, family) = name.trim().rsplit_once(' ').unwrap_or(("", name));
            at.element("name", |at| {
                at.value("family", family);
                at.value("given", given);
            });
        });
        let role = self.notice.id("practitioner-role");
        self.entry(at, role, "PractitionerRole", &gpc("PractitionerRole"), None, |at| {
            at.reference("practitioner", self.practitioner());
            at.reference("organization", self.organization());
            // A consultation is signed by a pharmacist and nobody else (practice 4).
            at.concept(
                "code",
                Coding {
                    system: "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-SDSJobRoleName-1",
                    code: "R1290",
                    display: "Pharmacist",
                },
            );
        });
        self.entry(at, self.patient(), "Patient", &gpc("Patient"), None, |at| self.person(at));
        for (index, measurement) in content.measurements.iter().enumerate() {
            let id = self.measurement_id(index);
            self.entry(at, id, "Observation", &gpc("Observation"), None, |at| {
                at.own_identifier(id);
                self.measured(at, *measurement);
            });
        }
        for (index, complaint) in content.complaints.iter().enumerate() {
            let id = self.complaint_id(index);
            self.entry(at, id, "Condition", &gpc("Condition"), Some(COMPLAINT), |at| {
                at.own_identifier(id);
                self.complaint(at, complaint);
            });
        }
        for (heading, words) in &content.headings {
            let (id, tag) = (self.heading_id(*heading), Some(heading.coding()));
            self.entry(at, id, "ClinicalImpression", &gpc("ClinicalImpression"), tag, |at| {
                at.own_identifier(id);
                at.value("status", "completed");
                at.reference("subject", self.patient());
                at.reference("context", self.encounter());
                at.value("date", &self.seen_on());
                at.reference("assessor", self.practitioner());
                at.value("summary", words);
            });
        }
    }

    fn composition(&self, at: &mut Fhir, id: Uuid, version: u64, listed: &[Uuid]) {
        at.value("id", &id.to_string());
        at.element("meta", |at| {
            at.value("versionId", &version.to_string());
            at.value("lastUpdated", &time::stored(self.record.signed_at));
            at.value("profile", "https://fhir.hl7.org.uk/STU3/StructureDefinition/CareConnect-Composition-1");
        });
        at.own_identifier(id);
        at.value("status", "final");
        at.concept("type", SERVICE);
        at.reference("subject", self.patient());
        at.reference("encounter", self.encounter());
        at.value("date", &self.seen_on());
        at.reference("author", self.practitioner());
        at.value("title", &format!("{} - {}", self.record.pharmacy.name, SERVICE.display));
        if let Some(earlier) = self.record.replaces {
            let replaced = Notice { amendment: earlier, ..self.notice }.id("composition");
            at.element("relatesTo", |at| {
                at.value("code", "replaces");
                at.element("targetIdentifier", |at| {
                    at.value("system", "urn:ietf:rfc:3986");
                    at.value("value", &urn(replaced));
                });
            });
        }
        at.element("section", |at| {
            for resource in listed {
                at.reference("entry", *resource);
            }
        });
    }

    fn seen(&self, at: &mut Fhir) {
        at.own_identifier(self.encounter());
        at.value("status", "finished");
        at.concept("type", ENCOUNTER);
        at.reference("subject", self.patient());
        at.element("participant", |at| {
            at.element("type", |at| {
                at.coding(Coding {
                    system: "https://fhir.nhs.uk/STU3/CodeSystem/GPConnect-ParticipantType-1",
                    code: "REC",
                    display: "recorder",
                });
                at.value("text", "recorder");
            });
            at.reference("individual", self.practitioner());
        });
        at.element("period", |at| at.value("start", &time::stored(self.record.seen_at)));
        at.concept("reason", SERVICE);
        at.reference("serviceProvider", self.organization());
    }

    fn person(&self, at: &mut Fhir) {
        let patient = self.record.patient;
        at.element("identifier", |at| {
            at.extension(&stu3("Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"), |at| {
                at.concept(
                    "valueCodeableConcept",
                    Coding {
                        system: "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
                        code: "01",
                        display: "Number present and verified",
                    },
                );
            });
            at.value("system", "https://fhir.nhs.uk/Id/nhs-number");
            at.value("value", self.who.number.as_str());
        });
        at.element("name", |at| {
            at.value("use", "official");
            at.value("family", self.who.family);
            for given in patient.given_name.split_whitespace() {
                at.value("given", given);
            }
            at.value("prefix", &patient.title);
        });
        at.value("gender", gender(&patient.sex));
        at.value("birthDate", &self.who.birth.to_string());
        if !(patient.address.trim().is_empty() && patient.postcode.trim().is_empty()) {
            at.element("address", |at| {
                for line in patient.address.lines() {
                    at.value("line", line);
                }
                at.value("postalCode", &patient.postcode);
            });
        }
    }

    fn measured(&self, at: &mut Fhir, measurement: Measurement) {
        at.value("status", "final");
        at.concept(
            "category",
            Coding {
                system: "http://terminology.hl7.org/CodeSystem/observation-category",
                code: "vital-signs",
                display: "Vital Signs",
            },
        );
        let observation = measurement.observation();
        let code = match &observation {
            Observation::Single(single) => single.coding,
            Observation::Panel(code, _) => *code,
        };
        at.concept("code", code);
        at.reference("subject", self.patient());
        at.reference("context", self.encounter());
        at.value("effectiveDateTime", &self.seen_on());
        at.value("issued", &time::stored(self.record.signed_at));
        at.reference("performer", self.practitioner());
        match observation {
            Observation::Single(single) => quantity(at, &single),
            Observation::Panel(_, parts) => {
                for part in parts {
                    at.element("component", |at| {
                        at.concept("code", part.coding);
                        quantity(at, &part);
                    });
                }
            }
        }
    }

    fn complaint(&self, at: &mut Fhir, complaint: &Coded) {
        at.value("clinicalStatus", "active");
        at.concept("code", Coding::snomed(&complaint.code, &complaint.display));
        at.reference("subject", self.patient());
        at.reference("context", self.encounter());
        at.value("assertedDate", &self.seen_on());
        at.reference("asserter", self.practitioner());
    }

    fn ods_code(&self, at: &mut Fhir) {
        at.identifier("https://fhir.nhs.uk/Id/ods-organization-code", self.record.pharmacy.ods.as_str());
    }

    fn entry(
        &self,
        at: &mut Fhir,
        id: Uuid,
        name: &str,
        profile: &str,
        tag: Option<Coding<'_>>,
        inside: impl FnOnce(&mut Fhir),
    ) {
        at.element("entry", |at| {
            at.value("fullUrl", &urn(id));
            at.element("resource", |at| {
                at.element(name, |at| {
                    self.opening(at, id, profile, tag);
                    inside(at);
                });
            });
        });
    }

    fn opening(&self, at: &mut Fhir, id: Uuid, profile: &str, tag: Option<Coding<'_>>) {
        at.value("id", &id.to_string());
        at.element("meta", |at| {
            at.value("lastUpdated", &time::stored(self.record.signed_at));
            at.value("profile", profile);
            if let Some(tag) = tag {
                at.element("tag", |at| at.code_values(tag));
            }
        });
    }

    fn seen_on(&self) -> String {
        time::day(self.record.seen_at).to_string()
    }

    fn encounter(&self) -> Uuid {
        self.record.consultation
    }

    fn organization(&self) -> Uuid {
        self.notice.id("organization")
    }

    fn practitioner(&self) -> Uuid {
        self.notice.id("practitioner")
    }

    fn patient(&self) -> Uuid {
        self.notice.id("patient")
    }

    fn measurement_id(&self, index: usize) -> Uuid {
        self.notice.id(&format!("observation {index}"))
    }

    fn complaint_id(&self, index: usize) -> Uuid {
        self.notice.id(&format!("condition {index}"))
    }

    fn heading_id(&self, heading: Heading) -> Uuid {
        self.notice.id(&format!("heading {}", heading.code()))
    }
}

fn quantity(at: &mut Fhir, quantity: &Quantity) {
    at.element("valueQuantity", |at| {
        at.value("value", &format!("{:.*}", quantity.decimals, quantity.value));
        at.value("unit", quantity.unit);
        at.value("system", "http://unitsofmeasure.org");
        at.value("code", quantity.ucum);
    });
}

fn gender(sex: &str) -> &str {
    match sex {
        "male" | "female" | "other" => sex,
        _ => "unknown",
    }
}

fn stu3(name: &str) -> String {
    format!("https://fhir.nhs.uk/STU3/StructureDefinition/{name}")
}

fn gpc(resource: &str) -> String {
    stu3(&format!("CareConnect-GPC-{resource}-1"))
}
