//! What ODS sends, as narrow as it is used, and what is made of it.

use crate::nhs::fhir::{Address, Bundle, Coding, ContactPoint, Extension, Identifier, OperationOutcome};
use crate::store::Organisation as Known;
use serde::Deserialize;
use shared::api::OrganisationKind;
use shared::ids::OdsCode;
use shared::time::Millis;

/// Longer than any name or line in ODS.
const LONGEST: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(tag = "resourceType")]
pub(super) enum Resource {
    Organization(Box<Organization>),
    Bundle(Bundle<Resource>),
    Parameters(Parameters),
    OperationOutcome(OperationOutcome),
    #[serde(other)]
    Other,
}

/// Whether a HAPI server, which has words and no code of ODS, says that it does not know an id.
pub(super) fn says_unknown(outcome: &OperationOutcome) -> bool {
    outcome.issue.iter().any(|issue| issue.diagnostics.starts_with("HAPI-2001") || issue.code == "not-found")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Organization {
    pub id: String,
    pub identifier: Vec<Identifier>,
    pub active: Option<bool>,
    pub name: String,
    pub telecom: Vec<ContactPoint>,
    pub address: Vec<Address>,
    pub extension: Vec<Extension>,
}

/// The answer of `CodeSystem/$lookup`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameters {
    pub parameter: Vec<Parameter>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Parameter {
    pub name: String,
    pub value_code: String,
    pub value_string: String,
    pub value_coding: Coding,
    pub part: Vec<Parameter>,
}

impl Parameters {
    /// The ODS code in the property `successor`, or nothing.
    pub(super) fn successor(&self) -> String {
        let properties = self.parameter.iter().filter(|parameter| parameter.name == "property");
        let part = |property: &Parameter, name: &str| {
            let part = property.part.iter().find(|part| part.name == name)?;
            let values = [&part.value_code, &part.value_string, &part.value_coding.code];
            values.into_iter().find(|value| !value.is_empty()).cloned()
        };
        properties
            .filter(|property| {
                part(property, "code").is_some_and(|code| code.eq_ignore_ascii_case("successor"))
            })
            .find_map(|property| part(property, "value")?.parse::<OdsCode>().ok())
            .map(|code| code.to_string())
            .unwrap_or_default()
    }
}

impl Organization {
    /// In our words; `None` for one without a proper ODS code.
    pub(super) fn known(&self, at: Millis) -> Option<Known> {
        let named =
            self.identifier.iter().find(|id| id.system == "https://fhir.nhs.uk/Id/ods-organization-code");
        let ods = named.map_or(&self.id, |named| &named.value).parse().ok()?;
        let address = self.address.first();
        let lines = address.map(|address| {
            let lines = address.line.iter().chain([&address.city, &address.district]);
            lines.map(|line| words(line)).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
        });
        let phone = self.telecom.iter().find(|contact| contact.system == "phone");
        Some(Known {
            ods,
            name: words(&self.name),
            kind: self.kind(),
            active: self.active.unwrap_or(true),
            successor: String::new(),
            address: lines.unwrap_or_default(),
            postcode: address.map(|address| words(&address.postal_code).to_uppercase()).unwrap_or_default(),
            phone: phone.map(|phone| words(&phone.value)).unwrap_or_default(),
            fetched_at: at,
        })
    }

    /// By its roles: those it has now, or had where it is closed.
    fn kind(&self) -> OrganisationKind {
        let closed = self.active == Some(false);
        let role = |role: &Extension| {
            let part = |name: &str| role.extension.iter().find(|part| part.url == name);
            let counts = closed || part("active").and_then(|active| active.value_boolean) != Some(false);
            let code = part("roleCode")?.value_codeable_concept.code().to_owned();
            counts.then_some(code)
        };
        let roles: Vec<String> = self
            .extension
            .iter()
            .filter(|extension| extension.url.ends_with("/Extension-England-OrganisationRole"))
            .filter_map(role)
            .collect();
        let has = |code: &str| roles.iter().any(|role| role == code);
        if has("RO182") {
            OrganisationKind::Pharmacy
        } else if has("RO76") || has("RO177") {
            OrganisationKind::Practice
        } else {
            OrganisationKind::Other
        }
    }
}

/// Words on one line.
fn words(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    line.trim().to_owned()
}
