//! What dos-search sends about an organisation, as narrow as it is used.

use crate::nhs::fhir::Element;
use crate::nhs::services::{ServicesError, words};
use shared::ids::OdsCode;

const EXTENSIONS: &str = "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-";
const CODES: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// An organisation of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub ods: OdsCode,
    pub name: String,
    pub phone: String,
    /// Those in use, in the directory's order.
    pub endpoints: Vec<Endpoint>,
}

/// One way in which it takes messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// 1 is tried first; 0 where the directory says nothing.
    pub order: u32,
    /// `primary-recipient`, `copy-recipient`.
    pub scenario: String,
    /// `email`, `itk`, `telno`, `http`.
    pub connection: String,
    /// `application/pdf`, …
    pub content_types: Vec<String>,
    /// Where to; what it is depends on the connection.
    pub address: String,
}

impl Organisation {
    /// The e-mail address of the first endpoint that takes a PDF by e-mail as the one it is meant for. That this is the
    /// mailbox for confidential messages is an inference and no rule of the API: somebody there has to confirm it.
    pub fn proposed_email(&self) -> Option<&str> {
        let fits = |endpoint: &&Endpoint| {
            endpoint.connection == "email"
                && endpoint.scenario == "primary-recipient"
                && endpoint.content_types.iter().any(|kind| kind == "application/pdf")
        };
        self.endpoints.iter().find(fits).map(|endpoint| endpoint.address.as_str())
    }
}

/// Why an answer counts for nothing.
#[derive(Debug, thiserror::Error)]
enum Odd {
    #[error("another kind of answer than was asked for")]
    Kind,
    #[error("another organisation than was asked for")]
    Another,
}

/// Reads the answer about one code; `None` where the directory knows no such organisation.
pub(super) fn read(bytes: &[u8], asked: &OdsCode) -> Result<Option<Organisation>, ServicesError> {
    let bundle = Element::from_json(bytes).map_err(ServicesError::unreadable)?;
    if bundle.kind != "Bundle" {
        return Err(ServicesError::unreadable(Odd::Kind));
    }
    let resources: Vec<&Element> = bundle.children("entry").filter_map(Element::resource).collect();
    let Some(found) = resources.iter().find(|resource| resource.kind == "Organization") else {
        return Ok(None);
    };
    let code = found.children("identifier").find(|id| id.text("system") == CODES).map(|id| id.text("value"));
    if code.and_then(|code| code.parse::<OdsCode>().ok()).as_ref() != Some(asked) {
        return Err(ServicesError::unreadable(Odd::Another));
    }
    let id = found.text("id");
    let of_it = |endpoint: &&&Element| {
        let managed_by = endpoint.text("managingOrganization.reference");
        managed_by.is_empty() || managed_by.rsplit('/').next() == Some(id)
    };
    let mut endpoints: Vec<Endpoint> = resources
        .iter()
        .filter(|resource| resource.kind == "Endpoint" && resource.text("status") == "active")
        .filter(of_it)
        .map(|resource| endpoint(resource))
        .filter(|endpoint| !endpoint.address.is_empty())
        .collect();
    endpoints.sort_by_key(|endpoint| (endpoint.order == 0, endpoint.order));
    let phone = found.children("telecom").find(|contact| contact.text("system") == "phone");
    Ok(Some(Organisation {
        ods: asked.clone(),
        name: words(found.text("name")),
        phone: phone.map(|phone| words(phone.text("value"))).unwrap_or_default(),
        endpoints,
    }))
}

fn endpoint(resource: &Element) -> Endpoint {
    let extension = |name: &str| resource.extension(&format!("{EXTENSIONS}{name}"));
    let order = extension("OrganizationEndpointOrder").map(|order| order.text("valueInteger"));
    let scenario = extension("EndpointBusinessScenario").map(|scenario| scenario.text("valueCode"));
    let kinds = resource.children("payloadMimeType");
    Endpoint {
        order: order.and_then(|order| order.parse().ok()).unwrap_or_default(),
        scenario: words(scenario.unwrap_or_default()),
        connection: words(resource.text("connectionType.code")),
        content_types: kinds.map(|kind| words(&kind.value)).collect(),
        address: words(resource.text("address")),
    }
}

/// For fuzzing: whatever comes is read or refused.
pub fn fuzzed(bytes: &[u8]) {
    if let Ok(asked) = "FA123".parse()
        && let Ok(Some(found)) = read(bytes, &asked)
    {
        let _ = found.proposed_email();
    }
}
