//! What a span of days adds up to.

use super::facts::{Done, Gateway};
use super::times::Times;
use crate::claim;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Medicines that are shown by name; the rest are added up.
const MEDICINES_SHOWN: usize = 12;
/// The name under which what is not shown by itself stands.
pub const OTHER: &str = "Others";

/// Which consultations are counted. An empty word asks for all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// First and last day, both included: `2026-11-01`.
    pub from: String,
    pub to: String,
    pub service: String,
    pub person: String,
}

impl Asked {
    /// Whether that consultation is asked for.
    pub fn fits(&self, done: &Done) -> bool {
        let facts = &done.facts;
        let one = |asked: &str, is: &str| asked.is_empty() || asked == is;
        self.from <= facts.day
            && facts.day <= self.to
            && one(&self.service, &facts.service)
            && one(&self.person, &facts.person)
    }
}

/// One thing and how often.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bar {
    pub name: String,
    pub count: u32,
}

/// Consultations of one service by day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Days {
    /// In words.
    pub service: String,
    /// Day and how many, in order; days without any are left out.
    pub days: Vec<(String, u32)>,
}

/// Whether what was recorded gets through.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Messages on their way.
    pub waiting: u32,
    /// Messages that need a person.
    pub stuck: u32,
    /// Devices, or consultations of this device, that hold something the server has not.
    pub unsent: u32,
}

/// The figures of a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dashboard {
    pub asked: Asked,
    /// Consultations that took place.
    pub consultations: u32,
    /// Referrals that were closed without one.
    pub closed: u32,
    /// By service and day, the most frequent first.
    pub by_day: Vec<Days>,
    /// In words, the most frequent first, as are all bars.
    pub services: Vec<Bar>,
    pub outcomes: Vec<Bar>,
    pub closures: Vec<Bar>,
    pub onward: Vec<Bar>,
    pub channels: Vec<Bar>,
    pub medicines: Vec<Bar>,
    /// By pharmacy, where several are counted.
    pub pharmacies: Vec<Bar>,
    pub gateway_crossed: u32,
    pub gateway_not_crossed: u32,
    pub gateway_open: u32,
    /// From the referral to the first contact; walk-ins are not counted.
    pub to_contact: Times,
    /// From the referral, or the beginning of a walk-in, until the GP had the notice.
    pub to_notice: Times,
    /// Of the consultations, how many the GP is not known to have been told of so far.
    pub untold: u32,
    pub health: Health,
    /// What may be asked for within these days: services as id and words, names of people.
    pub all_services: Vec<(String, String)>,
    pub all_people: Vec<String>,
}

impl Dashboard {
    /// Gateways crossed of those that were decided, in percent; `None` where none was.
    pub fn gateway_rate(&self) -> Option<u32> {
        let decided = self.gateway_crossed + self.gateway_not_crossed;
        (self.gateway_crossed * 100 + decided / 2).checked_div(decided)
    }
}

/// Counts, one consultation after the other, in memory that grows with the days and names and not with the records, apart
/// from eight bytes for each: the times.
#[derive(Debug, Default)]
pub struct Gathering {
    asked: Asked,
    by_day: BTreeMap<String, BTreeMap<String, u32>>,
    counts: BTreeMap<Kind, BTreeMap<String, u32>>,
    gateways: BTreeMap<Gateway, u32>,
    to_contact: Vec<u32>,
    to_notice: Vec<u32>,
    consultations: u32,
    closed: u32,
    untold: u32,
    services: BTreeSet<String>,
    people: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Service,
    Outcome,
    Closure,
    Onward,
    Channel,
    Medicine,
    Pharmacy,
}

impl Gathering {
    pub fn new(asked: Asked) -> Self {
        Self { asked, ..Self::default() }
    }

