//! The invented people of our own PDS: those of the demonstration, and one for everything that PDS can say of somebody.
//!
//! Numbers come from the range kept for tests (999), telephone numbers from the one kept for drama (07700 900000 to
//! 900999), postcodes begin with ZZ99, which stands for no place.

use serde_json::{Value, json};

/// What PDS may give out of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// Their number leads to another that took its place.
    Superseded(&'static str),
    Restricted,
    Invalidated,
    /// PDS knows the number and nothing else.
    Minimal,
}

/// One invented person.
#[derive(Debug, Clone)]
pub struct Person {
    pub number: &'static str,
    pub standing: Standing,
    pub title: &'static str,
    pub given: &'static str,
    pub family: &'static str,
    /// A family name they had before; empty for none.
    pub former: &'static str,
    pub sex: &'static str,
    /// A day, a month or a year.
    pub born: &'static str,
    pub address: &'static [&'static str],
    pub postcode: &'static str,
    /// Where they stay for now, before which the home stands back; empty for nowhere else.
    pub temporary: &'static [&'static str],
    pub phone: &'static str,
    pub email: &'static str,
    /// Empty for those without a practice.
    pub practice: &'static str,
    pub pharmacy: &'static str,
    /// Day, and code of the death notification: 1 informal, 2 formal.
    pub died: Option<(&'static str, &'static str)>,
    /// PDS removal reason exit code; empty for the registered.
    pub removed: &'static str,
    pub language: Option<(&'static str, &'static str)>,
    /// Codes of method and written format, and words on times.
    pub contact: Option<(&'static str, &'static str, &'static str)>,
}

const NOBODY: Person = Person {
    number: "",
    standing: Standing::Open,
    title: "",
    given: "",
    family: "",
    former: "",
    sex: "unknown",
    born: "",
    address: &["1 Nowhere Street", "Zettington"],
    postcode: "ZZ99 3VZ",
    temporary: &[],
    phone: "",
    email: "",
    practice: "A99999",
    pharmacy: "FA123",
    died: None,
    removed: "",
    language: None,
    contact: None,
};

/// Everybody. The first six are the people of the demonstration's referrals.
pub fn people() -> Vec<Person> {
    let mut people = vec![
        Person {
            number: "9990412073",
            title: "Mrs",
            given: "Wilhelmina",
            family: "Testerton",
            former: "Proofmore",
            sex: "female",
            born: "1944-05-11",
            address: &["Flat 3, Larch Court", "Zettington"],
            postcode: "ZZ99 3CZ",
            phone: "07700 900141",
            contact: Some(("3", "11", "Not before 10 in the morning")),
            ..NOBODY
        },
        // Has moved house and practice since NHS 111 last heard of it.
        Person {
            number: "9990523185",
            title: "Mr",
            given: "Obadiah",
            family: "Samplewick",
            sex: "male",
            born: "1968-09-23",
            address: &["3 Bobbin Yard", "Little Zedding"],
            postcode: "ZZ99 3WZ",
            phone: "07700 900259",
            email: "obadiah@samplewick.example",
            practice: "A82648",
            pharmacy: "FB456",
            ..NOBODY
        },
        Person {
            number: "9990634297",
            title: "Miss",
            given: "Clementine",
            family: "Fictional",
            sex: "female",
            born: "2021-02-14",
            address: &["8 Heron Close", "Little Zedding"],
            postcode: "ZZ99 3WZ",
            phone: "07700 900163",
            ..NOBODY
        },
        Person {
            number: "9990745315",
            title: "Mr",
            given: "Thaddeus",
            family: "Mockingham",
            sex: "male",
            born: "1959-06-30",
            address: &["The Old Forge, Mill Street", "Zettington"],
            postcode: "ZZ99 3CZ",
            phone: "07700 900174",
            ..NOBODY
        },
        Person {
            number: "9990856435",
            title: "Ms",
            given: "Euphemia",
            family: "Placeholder",
            sex: "female",
            born: "1937-01-19",
            address: &["2 Dovecote Row", "Zettington"],
            temporary: &["Room 12, Rookery Care Home", "Zettington"],
            phone: "07700 900185",
            contact: Some(("6", "", "")),
            ..NOBODY
        },
        Person {
            number: "9991110003",
            title: "Mx",
            given: "Peregrine",
            family: "Imaginary",
            sex: "male",
            born: "1991-08-08",
            address: &["45 Station Parade", "Zettington"],
            postcode: "ZZ99 3WZ",
            phone: "07700 900196",
            ..NOBODY
        },
    ];
    people.extend(cases());
    people
}

