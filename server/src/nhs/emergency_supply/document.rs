//! Writes the message: its frame, the composition with its sections, and the resources that they point at.

use super::super::gp_connect::{
    Coding, Fhir, Frame, Identified, Notice, Supply, hl7_uk, message, people, stu3, supply, urn,
};
use super::EmergencySupply;
use super::sections::{Entries, sections};
use shared::time;
use uuid::Uuid;

/// Ids as this message writes them.
const UUID_SYSTEM: &str = "https://tools.ietf.org/html/rfc4122";
const TYPE: Coding<'static> =
    Coding::snomed("1218611000000102", "Urgent supply of prescription items by community pharmacy");

/// One message being written.
pub(super) struct Writing<'a> {
    pub record: &'a EmergencySupply<'a>,
    pub who: &'a Identified<'a>,
    pub notice: Notice,
}

impl Writing<'_> {
    pub fn message(&self) -> Vec<u8> {
        let record = self.record;
        let sender_reference = urn(record.consultation);
        let frame = Frame {
            notice: self.notice,
            event: ("ITK010D", "ITK Digital Medicine Emergency Supply Document"),
            for_action: true,
            definition: "https://fhir.nhs.uk/STU3/MessageDefinition/ITK-DM-EmergencySupply-MessageDefinition-1",
            sender_reference: &sender_reference,
            local_extension: "None",
            ods: record.pharmacy.ods,
            mailbox: record.pharmacy.mailbox,
            at: record.signed_at,
            receiver: Some((&record.patient.gp_ods, self.id("header-receiver"))),
        };
        frame.write(|at| self.document(at, &frame))
    }

    fn id(&self, part: &str) -> Uuid {
        self.notice.id(part)
    }

    fn document(&self, at: &mut Fhir, frame: &Frame<'_>) {
        let record = self.record;
        let profile = stu3("CareConnect-ITK-DM-EmergencySupply-Composition-1");
        frame.entry(at, self.id("composition"), "Composition", &profile, None, |at| self.composition(at));
        let profile = stu3("CareConnect-ITK-Encounter-1");
        frame.entry(at, record.consultation, "Encounter", &profile, None, |at| self.encounter(at));
        let profile = hl7_uk("CareConnect-Organization-1");
        frame.entry(at, self.id("organization"), "Organization", &profile, None, |at| {
            people::pharmacy(at, &record.pharmacy);
        });
        frame.entry(at, self.id("practice"), "Organization", &profile, None, |at| {
            at.identifier(message::ODS, &record.patient.gp_ods);
            at.value("name", &record.patient.gp_name);
        });
        frame.entry(at, self.id("patient"), "Patient", &hl7_uk("CareConnect-Patient-1"), None, |at| {
            let verification = (
                hl7_uk("Extension-CareConnect-NHSNumberVerificationStatus-1"),
                "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
            );
            people::patient(at, record.patient, self.who, (&verification.0, verification.1), |at| {
                at.reference("managingOrganization", self.id("practice"));
            });
        });
        let profile = hl7_uk("CareConnect-Practitioner-1");
        frame.entry(at, self.id("practitioner"), "Practitioner", &profile, None, |at| {
            people::pharmacist(at, &record.pharmacist);
        });
        let profile = stu3("CareConnect-ITK-MedicationDispense-List-1");
        frame.entry(at, self.id("medicines"), "List", &profile, None, |at| self.list(at));
        for (index, supply) in record.supplies.iter().enumerate() {
            let profile = stu3("CareConnect-ITK-MedicationDispense-1");
            frame.entry(at, self.supply(index), "MedicationDispense", &profile, None, |at| {
                self.supplied(at, index, supply);
            });
        }
        for (index, supply) in record.supplies.iter().enumerate() {
            let profile = stu3("CareConnect-ITK-Medication-1");
            frame.entry(at, self.product(index), "Medication", &profile, None, |at| {
                at.element("code", |at| at.coding(Coding::snomed(&supply.product, &supply.name)));
                at.value("status", "active");
            });
        }
    }

    fn composition(&self, at: &mut Fhir) {
        let record = self.record;
        at.extension(&stu3("Extension-CareSettingType-1"), |at| {
            at.element("valueCodeableConcept", |at| {
                at.coding(Coding::snomed("310080006", "Pharmacy service"));
            });
        });
        at.identifier(UUID_SYSTEM, &self.id("composition").to_string());
        at.value("status", "final");
        at.concept("type", TYPE);
        at.reference("subject", self.id("patient"));
        at.reference("encounter", record.consultation);
        at.value("date", &self.seen_on());
        at.reference("author", self.id("practitioner"));
        at.value("title", &format!("{} Emergency Medication Supply Record", record.pharmacy.name));
        at.reference("custodian", self.id("organization"));
        if let Some(earlier) = record.replaces {
            let replaced = Notice { amendment: earlier, ..self.notice }.id("composition");
            at.element("relatesTo", |at| {
                at.value("code", "replaces");
                at.element("targetIdentifier", |at| {
                    at.value("system", UUID_SYSTEM);
                    at.value("value", &replaced.to_string());
                });
            });
        }
        let entries = Entries {
            encounter: record.consultation,
            practice: self.id("practice"),
            patient: self.id("patient"),
            medicines: self.id("medicines"),
        };
        for section in sections(record, &entries) {
            section.write(at);
        }
    }

    fn encounter(&self, at: &mut Fhir) {
        at.value("status", "finished");
        at.reference("subject", self.id("patient"));
        at.element("participant", |at| {
            at.element("type", |at| {
                at.coding(Coding {
                    system: "http://hl7.org/fhir/v3/ParticipationType",
                    code: "PPRF",
                    display: "primary performer",
                });
            });
            at.reference("individual", self.id("practitioner"));
        });
        at.element("period", |at| at.value("start", &time::stored(self.record.seen_at)));
        at.reference("serviceProvider", self.id("organization"));
    }

    fn list(&self, at: &mut Fhir) {
        at.identifier(UUID_SYSTEM, &self.id("medicines").to_string());
        at.value("status", "current");
        at.value("mode", "snapshot");
        at.element("code", |at| at.coding(Coding::snomed("163541000000107", "Dispensed Medication")));
        at.reference("subject", self.id("patient"));
        at.reference("encounter", self.record.consultation);
        at.value("date", &self.seen_on());
        for index in 0..self.record.supplies.len() {
            at.element("entry", |at| at.reference("item", self.supply(index)));
        }
    }

    fn supplied(&self, at: &mut Fhir, index: usize, line: &Supply) {
        at.value("status", "completed");
        at.reference("medicationReference", self.product(index));
        at.reference("subject", self.id("patient"));
        at.reference("context", self.record.consultation);
        at.element("performer", |at| {
            at.reference("actor", self.id("practitioner"));
            at.reference("onBehalfOf", self.id("organization"));
        });
        at.element("type", |at| at.coding(supply::kind(line)));
        supply::amounts(at, line, Some(&hl7_uk("Extension-CareConnect-MedicationQuantityText-1")));
        supply::handed_over(at, line);
    }

    fn supply(&self, index: usize) -> Uuid {
        self.id(&format!("supply {index}"))
    }

    fn product(&self, index: usize) -> Uuid {
        self.id(&format!("product {index}"))
    }

    fn seen_on(&self) -> String {
        time::day(self.record.seen_at).to_string()
    }
}
