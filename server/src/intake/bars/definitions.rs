//! What this receiver says of itself: its capabilities, and the messages it takes (BaRS Core, metadata, MessageDefinition).

use super::{Outcome, Refusal};
use crate::nhs::bars::codes::{
    CANCELLED, DOS_ID, EVENTS, REFERRAL, REQUEST, TO_PHARMACY, TO_PHARMACY_BEFORE, USE_CASES, dos_id,
};
use crate::nhs::fhir::Element;
use uuid::Uuid;

/// The day on which what is said here was last changed.
const CHANGED: &str = "2026-11-23";
/// The version of Application 5 that is served.
const APPLICATION: &str = "1.2.0";

/// The `CapabilityStatement`; `origin` is where this server is found.
pub fn capabilities(origin: &str) -> Element {
    let base = format!("{origin}/bars/FHIR/R4");
    let interaction = |code: &str| Element::default().with("code", code);
    let search = |name: &str, kind: &str| Element::default().with("name", name).with("type", kind);
    let referrals = Element::default()
        .with("type", "ServiceRequest")
        .with("interaction", interaction("read"))
        .with("interaction", interaction("search-type"))
        .with("versioning", "no-version")
        .with("searchParam", search("patient:identifier", "token"))
        .with("searchParam", search("patient:name", "string"))
        .with("searchParam", search("patient:birthdate", "date"))
        .with("searchParam", search("patient:address-postalcode", "string"));
    let definitions = Element::default()
        .with("type", "MessageDefinition")
        .with("interaction", interaction("search-type"))
        .with("searchParam", search("context", "token"));
    let process = Element::default()
        .with("name", "process-message")
        .with("definition", "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message");
    let rest = Element::default()
        .with("mode", "server")
        .with("resource", referrals)
        .with("resource", definitions)
        .with("operation", process);
    let supported =
        |definition: &str| Element::default().with("mode", "receiver").with("definition", definition);
    let http = Element::coding("http://terminology.hl7.org/CodeSystem/message-transport", "http", "");
    let messaging = Element::default()
        .with("endpoint", Element::default().with("protocol", http).with("address", base.as_str()))
        .with("supportedMessage", supported(REFERRAL))
        .with("supportedMessage", supported(CANCELLED));
    let version = env!("CARGO_PKG_VERSION");
    Element::resource_of("CapabilityStatement")
        .with("id", "satchel-bars-receiver")
        .with("url", format!("{base}/metadata"))
        .with("version", version)
        .with("name", "SatchelBarsReceiver")
        .with("title", "Satchel: referrals into community pharmacy by BaRS")
        .with("status", "active")
        .with("experimental", "false")
        .with("date", CHANGED)
        .with("kind", "instance")
        .with("software", Element::default().with("name", "Satchel").with("version", version))
        .with("implementation", Element::default().with("description", "BaRS receiver").with("url", base))
        .with("fhirVersion", "4.0.1")
        .with("format", "xml")
        .with("format", "json")
        .with("rest", rest)
        .with("messaging", messaging)
}

/// The id that `context=https://fhir.nhs.uk/Id/dos-service-id|…` asks about.
pub fn context(given: Option<&str>) -> Result<&str, Refusal> {
    let given = given.filter(|text| !text.trim().is_empty());
    let given = given.ok_or_else(|| Refusal::new(Outcome::Required, "The parameter context is missing."))?;
    let id = dos_id(given).filter(|id| id.bytes().all(|b| b.is_ascii_alphanumeric()));
    id.ok_or_else(|| {
        Refusal::new(Outcome::Invalid, format!("The parameter context must be {DOS_ID}| and an id."))
    })
}