/// One person for everything that PDS can say of somebody.
fn cases() -> Vec<Person> {
    let case = |number, given, family, born| Person { number, given, family, born, ..NOBODY };
    let mut cases = vec![
        Person {
            standing: Standing::Restricted,
            sex: "female",
            ..case("9991110070", "Hesper", "Concealer", "1980-03-12")
        },
        Person {
            standing: Standing::Superseded("9991110216"),
            ..case("9991110143", "Ignatius", "Twicenumbered", "1977-11-02")
        },
        Person { sex: "male", ..case("9991110216", "Ignatius", "Twicenumbered", "1977-11-02") },
        Person {
            standing: Standing::Invalidated,
            ..case("9991110283", "Ottoline", "Withdrawn", "1966-06-06")
        },
        Person { standing: Standing::Minimal, ..case("9991110356", "", "", "") },
        Person {
            died: Some(("2026-10-22", "2")),
            sex: "male",
            ..case("9991110429", "Lazarus", "Departed", "1931-12-01")
        },
        Person {
            died: Some(("2026-11-20", "1")),
            sex: "male",
            ..case("9991110496", "Enoch", "Departed", "1938-04-17")
        },
        Person { practice: "", removed: "SCT", ..case("9991110569", "Morag", "Northward", "1990-01-05") },
        Person { practice: "", ..case("9991110631", "Silas", "Unregistered", "1985-07-19") },
        Person {
            language: Some(("pl", "Polish")),
            ..case("9991110704", "Zofia", "Wordwright", "1972-02-29")
        },
        Person { born: "1949", ..case("9991110771", "Agatha", "Vaguebirth", "1949") },
    ];
    // More than PDS gives out at once.
    let twins = (0..51)
        .map(|_| Person { sex: "female", ..case("9991110844", "Prudence", "Multitude", "2000-01-01") });
    cases.extend(twins);
    // Two whom only the person in front of you can tell apart.
    cases.extend([
        Person {
            sex: "male",
            postcode: "ZZ99 3CZ",
            ..case("9991110917", "Ambrose", "Pairwise", "1995-05-05")
        },
        Person {
            sex: "male",
            postcode: "ZZ99 3WZ",
            ..case("9991110984", "Anselm", "Pairwise", "1995-05-05")
        },
    ]);
    cases
}

impl Person {
    /// Whether a search may come upon them at all.
    pub fn is_findable(&self) -> bool {
        matches!(self.standing, Standing::Open | Standing::Restricted)
    }

    /// The record as `GET /Patient/{id}` gives it.
    pub fn record(&self) -> Value {
        let label =
            if self.standing == Standing::Restricted { ("R", "restricted") } else { ("U", "unrestricted") };
        let mut record = json!({
            "resourceType": "Patient",
            "id": self.number,
            "identifier": [{
                "system": "https://fhir.nhs.uk/Id/nhs-number",
                "value": self.number,
                "extension": [{
                    "url": uk_core("NHSNumberVerificationStatus"),
                    "valueCodeableConcept": concept("UKCore-NHSNumberVerificationStatus", "01", "Number present and verified"),
                }],
            }],
            "meta": {
                "versionId": "1",
                "security": [{
                    "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                    "code": label.0,
                    "display": label.1,
                }],
            },
        });
        if self.standing == Standing::Minimal {
            return record;
        }
        record["gender"] = json!(self.sex);
        record["birthDate"] = json!(self.born);
        record["name"] = self.names();
        let mut extensions = Vec::new();
        if let Some((day, notice)) = self.died {
            record["deceasedDateTime"] = json!(format!("{day}T00:00:00+00:00"));
            extensions.push(json!({
                "url": uk_core("DeathNotificationStatus"),
                "extension": [{
                    "url": "deathNotificationStatus",
                    "valueCodeableConcept": concept("UKCore-DeathNotificationStatus", notice, ""),
                }],
            }));
        }
        if self.standing != Standing::Restricted {
            self.whereabouts(&mut record, &mut extensions);
        }
        if !extensions.is_empty() {
            record["extension"] = json!(extensions);
        }
        record
    }

    /// The record as a search gives it: without former names, other addresses and every extension of the pharmacy and
    /// of contact.
    pub fn match_of_search(&self) -> Value {
        let mut record = self.record();
        if let Some(names) = record.get_mut("name").and_then(Value::as_array_mut) {
            names.retain(|name| name["use"] == "usual");
        }
        if let Some(addresses) = record.get_mut("address").and_then(Value::as_array_mut) {
            addresses.retain(|address| address["use"] == "home");
        }
        if let Some(extensions) = record.get_mut("extension").and_then(Value::as_array_mut) {
            extensions.retain(|extension| extension["url"] == uk_core("DeathNotificationStatus"));
        }
        record
    }

