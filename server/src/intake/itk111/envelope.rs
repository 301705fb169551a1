//! The SOAP and ITK envelope of a 111 message: checked strictly, because it decides who the report is for.

use super::fault::Fault;
use super::{Accepting, Address, times, xml};
use roxmltree::Node;
use shared::ids::OdsCode;
use shared::time::Millis;

/// Type of an address that is a Directory of Services id (ITK 2.2).
const DOS_ADDRESS: &str = "2.16.840.1.113883.2.1.3.2.4.18.44";
const SOAP_1_1: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Headers that are looked at; any other that must be understood is refused.
const UNDERSTOOD: [&str; 8] =
    ["Action", "MessageID", "To", "ReplyTo", "From", "FaultTo", "RelatesTo", "Security"];

/// What the envelope says before its payloads are opened.
pub struct Envelope<'a, 'i> {
    pub tracking_id: String,
    pub service: String,
    pub addressed_to: Vec<Address>,
    pub for_action: bool,
    pub repeat_caller: bool,
    /// ODS code of the sender, where one was given.
    pub sender: Option<OdsCode>,
    pub payloads: Vec<Payload<'a, 'i>>,
}

/// One document in the envelope.
pub struct Payload<'a, 'i> {
    /// Profile that the manifest names; empty when it names none.
    pub profile: String,
    pub content: Node<'a, 'i>,
}

/// The WS-Addressing id, wherever the rest of the message may be wrong.
pub fn message_id(root: Node<'_, '_>) -> String {
    xml::below(root, &["Header", "MessageID"]).map(xml::words).unwrap_or_default()
}

/// Reads and checks the envelope (ITK 2.2; the checks NHS England's 111 Adaptor makes).
pub fn read<'a, 'i>(root: Node<'a, 'i>, accepting: &Accepting<'_>) -> Result<Envelope<'a, 'i>, Fault> {
    if !xml::named(root, "Envelope") || root.tag_name().namespace() != Some(SOAP_1_1) {
        return Err(Fault::client(
            "The message is not a SOAP 1.1 envelope.",
            format!("Root element: {}.", root.tag_name().name()),
        ));
    }
    let header = xml::child(root, "Header").ok_or_else(|| missing("The SOAP header"))?;
    let action = check_header(header, accepting)?;
    let body = xml::child(root, "Body").ok_or_else(|| missing("The SOAP body"))?;
    let distribution =
        xml::child(body, "DistributionEnvelope").ok_or_else(|| missing("The ITK DistributionEnvelope"))?;
    let itk = xml::child(distribution, "header").ok_or_else(|| missing("The ITK header"))?;

    let service = xml::attribute(itk, "service").to_owned();
    if service != action {
        return Err(Fault::client(
            "The SOAP Action is not the service that the ITK header names.",
            format!("Action: {action}; service: {service}."),
        ));
    }
    if !service.contains("SendNHS111Report") {
        return Err(Fault::client("This service is not offered here.", format!("service: {service}.")));
    }
    let tracking_id = xml::attribute(itk, "trackingid").to_owned();
    if tracking_id.is_empty() {
        return Err(missing("The trackingid of the ITK header"));
    }
    let interaction = interaction(itk);
    Ok(Envelope {
        tracking_id,
        service,
        addressed_to: addresses(itk)?,
        for_action: !interaction.starts_with("copy"),
        repeat_caller: interaction.contains("repeatcaller") || repeat_caller_profile(itk),
        sender: sender(itk),
        payloads: payloads(distribution, itk)?,
    })
}

fn missing(what: &str) -> Fault {
    Fault::client(format!("{what} is missing."), "")
}

/// Checks the SOAP header and gives its Action.
fn check_header(header: Node<'_, '_>, accepting: &Accepting<'_>) -> Result<String, Fault> {
    for entry in header.children().filter(Node::is_element) {
        let name = entry.tag_name().name();
        let must = matches!(xml::attribute(entry, "mustUnderstand"), "1" | "true");
        if must && !UNDERSTOOD.contains(&name) {
            return Err(Fault::must_understand(name));
        }
    }
    let action = xml::child(header, "Action").map(xml::words).ok_or_else(|| missing("The SOAP Action"))?;
    if let Some(reply_to) = xml::below(header, &["ReplyTo", "Address"]).map(xml::words)
        && !(reply_to.ends_with("anonymous") || reply_to.ends_with("none"))
    {
        return Err(Fault::client(
            "Replies can only be given on the same connection.",
            format!("ReplyTo: {reply_to}; expected the anonymous address."),
        ));
    }
    if let Some(expected) = accepting.expected_to {
        let to = xml::child(header, "To").map(xml::words).unwrap_or_default();
        if to != expected {
            return Err(Fault::client(
                "The message was sent to another address.",
                format!("To: {to}; here: {expected}."),
            ));
        }
    }
    if accepting.check_timestamp {
        check_timestamp(header, accepting.now)?;
    }
    if let Some(expected) = accepting.expected_user {
        let user = xml::below(header, &["Security", "UsernameToken", "Username"]).map(xml::words);
        if user.as_deref() != Some(expected) {
            return Err(Fault::client("The sender's user name is not known here.", ""));
        }
    }
    Ok(action)
}