    /// Counts one, if it is asked for.
    pub fn add(&mut self, done: &Done) {
        let facts = &done.facts;
        if facts.day < self.asked.from || facts.day > self.asked.to {
            return;
        }
        if !self.services.contains(&facts.service) {
            self.services.insert(facts.service.clone());
        }
        if !facts.person.is_empty() && !self.people.contains(&facts.person) {
            self.people.insert(facts.person.clone());
        }
        if !self.asked.fits(done) {
            return;
        }
        self.count(Kind::Channel, &facts.channel);
        self.count(Kind::Pharmacy, &done.pharmacy);
        if !facts.closed.is_empty() {
            self.closed += 1;
            self.count(Kind::Closure, &facts.closed);
            return;
        }
        self.consultations += 1;
        self.count(Kind::Service, &facts.service);
        *self.by_day.entry(facts.service.clone()).or_default().entry(facts.day.clone()).or_default() += 1;
        let outcome = if facts.outcome_words.is_empty() { &facts.outcome } else { &facts.outcome_words };
        self.count(Kind::Outcome, outcome);
        if !facts.onward.is_empty() {
            self.count(Kind::Onward, &facts.onward);
        }
        for name in &facts.supplied {
            self.count(Kind::Medicine, name);
        }
        *self.gateways.entry(facts.gateway).or_default() += 1;
        let minutes =
            |until: i64| u32::try_from((until - facts.received_at).max(0) / 60_000).unwrap_or(u32::MAX);
        if !matches!(facts.channel.as_str(), "" | "walkin") {
            self.to_contact.extend(facts.contacted_at.map(minutes));
        }
        match done.told_at {
            Some(at) => self.to_notice.push(minutes(at)),
            None => self.untold += 1,
        }
    }

    fn count(&mut self, kind: Kind, name: &str) {
        let counts = self.counts.entry(kind).or_default();
        match counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                counts.insert(name.to_owned(), 1);
            }
        }
    }

    /// The sum.
    pub fn finish(mut self, health: Health) -> Dashboard {
        let gateway = |which| self.gateways.get(&which).copied().unwrap_or_default();
        let (crossed, not_crossed, open) =
            (gateway(Gateway::Crossed), gateway(Gateway::NotCrossed), gateway(Gateway::Open));
        let services = self.bars(Kind::Service, service_words);
        let mut by_day: Vec<Days> = std::mem::take(&mut self.by_day)
            .into_iter()
            .map(|(service, days)| Days {
                service: service_words(&service),
                days: days.into_iter().collect(),
            })
            .collect();
        by_day.sort_by_key(|one| services.iter().position(|bar| bar.name == one.service));
        let mut medicines = self.bars(Kind::Medicine, str::to_owned);
        if medicines.len() > MEDICINES_SHOWN {
            let rest: u32 = medicines.drain(MEDICINES_SHOWN..).map(|bar| bar.count).sum();
            medicines.push(Bar { name: OTHER.to_owned(), count: rest });
        }
        let pharmacies = self.bars(Kind::Pharmacy, str::to_owned);
        Dashboard {
            consultations: self.consultations,
            closed: self.closed,
            by_day,
            services,
            outcomes: self.bars(Kind::Outcome, |code| words_or(code, "Not recorded")),
            closures: self.bars(Kind::Closure, closure_words),
            onward: self.bars(Kind::Onward, |code| words_or(code, "Not said")),
            channels: self.bars(Kind::Channel, channel_words),
            medicines,
            pharmacies: if pharmacies.len() > 1 { pharmacies } else { Vec::new() },
            gateway_crossed: crossed,
            gateway_not_crossed: not_crossed,
            gateway_open: open,
            to_contact: Times::of(&mut self.to_contact),
            to_notice: Times::of(&mut self.to_notice),
            untold: self.untold,
            health,
            all_services: self.services.iter().map(|id| (id.clone(), service_words(id))).collect(),
            all_people: self.people.into_iter().collect(),
            asked: self.asked,
        }
    }

    fn bars(&self, kind: Kind, words: impl Fn(&str) -> String) -> Vec<Bar> {
        let counts = self.counts.get(&kind).into_iter().flatten();
        let mut bars: Vec<Bar> =
            counts.map(|(name, count)| Bar { name: words(name), count: *count }).collect();
        bars.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        bars
    }
}

fn service_words(id: &str) -> String {
    claim::service(id).map_or_else(|| "Other services".to_owned(), |service| service.label.clone())
}

fn words_or(code: &str, otherwise: &str) -> String {
    if code.is_empty() {
        return otherwise.to_owned();
    }
    sentence(code)
}

fn closure_words(code: &str) -> String {
    sentence(&code.replace('_', " "))
}

fn channel_words(code: &str) -> String {
    match code {
        "itk111" => "NHS 111",
        "bars" => "BaRS",
        "itk3" => "ITK3",
        "forwarded" => "Another pharmacy",
        "email" => "E-mail",
        "phone" => "Phone",
        "walkin" | "" => "Walk-in",
        other => other,
    }
    .to_owned()
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}