    fn names(&self) -> Value {
        let since = json!({ "start": "1990-01-01" });
        let mut usual = json!({ "id": "N1", "use": "usual", "period": since, "family": self.family });
        usual["given"] = json!(self.given.split_whitespace().collect::<Vec<_>>());
        if !self.title.is_empty() {
            usual["prefix"] = json!([self.title]);
        }
        let mut names = vec![usual];
        if !self.former.is_empty() {
            let period = json!({ "start": "1970-01-01", "end": "1989-12-31" });
            names.push(json!({ "id": "N2", "use": "maiden", "period": period, "given": [self.given], "family": self.former }));
        }
        json!(names)
    }

    fn whereabouts(&self, record: &mut Value, extensions: &mut Vec<Value>) {
        let since = json!({ "start": "2015-03-01" });
        let mut addresses = vec![json!({
            "id": "A1", "use": "home", "period": since, "line": self.address, "postalCode": self.postcode,
        })];
        if !self.temporary.is_empty() {
            let stay = json!({ "start": "2026-01-01" });
            addresses.push(json!({
                "id": "A2", "use": "temp", "period": stay, "line": self.temporary, "postalCode": self.postcode,
            }));
        }
        record["address"] = json!(addresses);
        let mut contacts = Vec::new();
        for (system, value) in [("phone", self.phone), ("email", self.email)] {
            if !value.is_empty() {
                let id = format!("T-{system}");
                contacts.push(
                    json!({ "id": id, "system": system, "use": "home", "value": value, "period": since }),
                );
            }
        }
        if !contacts.is_empty() {
            record["telecom"] = json!(contacts);
        }
        if !self.practice.is_empty() {
            let mut identifier = organisation(self.practice);
            identifier["period"] = since;
            record["generalPractitioner"] =
                json!([{ "id": "G1", "type": "Organization", "identifier": identifier }]);
        }
        if !self.pharmacy.is_empty() {
            let pharmacy = json!({ "identifier": organisation(self.pharmacy) });
            extensions.push(json!({ "url": uk_core("NominatedPharmacy"), "valueReference": pharmacy }));
        }
        if let Some((code, name)) = self.language {
            extensions.push(json!({ "url": uk_core("NHSCommunication"), "extension": [
                { "url": "language", "valueCodeableConcept": concept("UKCore-HumanLanguage", code, name) },
                { "url": "interpreterRequired", "valueBoolean": true },
            ]}));
        }
        if let Some((method, format, times)) = self.contact {
            let mut parts = Vec::new();
            for (url, system, code) in [
                ("PreferredContactMethod", "UKCore-PreferredContactMethod", method),
                ("PreferredWrittenCommunicationFormat", "UKCore-PreferredWrittenCommunicationFormat", format),
            ] {
                if !code.is_empty() {
                    parts.push(json!({ "url": url, "valueCodeableConcept": concept(system, code, "") }));
                }
            }
            if !times.is_empty() {
                parts.push(json!({ "url": "PreferredContactTimes", "valueString": times }));
            }
            extensions.push(json!({ "url": uk_core("ContactPreference"), "extension": parts }));
        }
        if !self.removed.is_empty() {
            let concept = concept("PDS-RemovalReasonExitCode", self.removed, "");
            extensions.push(json!({
                "url": "https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration",
                "extension": [
                    { "url": "removalFromRegistrationCode", "valueCodeableConcept": concept },
                    { "url": "effectiveTime", "valuePeriod": { "start": "2024-05-01T00:00:00+00:00" } },
                ],
            }));
        }
    }
}

fn uk_core(name: &str) -> String {
    format!("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-{name}")
}

fn concept(system: &str, code: &str, display: &str) -> Value {
    let system = format!("https://fhir.hl7.org.uk/CodeSystem/{system}");
    json!({ "coding": [{ "system": system, "version": "1.0.0", "code": code, "display": display }] })
}

fn organisation(code: &str) -> Value {
    json!({ "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": code })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::patient::{NhsNumber, Postcode};

    #[test]
    fn everybody_is_plainly_invented() {
        for person in people() {
            assert!(
                person.number.starts_with("999") && person.number.parse::<NhsNumber>().is_ok(),
                "{}",
                person.number
            );
            assert!(person.postcode.starts_with("ZZ99") && person.postcode.parse::<Postcode>().is_ok());
            assert!(person.phone.is_empty() || person.phone.starts_with("07700 900"));
            assert!(person.email.is_empty() || person.email.ends_with(".example"));
        }
    }
}
