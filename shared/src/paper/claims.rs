//! Papers about claims: what stands behind those of a month, for whoever verifies payments; and the report that is wanted
//! where a failure of IT made claims late (practice 37; medicines.md 6.3).

use super::pdf::Style;
use super::record::PharmacyOnPaper;
use super::sheet::{Paper, Sheets};
use crate::activity::{Done, Extract};
use crate::claim::{ClaimStanding, Month, pounds};
use crate::time;
use jiff::civil::Date;

const TEXT: Style = Style::regular(9.5);
const BOLD: Style = Style::bold(10.5);
const LABEL: (f64, f64) = (0.0, 44.0);
const VALUE: (f64, f64) = (46.0, 128.0);

/// One consultation as evidence: what was done, and what the record says of it.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    pub done: &'a Done,
    pub extract: &'a Extract,
}

/// Everything that stands behind the claims of a month, a consultation after the other.
pub fn evidence(
    month: &Month,
    rows: &[Evidence<'_>],
    pharmacy: &PharmacyOnPaper<'_>,
    printed_at: &str,
) -> Vec<u8> {
    let mut sheets = Sheets::new(Paper::A4);
    let title = format!("Evidence for the claims of {}", month.month);
    sheets.write(&title, Style::bold(16.0));
    sheets.write(&format!("{} {}", pharmacy.name, pharmacy.ods), TEXT);
    sheets.space(2.0);
    sheets.write(
        "Each consultation is listed as it stands signed. Its whole record with every change is in Satchel under its reference.",
        TEXT,
    );
    for service in &month.services {
        let words = format!(
            "{}: {} done, {} payable, {} accepted, {} on hold, {} not payable",
            service.label,
            service.done,
            service.payable(),
            service.accepted,
            service.held,
            service.not_payable
        );
        sheets.write(&words, TEXT);
    }
    sheets.write(&format!("Expected: {}", pounds(month.expected)), TEXT);
    for row in rows {
        sheets.need(44.0);
        sheets.space(4.0);
        sheets.rule();
        let (done, extract) = (row.done, row.extract);
        sheets.write(&format!("{}  {}", written(&extract.day), done.patient), BOLD);
        let standing = ClaimStanding::of(done);
        let facts = [
            ("Reference", extract.consultation.clone()),
            ("Claim", joined([standing.words(), done.claim_detail.trim(), extract.why.trim()], ". ")),
            ("Service", joined([extract.service.as_str(), &extract.pathway], ", ")),
            ("Gateway", joined([extract.gateway.as_str(), &extract.gateways], ": ")),
            ("NHS number", joined([extract.nhs_number.as_str(), &extract.nhs_number_status], ", ")),
            (
                "Referral",
                joined(
                    [
                        extract.channel.as_str(),
                        &extract.referrer_name,
                        &extract.referrer_ods,
                        &extract.referral_reference,
                    ],
                    ", ",
                ),
            ),
            (
                "Referred, received",
                joined([at(&extract.referred_at).as_str(), &at(&extract.received_at)], "; "),
            ),
            ("Seen, signed", joined([at(&extract.started_at).as_str(), &at(&extract.signed_at)], "; ")),
            ("Where and how", joined([extract.setting.as_str(), &extract.method], ", ")),
            ("Consent", joined([extract.consent_service.as_str(), &extract.consent_by], ", by ")),
            ("Outcome", joined([extract.outcome_words.as_str(), &extract.closure_reason], ", ")),
            ("Supplied", done.facts.supplied.join("; ")),
            (
                "Exemption",
                joined([extract.charge.as_str(), &extract.exemption, &extract.exemption_evidence], ", "),
            ),
            ("Signed by", joined([extract.pharmacist_name.as_str(), &extract.pharmacist], ", GPhC ")),
        ];
        for (label, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
            sheets.row(&[(LABEL.0, LABEL.1, label.to_owned()), (VALUE.0, VALUE.1, value)], TEXT);
        }
        for (label, value) in
            [("Red flags", &extract.red_flags), ("Clinical summary", &extract.clinical_summary)]
        {
            if !value.is_empty() {
                sheets.row(&[(LABEL.0, LABEL.1, label.to_owned()), (VALUE.0, VALUE.1, value.clone())], TEXT);
            }
        }
    }
    if rows.is_empty() {
        sheets.write("No consultation of this month is payable.", TEXT);
    }
    sheets.finish(&title, &format!("Printed {printed_at}"))
}

/// What is said of a failure of IT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItFailure<'a> {
    /// What failed, in words.
    pub what: &'a str,
    /// From when until when, as a person wrote it.
    pub from: &'a str,
    pub until: &'a str,
    /// The supplier's reference of the incident.
    pub reference: &'a str,
    /// Who says so.
    pub by: &'a str,
}

/// The report for NHSBSA, with the consultations of the month that were not claimed because of it.
pub fn it_failure(
    month: &Month,
    failure: &ItFailure<'_>,
    unclaimed: &[&Done],
    pharmacy: &PharmacyOnPaper<'_>,
    printed_at: &str,
) -> Vec<u8> {
    let mut sheets = Sheets::new(Paper::A4);
    let title = format!("Late claims of {}: failure of IT", month.month);
    sheets.write(&title, Style::bold(16.0));
    sheets.write(&joined([pharmacy.name, pharmacy.ods, pharmacy.address, pharmacy.phone], ", "), TEXT);
    sheets.space(3.0);
    let facts = [
        ("What failed", failure.what),
        ("From", failure.from),
        ("Until", failure.until),
        ("Supplier’s reference", failure.reference),
        ("Reported by", failure.by),
        ("Claims were due by", &written(&month.by)),
        ("Evidence is taken until", &written(&month.it_failure_until)),
    ];
    for (label, value) in facts {
        let value = if value.trim().is_empty() { "Not said" } else { value };
        sheets.row(&[(LABEL.0, LABEL.1, label.to_owned()), (VALUE.0, VALUE.1, value.to_owned())], TEXT);
    }
    sheets.space(4.0);
    let many = unclaimed.len();
    let words = if many == 1 {
        "1 consultation was not claimed".to_owned()
    } else {
        format!("{many} consultations were not claimed")
    };
    sheets.write(&words, BOLD);
    for done in unclaimed {
        let cells = [written(&done.facts.day), done.facts.service.clone(), done.consultation.clone()];
        let widths = [(0.0, 28.0), (30.0, 40.0), (72.0, 100.0)];
        let columns: Vec<(f64, f64, String)> =
            widths.iter().zip(cells).map(|((indent, width), text)| (*indent, *width, text)).collect();
        sheets.row(&columns, TEXT);
    }
    sheets.finish(&title, &format!("Printed {printed_at}"))
}

fn written(day: &str) -> String {
    day.parse::<Date>().map_or_else(|_| day.to_owned(), time::written_date)
}

fn at(text: &str) -> String {
    time::read(text).map_or_else(|| text.to_owned(), time::day_and_time)
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(between)
}