fn check_timestamp(header: Node<'_, '_>, now: Millis) -> Result<(), Fault> {
    let stamp =
        xml::below(header, &["Security", "Timestamp"]).ok_or_else(|| missing("The security time stamp"))?;
    let at = |name| xml::child(stamp, name).map(xml::words).and_then(|text| times::instant(&text));
    let (Some(created), Some(expires)) = (at("Created"), at("Expires")) else {
        return Err(Fault::client(
            "The security time stamp cannot be read.",
            "Created and Expires must be times.",
        ));
    };
    if created > expires || now < created || now > expires {
        return Err(Fault::client(
            "The message is outside its own time window. Check the clocks and send it again.",
            format!("It is {} here.", shared::time::stored(now)),
        ));
    }
    Ok(())
}

/// The part of the interaction after its last colon, lower case: `primaryoutofhourrecipient…`, `copy…`.
fn interaction(itk: Node<'_, '_>) -> String {
    xml::anywhere(itk, "spec")
        .find(|spec| xml::attribute(*spec, "key").ends_with("interaction"))
        .map(|spec| xml::attribute(spec, "value").rsplit(':').next().unwrap_or("").to_lowercase())
        .unwrap_or_default()
}

fn repeat_caller_profile(itk: Node<'_, '_>) -> bool {
    xml::anywhere(itk, "manifestitem")
        .any(|item| xml::attribute(item, "profileid").to_lowercase().contains("repeatcaller"))
}

fn sender(itk: Node<'_, '_>) -> Option<OdsCode> {
    xml::child(itk, "senderAddress")
        .into_iter()
        .chain(xml::below(itk, &["auditIdentity", "id"]))
        .find_map(|address| ods(xml::attribute(address, "uri")))
}

/// The first code of `urn:nhs-uk:addressing:ods:5L399:445510770`, or of a bare `5L399`.
fn ods(uri: &str) -> Option<OdsCode> {
    let code = match uri.to_ascii_lowercase().find(":ods:") {
        Some(at) => uri.get(at + 5..)?.split(':').next()?,
        None => uri,
    };
    code.parse().ok()
}

fn addresses(itk: Node<'_, '_>) -> Result<Vec<Address>, Fault> {
    let list = xml::child(itk, "addresslist").ok_or_else(|| missing("The address list"))?;
    let given: Vec<&str> =
        xml::children(list, "address").map(|address| xml::attribute(address, "uri")).collect();
    let read: Vec<Address> = xml::children(list, "address").filter_map(address).collect();
    if read.is_empty() {
        return Err(Fault::client(
            "The message names no pharmacy that can be read.",
            format!("Addresses: {}.", given.join(", ")),
        ));
    }
    Ok(read)
}

fn address(node: Node<'_, '_>) -> Option<Address> {
    let uri = xml::attribute(node, "uri");
    let number = uri.rsplit(':').next().unwrap_or(uri);
    let bare_number = !uri.is_empty() && uri.bytes().all(|b| b.is_ascii_digit());
    // Some suppliers send the Directory of Services number without saying that it is one.
    if xml::attribute(node, "type") == DOS_ADDRESS || bare_number {
        return (!number.is_empty()).then(|| Address::Dos(number.to_owned()));
    }
    ods(uri).map(Address::Ods)
}

fn payloads<'a, 'i>(distribution: Node<'a, 'i>, itk: Node<'a, 'i>) -> Result<Vec<Payload<'a, 'i>>, Fault> {
    let manifest = xml::child(itk, "manifest").ok_or_else(|| missing("The manifest"))?;
    let enclosed = xml::child(distribution, "payloads").ok_or_else(|| missing("The payloads element"))?;
    let items: Vec<_> = xml::children(manifest, "manifestitem").collect();
    let payloads: Vec<_> = xml::children(enclosed, "payload").collect();
    check_count(manifest, items.len(), "manifest items")?;
    check_count(enclosed, payloads.len(), "payloads")?;
    if items.len() != payloads.len() {
        return Err(Fault::client(
            "The manifest and the payloads differ in number.",
            format!("Manifest items: {}; payloads: {}.", items.len(), payloads.len()),
        ));
    }
    if items.is_empty() {
        return Err(Fault::client("The message holds no document.", "The manifest is empty."));
    }
    items
        .iter()
        .enumerate()
        .map(|(place, item)| {
            let id = xml::attribute(*item, "id");
            if items[..place].iter().any(|other| xml::attribute(*other, "id") == id) {
                return Err(Fault::client("The manifest names one document twice.", format!("id: {id}.")));
            }
            let payload = payloads
                .iter()
                .find(|payload| !id.is_empty() && xml::attribute(**payload, "id") == id)
                .ok_or_else(|| {
                    Fault::client("The manifest names a document that is not enclosed.", format!("id: {id}."))
                })?;
            let content = payload
                .children()
                .find(Node::is_element)
                .ok_or_else(|| Fault::client("A payload is empty.", format!("id: {id}.")))?;
            Ok(Payload { profile: xml::attribute(*item, "profileid").to_owned(), content })
        })
        .collect()
}

fn check_count(node: Node<'_, '_>, found: usize, what: &str) -> Result<(), Fault> {
    let stated = xml::attribute(node, "count");
    if stated.parse() == Ok(found) {
        return Ok(());
    }
    Err(Fault::client(
        format!("The stated number of {what} is not the number found."),
        format!("Stated: {}; found: {found}.", if stated.is_empty() { "nothing" } else { stated }),
    ))
}
