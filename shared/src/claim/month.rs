//! What a month comes to: what was done, claimed, taken, refused, is missing, and what it brings.

use super::income::{fee, threshold};
use super::rules::services;
use super::window::{Standing, window};
use crate::activity::Done;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How one consultation stands to its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimStanding {
    /// NHSBSA has it.
    Accepted,
    /// On its way.
    Waiting,
    /// NHSBSA would not have it, or nobody knows what became of it.
    Rejected,
    /// A person must find something out or complete the record.
    Held,
    /// It is payable, and nobody claims it.
    Missing,
    NotPayable,
}

impl ClaimStanding {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Waiting => "On its way",
            Self::Rejected => "Rejected",
            Self::Held => "On hold",
            Self::Missing => "Not claimed yet",
            Self::NotPayable => "Not payable",
        }
    }

    /// Of one consultation: what the deliveries say comes first, because the contractor may have settled what the rules
    /// leave open.
    pub fn of(done: &Done) -> Self {
        match (done.claim.as_str(), done.facts.verdict.as_str()) {
            ("accepted" | "" | "not-required", "not-payable") => Self::NotPayable,
            // Not required of what is payable: an amendment that left the claim as it was.
            ("accepted" | "not-required", _) => Self::Accepted,
            ("queued" | "sent" | "received" | "standby", _) => Self::Waiting,
            ("refused" | "needs-attention", _) => Self::Rejected,
            ("held", _) | (_, "hold") => Self::Held,
            _ => Self::Missing,
        }
    }
}

/// One service in a month.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceMonth {
    pub id: String,
    pub label: String,
    /// Signed consultations that count as it, payable or not.
    pub done: u32,
    pub accepted: u32,
    pub waiting: u32,
    pub rejected: u32,
    pub held: u32,
    pub missing: u32,
    pub not_payable: u32,
    /// Pence for what is accepted, on its way or not claimed yet.
    pub expected: u32,
    /// Pence that hang on what is rejected or on hold.
    pub at_stake: u32,
    /// The fees were read for an earlier day: they may have changed.
    pub fee_may_be_old: bool,
    /// What Manage Your Service says, as somebody typed it.
    pub mys: Option<u32>,
}

impl ServiceMonth {
    /// What is payable: claimed, to be claimed, or to be mended first.
    pub fn payable(&self) -> u32 {
        self.accepted + self.waiting + self.rejected + self.missing
    }

    /// How the figure of Manage Your Service differs from what NHSBSA has told us it took; `None` where it does not, or
    /// nobody has typed it.
    pub fn differs(&self) -> Option<i64> {
        let theirs = i64::from(self.mys?) - i64::from(self.accepted);
        (theirs != 0).then_some(theirs)
    }
}

/// A consultation that a person must look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mend {
    pub consultation: String,
    pub patient: String,
    pub day: String,
    /// In words.
    pub service: String,
    pub standing: String,
    /// What is wrong and what to do.
    pub why: String,
}

/// A month of one pharmacy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    pub services: Vec<ServiceMonth>,
    /// Claimed in time up to this day, late up to the next, with evidence of a failure of IT up to the last.
    pub by: String,
    pub late_until: String,
    pub it_failure_until: String,
    /// `in-time`, `late`, `it-failure`, `over`.
    pub standing: String,
    /// Days that are left until `by`; 0 on the day itself and afterwards.
    pub days_left: u32,
    /// Clinical pathways that count to the monthly payment, what it pays, and the next step: how many, and pence.
    pub pathways: u32,
    pub threshold: u32,
    pub next_step: Option<(u32, u32)>,
    /// Pence in all, the monthly payment with them.
    pub expected: u32,
    /// The first two hundred, what has to be claimed or mended first.
    pub mend: Vec<Mend>,
    /// How many there are in all.
    pub to_mend: u32,
    /// Who said when that the month was declared in Manage Your Service, in words; empty: nobody.
    pub declared: String,
    /// Where the rules were read.
    pub source: String,
}

/// Consultations to mend that are listed.
const MOST_MENDED: usize = 200;

