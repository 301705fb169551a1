//! The words of BaRS: systems and codes that a receiver reads and a sender writes (BaRS Core, BaRS App 5).

/// Directory of Services ids, the addresses of BaRS.
pub const DOS_ID: &str = "https://fhir.nhs.uk/Id/dos-service-id";
pub const ODS_CODE: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
pub const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

pub const EVENTS: &str = "https://fhir.nhs.uk/CodeSystem/message-events-bars";
pub const REQUEST: &str = "servicerequest-request";
pub const RESPONSE: &str = "servicerequest-response";

pub const REASONS: &str = "https://fhir.nhs.uk/CodeSystem/message-reason-bars";
pub const CATEGORIES: &str = "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest";
pub const USE_CASES: &str = "https://fhir.nhs.uk/CodeSystem/usecases-categories-bars";
/// Primary Care to Community Pharmacy.
pub const TO_PHARMACY: &str = "a5t1";
/// The same, as older test packs still write it.
pub const TO_PHARMACY_BEFORE: &str = "referraltopharmacy";
pub const REJECTED: &str = "https://fhir.nhs.uk/CodeSystem/rejected-reasons-bars";
pub const FLAGS: &str = "https://fhir.nhs.uk/CodeSystem/flag-categories-bars";
pub const CONSENTS: &str = "https://fhir.nhs.uk/CodeSystem/consent-categories-bars";
pub const ACT_CODES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/// `MessageHeader.definition` of a new referral, of one taken back, and of what becomes of one.
pub const REFERRAL: &str =
    "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-referral";
pub const CANCELLED: &str =
    "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-request-cancelled";
pub const RESPONSE_REFERRAL: &str =
    "https://fhir.nhs.uk/MessageDefinition/bars-message-servicerequest-response-referral";

pub const CONTACT_RANK: &str = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ContactRank";
pub const CDSS: &str = "https://fhir.nhs.uk/StructureDefinition/CDSSExtension";

/// The id behind `https://fhir.nhs.uk/Id/dos-service-id|2000099999`. Senders write `http` and `/id/` too. `None` where
/// the text is no such address.
pub fn dos_id(endpoint: &str) -> Option<&str> {
    let (system, id) = endpoint.rsplit_once('|')?;
    (is(system, DOS_ID) && !id.trim().is_empty()).then(|| id.trim())
}

/// Whether a system is this one, however its sender spells it.
pub fn is(given: &str, known: &str) -> bool {
    let bare = |text: &str| {
        let lower = text.trim().to_ascii_lowercase();
        let lower =
            lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).map(str::to_owned);
        lower.unwrap_or_default()
    };
    bare(given) == bare(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_however_it_is_spelt() {
        for spelt in [
            "https://fhir.nhs.uk/Id/dos-service-id|2000099999",
            "http://fhir.nhs.uk/id/dos-service-id|2000099999",
        ] {
            assert_eq!(dos_id(spelt), Some("2000099999"));
        }
        for other in
            ["2000099999", "https://fhir.nhs.uk/Id/dos-service-id|", "https://fhir.nhs.uk/Id/x|1", ""]
        {
            assert_eq!(dos_id(other), None, "{other}");
        }
    }
}
