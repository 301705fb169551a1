//! Writes the message: its frame, the composition, the PDF, and who wrote it about whom.

use super::super::gp_connect::{Coding, Fhir, Frame, Identified, Notice, hl7_uk, people, stu3, urn};
use super::SendDocument;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::time;
use uuid::Uuid;

/// Which use of Send Document this is. The specification's word; its example has `SendDocument-ConsultationSummary`.
const USE_CASE: &str = "SendDocument-ConsultationReport";
const TITLE: &str = "Consultation report";

/// One message being written.
pub(super) struct Writing<'a> {
    pub record: &'a SendDocument<'a>,
    pub who: &'a Identified<'a>,
    pub notice: Notice,
    /// What the document is, in one sentence.
    pub about: &'a str,
}

impl Writing<'_> {
    pub fn message(&self) -> Vec<u8> {
        let record = self.record;
        let sender_reference = record.consultation.to_string();
        let frame = Frame {
            notice: self.notice,
            event: ("ITK007C", "ITK GP Connect Send Document"),
            for_action: true,
            definition: "https://fhir.nhs.uk/STU3/MessageDefinition/ITK-GPConnectSendDocument-MessageDefinition-1",
            sender_reference: &sender_reference,
            local_extension: USE_CASE,
            ods: record.pharmacy.ods,
            mailbox: record.pharmacy.mailbox,
            at: record.signed_at,
            receiver: None,
        };
        frame.write(|at| self.document(at, &frame))
    }

    fn id(&self, part: &str) -> Uuid {
        self.notice.id(part)
    }

    fn document(&self, at: &mut Fhir, frame: &Frame<'_>) {
        let record = self.record;
        let profile = hl7_uk("CareConnect-Composition-1");
        frame.entry(at, self.id("composition"), "Composition", &profile, None, |at| self.composition(at));
        let profile = stu3("ITK-Attachment-Binary-1");
        frame.entry(at, self.id("attachment"), "Binary", &profile, None, |at| {
            at.value("contentType", "application/pdf");
            at.value("content", &STANDARD.encode(record.pdf));
        });
        let profile = hl7_uk("CareConnect-Practitioner-1");
        frame.entry(at, self.id("practitioner"), "Practitioner", &profile, None, |at| {
            people::pharmacist(at, &record.pharmacist);
        });
        let profile = hl7_uk("CareConnect-Organization-1");
        frame.entry(at, self.id("organization"), "Organization", &profile, None, |at| {
            people::pharmacy(at, &record.pharmacy);
        });
        frame.entry(at, self.id("patient"), "Patient", &hl7_uk("CareConnect-Patient-1"), None, |at| {
            let verification = (
                hl7_uk("Extension-CareConnect-NHSNumberVerificationStatus-1"),
                "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1",
            );
            people::patient(at, record.patient, self.who, (&verification.0, verification.1), |_| {});
        });
    }

    fn composition(&self, at: &mut Fhir) {
        at.element("text", |at| {
            at.value("status", "generated");
            at.division(|at| at.element("p", |at| at.words(self.about)));
        });
        at.own_identifier(self.id("composition"));
        at.value("status", "final");
        at.element("type", |at| at.coding(Coding::snomed("371531000", "Report of clinical encounter")));
        at.reference("subject", self.id("patient"));
        at.value("date", &time::stored(self.record.signed_at));
        at.reference("author", self.id("practitioner"));
        at.value("title", TITLE);
        // Normal: what is confidential to the patient is not in the summary, whoever asks (practice 10).
        at.value("confidentiality", "N");
        at.reference("custodian", self.id("organization"));
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
            at.value("title", TITLE);
            at.reference("entry", self.id("attachment"));
        });
    }
}