/// Adds up a month (`2026-11`). `mys` is what somebody read in Manage Your Service, by service.
pub fn month<'a>(
    month: Date,
    done: impl IntoIterator<Item = &'a Done>,
    mys: &BTreeMap<String, u32>,
    today: Date,
) -> Month {
    let mut all: Vec<ServiceMonth> = services()
        .iter()
        .map(|service| ServiceMonth {
            id: service.id.clone(),
            label: service.label.clone(),
            mys: mys.get(&service.id).copied(),
            ..ServiceMonth::default()
        })
        .collect();
    let mut mend: Vec<(ClaimStanding, Mend)> = Vec::new();
    let mut pathways = 0;
    for one in done {
        let Some(place) = services().iter().position(|service| service.id == one.facts.service) else {
            continue;
        };
        let (service, sum) = (&services()[place], &mut all[place]);
        let standing = ClaimStanding::of(one);
        sum.done += 1;
        let fee = one.facts.date().and_then(|day| fee(&service.id, day));
        let pence = fee.map_or(0, |fee| fee.pence);
        sum.fee_may_be_old |= fee.is_some_and(|fee| fee.may_be_old);
        match standing {
            ClaimStanding::Accepted => sum.accepted += 1,
            ClaimStanding::Waiting => sum.waiting += 1,
            ClaimStanding::Rejected => sum.rejected += 1,
            ClaimStanding::Held => sum.held += 1,
            ClaimStanding::Missing => sum.missing += 1,
            ClaimStanding::NotPayable => sum.not_payable += 1,
        }
        match standing {
            ClaimStanding::Accepted | ClaimStanding::Waiting | ClaimStanding::Missing => {
                sum.expected += pence;
                pathways += u32::from(service.counts_to_threshold);
            }
            ClaimStanding::Rejected | ClaimStanding::Held => sum.at_stake += pence,
            ClaimStanding::NotPayable => {}
        }
        if let ClaimStanding::Rejected | ClaimStanding::Held | ClaimStanding::Missing = standing {
            mend.push((standing, mending(one, &service.label, standing)));
        }
    }
    mend.sort_by(|(a, one), (b, other)| {
        (a, &one.day, &one.consultation).cmp(&(b, &other.day, &other.consultation))
    });
    let to_mend = u32::try_from(mend.len()).unwrap_or(u32::MAX);
    mend.truncate(MOST_MENDED);
    let first = month.first_of_month();
    let name = super::month_of(first);
    let window = window(first.last_of_month());
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let (paid, next_step) = threshold(&name, pathways);
    Month {
        by: day(window.map(|window| window.by)),
        late_until: day(window.map(|window| window.late_until)),
        it_failure_until: day(window.map(|window| window.it_failure_until)),
        standing: match window.map(|window| window.on(today)) {
            Some(Standing::InTime) => "in-time",
            Some(Standing::Late) => "late",
            Some(Standing::OnlyItFailure) => "it-failure",
            Some(Standing::Over) | None => "over",
        }
        .to_owned(),
        days_left: window.map_or(0, |window| days_between(today, window.by)),
        expected: paid + all.iter().map(|service| service.expected).sum::<u32>(),
        services: all,
        pathways,
        threshold: paid,
        next_step,
        mend: mend.into_iter().map(|(_, mend)| mend).collect(),
        to_mend,
        declared: String::new(),
        source: super::source().to_owned(),
        month: name,
    }
}

fn mending(done: &Done, service: &str, standing: ClaimStanding) -> Mend {
    let said = done.claim_detail.trim();
    let why = match (said.is_empty(), done.facts.why.trim()) {
        (false, _) => said.to_owned(),
        (true, "") => {
            "It is payable. This server claims nothing by itself: claim it in Manage Your Service.".to_owned()
        }
        (true, why) => why.to_owned(),
    };
    Mend {
        consultation: done.consultation.clone(),
        patient: done.patient.clone(),
        day: done.facts.day.clone(),
        service: service.to_owned(),
        standing: standing.words().to_owned(),
        why,
    }
}

fn days_between(today: Date, by: Date) -> u32 {
    let days = today.until(by).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or_default()
}

impl Month {
    /// Whether everything that can be claimed has been, so that the month may be declared.
    pub fn is_complete(&self) -> bool {
        self.services
            .iter()
            .all(|service| service.waiting + service.rejected + service.held + service.missing == 0)
    }

    /// The figures for the declaration in Manage Your Service, a line each, ready to copy.
    pub fn declaration(&self) -> String {
        let mut lines = vec![format!("Month {}", self.month)];
        lines.extend(
            self.services
                .iter()
                .map(|service| format!("{}: {} claimed and accepted", service.label, service.accepted)),
        );
        lines.push(format!("Clinical pathways that count to the monthly payment: {}", self.pathways));
        lines.join("\n")
    }
}

/// `£17.00`.
pub fn pounds(pence: u32) -> String {
    let (pounds, rest) = (pence / 100, pence % 100);
    let digits = pounds.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("£{grouped}.{rest:02}")
}

/// `2026-11` as the first of that month; `None` for anything else.
pub fn first_of(month: &str) -> Option<Date> {
    (month.len() == 7).then(|| format!("{month}-01").parse().ok()).flatten()
}

/// The days of a month, first and last, as text.
pub fn days_of(first: Date) -> (String, String) {
    (first.first_of_month().to_string(), first.last_of_month().to_string())
}

/// The month in which something falls that is claimed now: last month until the fifth, this one afterwards.
pub fn claimed_on(today: Date) -> Date {
    let first = today.first_of_month();
    let before = first.yesterday().ok().map(Date::first_of_month);
    match before.and_then(|before| window(before.last_of_month()).map(|window| (before, window))) {
        Some((before, window)) if today <= window.by => before,
        _ => first,
    }
}
