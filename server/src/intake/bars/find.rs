//! Reading referrals back: one by our id, or those of one patient (BaRS App 5, ServiceRequest).

use super::answer::service_request as own;
use super::receive::{CHANNEL, original, pharmacy, record};
use super::{Headers, Message, Outcome, Refusal};
use crate::app::App;
use crate::nhs::bars::codes::{NHS_NUMBER, is};
use crate::nhs::fhir::Element;
use crate::store::Pharmacy;
use shared::consultation::{Consultation, Status, WorkListRow};
use shared::ids::ConsultationId;
use shared::patient::{NhsNumber, Postcode};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Referrals of one patient that are looked through, newest first: more than any pharmacy has of anybody.
const MOST: u32 = 200;

/// By what a sender looks for a patient's referrals. The NHS number is always there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    number: NhsNumber,
    /// `1952-03-04`.
    birth_date: Option<String>,
    postcode: Option<String>,
    name: Option<String>,
}

impl Search {
    /// Reads the query: `patient:identifier=https://fhir.nhs.uk/Id/nhs-number|…`, and what narrows it down.
    pub fn read(query: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let required = || Refusal::new(Outcome::Required, "Referrals are looked for by patient:identifier.");
        let identifier = query.get("patient:identifier").ok_or_else(required)?;
        let (system, number) = identifier.rsplit_once('|').unwrap_or_default();
        let number = is(system, NHS_NUMBER).then(|| number.parse().ok()).flatten();
        let number = number.ok_or_else(|| {
            Refusal::new(Outcome::Value, format!("patient:identifier must be {NHS_NUMBER}| and a number."))
        })?;
        let given =
            |name: &str| query.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Self {
            number,
            birth_date: given("patient:birthdate").map(|date| date.trim_start_matches("eq").to_owned()),
            postcode: given("patient:address-postalcode"),
            name: given("patient:name"),
        })
    }

    fn finds(&self, row: &WorkListRow) -> bool {
        let alike = |one: &str, other: &str| match (one.parse::<Postcode>(), other.parse::<Postcode>()) {
            (Ok(one), Ok(other)) => one.as_str() == other.as_str(),
            _ => one.eq_ignore_ascii_case(other),
        };
        row.channel == CHANNEL
            && row.nhs_number == self.number.as_str()
            && self.birth_date.as_ref().is_none_or(|date| *date == row.birth_date)
            && self.postcode.as_ref().is_none_or(|postcode| alike(postcode, &row.postcode))
            && self.name.as_ref().is_none_or(|name| {
                let known = row.patient_name.to_lowercase();
                name.to_lowercase().split_whitespace().all(|part| known.contains(part))
            })
    }
}

/// The referral with that id of ours, as it last came, with the status that it has here.
pub async fn service_request(app: &App, headers: &Headers, id: &str) -> Result<Element, Refusal> {
    let pharmacy = pharmacy(app, &headers.target).await?;
    let unknown = || Refusal::new(Outcome::NotFound, "No referral has this id here.");
    let id: ConsultationId = id.parse().map_err(|_| unknown())?;
    let record = record(app, &pharmacy, &id).await?.ok_or_else(unknown)?;
    if !is_referrer(headers, &record) {
        return Err(Refusal::new(Outcome::Unauthorized, "This referral was sent by another organisation."));
    }
    one(app, &pharmacy, &id, &record).await?.ok_or_else(unknown)
}

/// Who asks is who referred.
fn is_referrer(headers: &Headers, record: &Consultation) -> bool {
    let code = &headers.organisation.0;
    !code.is_empty() && code.eq_ignore_ascii_case(&record.referral.referrer_ods)
}

/// A searchset of the referrals that the asking organisation sent; an empty one where there are none. It does not tell
/// that others referred the patient too.
pub async fn find(app: &App, headers: &Headers, search: &Search) -> Result<Element, Refusal> {
    let pharmacy = pharmacy(app, &headers.target).await?;
    if headers.organisation.0.is_empty() {
        return Err(Refusal::new(Outcome::Unauthorized, "NHSD-End-User-Organisation has no ODS code."));
    }
    let rows = app.store.rows_of(&pharmacy.ods, &search.number, MOST).await?;
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| search.finds(row)) {
        let Ok(id) = row.id.parse() else { continue };
        let Some(record) = record(app, &pharmacy, &id).await? else { continue };
        if is_referrer(headers, &record)
            && let Some(request) = one(app, &pharmacy, &id, &record).await?
        {
            found.push(request);
        }
    }
    let base = format!("{}/bars/FHIR/R4/ServiceRequest", app.config.origin_text());
    // Without the query: it names a patient, and this address may be logged.
    let link = Element::default().with("relation", "self").with("url", base.as_str());
    let bundle = Element::resource_of("Bundle")
        .with("id", Uuid::new_v4().to_string())
        .with("type", "searchset")
        .with("total", found.len().to_string())
        .with("link", link);
    Ok(found.into_iter().fold(bundle, |bundle, request| {
        let url = format!("{base}/{}", request.text("id"));
        let search = Element::default().with("mode", "match");
        bundle.with(
            "entry",
            Element::default().with("fullUrl", url).with("resource", request).with("search", search),
        )
    }))
}

async fn one(
    app: &App,
    pharmacy: &Pharmacy,
    id: &ConsultationId,
    record: &Consultation,
) -> Result<Option<Element>, Refusal> {
    let Some((bytes, format)) = original(app, id).await? else { return Ok(None) };
    if record.referral.channel != CHANNEL {
        return Ok(None);
    }
    let rows = app.store.summaries(std::slice::from_ref(id)).await?;
    let status = match rows.first().map(|row| row.status) {
        Some(Status::Completed) => "completed",
        Some(Status::Closed | Status::Withdrawn) => "revoked",
        Some(Status::Received | Status::Open) | None => "active",
    };
    let unreadable = || Refusal::new(Outcome::NoStore, "A kept message cannot be read.");
    let bundle = format.read(&bytes).map_err(|_| unreadable())?;
    let message = Message::kept(&bundle)?;
    app.audit(None, Some(&pharmacy.ods), "referral-read-back", &id.to_string()).await?;
    Ok(Some(own(&message, id, status, app.clock.now())))
}
