//! The document inside: the composition, the visit and the people, then what `clinical` adds, in the published order.

use super::super::addressing::Identified;
use super::super::ids::Notice;
use super::super::message::{Frame, stu3};
use super::super::people;
use super::super::xml::{Coding, Fhir, urn};
use super::{SERVICE, UpdateRecord};
use shared::time;
use uuid::Uuid;

/// The only encounter type that Update Record names; where the patient was seen stands in the summary's words.
const ENCOUNTER: Coding<'static> = Coding::snomed("307778003", "Seen in primary care establishment");

/// One message being written.
pub(super) struct Writing<'a> {
    pub record: &'a UpdateRecord<'a>,
    pub who: &'a Identified<'a>,
    pub notice: Notice,
}

impl Writing<'_> {
    pub fn message(&self) -> Vec<u8> {
        let sender_reference = urn(self.encounter());
        let frame = Frame {
            notice: self.notice,
            event: ("ITK014M", "ITK Update Record"),
            for_action: false,
            definition: "https://fhir.nhs.uk/MessageDefinition",
            sender_reference: &sender_reference,
            local_extension: "None",
            ods: self.record.pharmacy.ods,
            mailbox: self.record.pharmacy.mailbox,
            at: self.record.signed_at,
            receiver: None,
        };
        frame.write(|at| self.document(at, &frame))
    }

    /// Resources in the order of NHS England's example; every one is also listed in the composition.
    fn document(&self, at: &mut Fhir, frame: &Frame<'_>) {
        let mut listed = vec![
            self.encounter(),
            self.organization(),
            self.practitioner(),
            self.notice.id("practitioner-role"),
            self.patient(),
        ];
        listed.extend(self.clinical_ids());
        let composition = self.notice.id("composition");
        at.element("entry", |at| {
            at.value("fullUrl", &urn(composition));
            at.element("resource", |at| {
                at.element("Composition", |at| self.composition(at, composition, &listed));
            });
        });
        frame.entry(at, self.encounter(), "Encounter", &gpc("Encounter"), None, |at| self.seen(at));
        frame.entry(at, self.organization(), "Organization", &gpc("Organization"), None, |at| {
            people::pharmacy(at, &self.record.pharmacy);
        });
        frame.entry(at, self.practitioner(), "Practitioner", &gpc("Practitioner"), None, |at| {
            people::pharmacist(at, &self.record.pharmacist);
        });
        let role = self.notice.id("practitioner-role");
        frame.entry(at, role, "PractitionerRole", &gpc("PractitionerRole"), None, |at| {
            people::role(at, self.practitioner(), self.organization());
        });
        frame.entry(at, self.patient(), "Patient", &gpc("Patient"), None, |at| {
            let verification = (
                stu3("Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"),
                "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
            );
            people::patient(at, self.record.patient, self.who, (&verification.0, verification.1), |_| {});
        });
        self.clinical(at, frame);
    }

    fn composition(&self, at: &mut Fhir, id: Uuid, listed: &[Uuid]) {
        at.value("id", &id.to_string());
        at.element("meta", |at| {
            at.value("versionId", &(self.record.amendment + 1).to_string());
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

    pub fn seen_on(&self) -> String {
        time::day(self.record.seen_at).to_string()
    }

    pub fn encounter(&self) -> Uuid {
        self.record.consultation
    }

    fn organization(&self) -> Uuid {
        self.notice.id("organization")
    }

    pub fn practitioner(&self) -> Uuid {
        self.notice.id("practitioner")
    }

    pub fn patient(&self) -> Uuid {
        self.notice.id("patient")
    }
}

pub(super) fn gpc(resource: &str) -> String {
    stu3(&format!("CareConnect-GPC-{resource}-1"))
}