/// The messages that the service with that id takes.
pub fn message_definitions(origin: &str, id: &str) -> Element {
    let link = format!("{origin}/bars/FHIR/R4/MessageDefinition?context={DOS_ID}|{id}");
    let bundle = Element::resource_of("Bundle")
        .with("id", Uuid::new_v4().to_string())
        .with("type", "searchset")
        .with("total", "2")
        .with("link", Element::default().with("relation", "self").with("url", link));
    let definitions = [
        definition(REFERRAL, "ServiceRequest - Request - Referral", id, &FOR_NEW),
        definition(CANCELLED, "ServiceRequest - Request - Cancelled", id, &FOR_CANCELLED),
    ];
    definitions.into_iter().fold(bundle, |bundle, definition| {
        let url = format!("{origin}/bars/FHIR/R4/MessageDefinition/{}", definition.text("id"));
        bundle.with("entry", Element::default().with("fullUrl", url).with("resource", definition))
    })
}

const BARS: &str = "https://fhir.nhs.uk/StructureDefinition/";
const UK_CORE: &str = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-";

/// Resource, profile, and how often it may stand in the message.
type Focus = (&'static str, &'static str, u8, &'static str);

const FOR_CANCELLED: [Focus; 5] = [
    ("Bundle", "BARSBundleMessage", 1, "1"),
    ("MessageHeader", "BARSMessageHeader-servicerequest-request", 1, "1"),
    ("ServiceRequest", "BARSServiceRequest-request-referral", 1, "1"),
    ("Patient", "", 1, "1"),
    ("Organization", "", 2, "*"),
];

const FOR_NEW: [Focus; 20] = [
    ("Bundle", "BARSBundleMessage", 1, "1"),
    ("MessageHeader", "BARSMessageHeader-servicerequest-request", 1, "1"),
    ("ServiceRequest", "BARSServiceRequest-request-referral", 1, "1"),
    ("Patient", "", 1, "1"),
    ("Encounter", "", 1, "1"),
    ("CarePlan", "", 1, "1"),
    ("HealthcareService", "", 1, "1"),
    ("Organization", "", 2, "*"),
    ("Practitioner", "", 1, "*"),
    ("PractitionerRole", "", 1, "*"),
    ("Consent", "", 1, "*"),
    ("Condition", "", 0, "*"),
    ("Task", "", 0, "*"),
    ("Flag", "", 0, "*"),
    ("Observation", "", 0, "*"),
    ("AllergyIntolerance", "", 0, "*"),
    ("MedicationStatement", "", 0, "*"),
    ("Questionnaire", "", 0, "*"),
    ("QuestionnaireResponse", "", 0, "*"),
    ("Communication", "", 0, "*"),
];

fn definition(url: &str, name: &str, dos_service: &str, focuses: &[Focus]) -> Element {
    let workflow =
        Element::coding("http://terminology.hl7.org/CodeSystem/usage-context-type", "workflow", "");
    let context = |system: &str, code: &str, display: &str| {
        let concept = Element::concept(system, code, display);
        Element::default().with("code", workflow.clone()).with("valueCodeableConcept", concept)
    };
    let definition = Element::resource_of("MessageDefinition")
        .with("id", url.rsplit('/').next().unwrap_or_default())
        .with("url", url)
        .with("version", APPLICATION)
        .with("name", name.replace([' ', '-'], ""))
        .with("title", format!("BaRS {name}"))
        .with("status", "active")
        .with("date", CHANGED)
        .with("useContext", context(DOS_ID, dos_service, ""))
        .with("useContext", context(USE_CASES, TO_PHARMACY, "Primary Care to Community Pharmacy"))
        .with("useContext", context(USE_CASES, TO_PHARMACY_BEFORE, "Referral to Pharmacy - Deprecated"))
        .with("eventCoding", Element::coding(EVENTS, REQUEST, ""));
    focuses.iter().fold(definition, |definition, (code, profile, least, most)| {
        let profile =
            if profile.is_empty() { format!("{UK_CORE}{code}") } else { format!("{BARS}{profile}") };
        let focus = Element::default()
            .with("code", *code)
            .with("profile", profile)
            .with("min", least.to_string())
            .with("max", *most);
        definition.with("focus", focus)
    })
}
