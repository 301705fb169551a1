//! Lines of the audit log as people read them: names and labels, each looked up once.

use super::in_words;
use crate::store::{Store, StoreError, StoredAudit};
use shared::api::AuditLine;
use shared::ids::{DeviceId, PersonId};
use shared::time::stored;
use std::collections::BTreeMap;

/// Done to a person, whose id the subject begins with.
const TO_PEOPLE: [&str; 9] = [
    "access-set",
    "authorisation-filed",
    "authorisation-withdrawn",
    "certificate-read",
    "evidence-filed",
    "evidence-withdrawn",
    "gphc-checked",
    "joined",
    "person-removed",
];

/// Makes stored lines readable.
#[derive(Default)]
pub struct Readable {
    names: BTreeMap<PersonId, String>,
    labels: BTreeMap<DeviceId, String>,
}

impl Readable {
    /// One line, with names as they are now.
    pub async fn line(&mut self, store: &dyn Store, line: &StoredAudit) -> Result<AuditLine, StoreError> {
        let entry = &line.entry;
        let name = match &entry.person {
            Some(person) => self.name(store, person).await?,
            None if entry.action == "sign-in-refused" => "Not known".to_owned(),
            None => "Server".to_owned(),
        };
        let device_label = match &entry.device {
            Some(device) => self.label(store, device).await?,
            None => String::new(),
        };
        Ok(AuditLine {
            place: line.place,
            at: stored(entry.at),
            done_at: entry.done_at.map(stored).unwrap_or_default(),
            person: entry.person,
            name,
            device: entry.device,
            device_label,
            action: entry.action.clone(),
            words: in_words(&entry.action),
            subject: entry.subject.clone(),
            about: self.about(store, &entry.action, &entry.subject).await?,
            why: entry.why.clone(),
        })
    }

    async fn about(&mut self, store: &dyn Store, action: &str, subject: &str) -> Result<String, StoreError> {
        let whom = subject.split(' ').next().unwrap_or_default();
        match (whom.parse::<PersonId>(), whom.parse::<DeviceId>()) {
            (Ok(person), _) if TO_PEOPLE.contains(&action) => self.name(store, &person).await,
            (_, Ok(device)) if action.starts_with("device-") => self.label(store, &device).await,
            _ => Ok(String::new()),
        }
    }

    async fn name(&mut self, store: &dyn Store, person: &PersonId) -> Result<String, StoreError> {
        if let Some(name) = self.names.get(person) {
            return Ok(name.clone());
        }
        let name = store.person(person).await?.map(|person| person.name).unwrap_or_default();
        self.names.insert(*person, name.clone());
        Ok(name)
    }

    async fn label(&mut self, store: &dyn Store, device: &DeviceId) -> Result<String, StoreError> {
        if let Some(label) = self.labels.get(device) {
            return Ok(label.clone());
        }
        let label = store.device(device).await?.map(|device| device.label).unwrap_or_default();
        self.labels.insert(*device, label.clone());
        Ok(label)
    }
}
