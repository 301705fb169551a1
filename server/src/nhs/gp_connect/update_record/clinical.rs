//! What was found, supplied and said: observations, dispensed medicines, the complaint, words under PRSB headings.

use super::super::content::{COMPLAINT, Coded, Finding, Heading};
use super::super::message::Frame;
use super::super::supply::{self, Supply};
use super::super::vital_signs::{Measurement, Observation, Quantity};
use super::super::xml::{Coding, Fhir};
use super::document::{Writing, gpc};
use shared::time;
use uuid::Uuid;

impl Writing<'_> {
    /// The ids of everything that [`Self::clinical`] writes, in its order.
    pub fn clinical_ids(&self) -> Vec<Uuid> {
        let content = self.record.content;
        let numbered = |part: &'static str, count: usize| {
            (0..count).map(move |index| self.notice.id(&format!("{part} {index}")))
        };
        let mut ids: Vec<Uuid> = numbered("observation", content.measurements.len()).collect();
        ids.extend(numbered("finding", content.findings.len()));
        ids.extend(numbered("supply", content.supplies.len()));
        ids.extend(numbered("condition", content.complaints.len()));
        ids.extend(content.headings.iter().map(|(heading, _)| self.heading_id(*heading)));
        ids
    }

    pub fn clinical(&self, at: &mut Fhir, frame: &Frame<'_>) {
        let content = self.record.content;
        let id = |part: &str, index: usize| self.notice.id(&format!("{part} {index}"));
        for (index, measurement) in content.measurements.iter().enumerate() {
            let id = id("observation", index);
            frame.entry(at, id, "Observation", &gpc("Observation"), None, |at| {
                at.own_identifier(id);
                self.measured(at, *measurement);
            });
        }
        for (index, finding) in content.findings.iter().enumerate() {
            let (id, tag) = (id("finding", index), Some(finding.tag));
            frame.entry(at, id, "Observation", &gpc("Observation"), tag, |at| {
                at.own_identifier(id);
                self.found(at, finding);
            });
        }
        for (index, supply) in content.supplies.iter().enumerate() {
            let id = id("supply", index);
            frame.entry(at, id, "MedicationDispense", &gpc("MedicationDispense"), None, |at| {
                at.own_identifier(id);
                self.supplied(at, supply);
            });
        }
        for (index, complaint) in content.complaints.iter().enumerate() {
            let id = id("condition", index);
            frame.entry(at, id, "Condition", &gpc("Condition"), Some(COMPLAINT), |at| {
                at.own_identifier(id);
                self.complaint(at, complaint);
            });
        }
        for (heading, words) in &content.headings {
            let (id, tag) = (self.heading_id(*heading), Some(heading.coding()));
            frame.entry(at, id, "ClinicalImpression", &gpc("ClinicalImpression"), tag, |at| {
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

    fn measured(&self, at: &mut Fhir, measurement: Measurement) {
        let observation = measurement.observation();
        let code = match &observation {
            Observation::Single(single) => single.coding,
            Observation::Panel(code, ..) => *code,
        };
        self.observed(at, Some(("vital-signs", "Vital Signs")), code);
        match observation {
            Observation::Single(single) => quantity(at, &single),
            Observation::Panel(_, parts, arm) => {
                if let Some(arm) = arm {
                    at.concept("bodySite", arm.coding());
                }
                for part in parts {
                    at.element("component", |at| {
                        at.concept("code", part.coding);
                        quantity(at, &part);
                    });
                }
            }
        }
    }

    /// A finding that is its code, without a value.
    fn found(&self, at: &mut Fhir, finding: &Finding) {
        let Coded { code, display } = &finding.coded;
        let category = finding.social.then_some(("social-history", "Social History"));
        self.observed(at, category, Coding::snomed(code, display));
    }

    fn observed(&self, at: &mut Fhir, category: Option<(&str, &str)>, code: Coding<'_>) {
        at.value("status", "final");
        if let Some((code, display)) = category {
            let system = "http://terminology.hl7.org/CodeSystem/observation-category";
            at.concept("category", Coding { system, code, display });
        }
        at.concept("code", code);
        at.reference("subject", self.patient());
        at.reference("context", self.encounter());
        at.value("effectiveDateTime", &self.seen_on());
        at.value("issued", &time::stored(self.record.signed_at));
        at.reference("performer", self.practitioner());
    }

    fn supplied(&self, at: &mut Fhir, supply: &Supply) {
        // Only what was handed over is a line of its own; what was declined stands in words.
        at.value("status", "completed");
        at.concept(
            "category",
            Coding {
                system: "http://hl7.org/fhir/medication-dispense-category",
                code: "community",
                display: "Community",
            },
        );
        at.concept("medicationCodeableConcept", supply::product(supply));
        at.reference("subject", self.patient());
        at.reference("context", self.encounter());
        at.element("performer", |at| at.reference("actor", self.practitioner()));
        at.concept("type", supply::kind(supply));
        supply::amounts(at, supply, None);
        supply::handed_over(at, supply);
    }

    fn complaint(&self, at: &mut Fhir, complaint: &Coded) {
        at.value("clinicalStatus", "active");
        at.concept("code", Coding::snomed(&complaint.code, &complaint.display));
        at.reference("subject", self.patient());
        at.reference("context", self.encounter());
        at.value("assertedDate", &self.seen_on());
        at.reference("asserter", self.practitioner());
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
