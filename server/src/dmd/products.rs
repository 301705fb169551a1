//! From a [`Dictionary`] to what devices search: one product after another, so that they are never all in memory.

use super::dictionary::{Actual, Dictionary, Ingredient, NOWHERE, Name};
use super::groups::{self, Described};
use jiff::Timestamp;
use shared::medicines::file::Builder;
use shared::medicines::{Availability, LegalClass, Level, Pack, Product, Substance};
use std::collections::BTreeSet;

/// What is told of each product that stands in the files, in any order, with where its name stands.
pub type Told<'a> = &'a mut dyn FnMut(&Product, Name);

/// Puts everything that is not withdrawn into a builder. `release` is its day, `2026-11-16`.
pub fn builder(dictionary: &Dictionary, release: &str, at: Timestamp, told: Told<'_>) -> Builder {
    let mut builder = Builder::new(release, &at.to_string());
    let mut put = |product: &Product, name: Name| {
        builder.push(product);
        told(product, name);
    };
    let summed = Summed::of(dictionary);
    for (place, moiety) in dictionary.moieties.iter().enumerate().filter(|(_, moiety)| !moiety.invalid) {
        put(
            &Product {
                code: moiety.id,
                level: Level::Vtm,
                name: dictionary.names.get(moiety.name).to_owned(),
                schedule: summed.moieties[place].0,
                availability: summed.moieties[place].1,
                ..nothing()
            },
            moiety.name,
        );
    }
    let (mut ingredients, mut form_routes) = (
        Runs::of(&dictionary.ingredients, |one| one.product),
        Runs::of(&dictionary.form_routes, |one| one.0),
    );
    let mut by_product = by_product(dictionary);
    for (place, product) in dictionary.virtuals.iter().enumerate() {
        let place = place as u32;
        let (parts, words) = (ingredients.take(place), form_routes.take(place));
        let brands = by_product.take(place);
        let generic = Product {
            code: product.id,
            level: Level::Vmp,
            name: dictionary.names.get(product.name).to_owned(),
            parent: (product.moiety != NOWHERE).then(|| dictionary.moieties[product.moiety as usize].id),
            form: dictionary.names.get(product.form).to_lowercase(),
            strength: strength(dictionary, parts),
            schedule: product.schedule,
            legal_class: summed.virtuals[place as usize].legal(),
            availability: summed.availability(dictionary, place),
            // An absent status says nothing against it.
            prescribing: product.prescribing.max(1),
            appliance: summed.virtuals[place as usize].appliance(),
            groups: groups::of(&Described {
                name: dictionary.names.get(product.name),
                form_routes: words.iter().map(|(_, word)| dictionary.names.get(*word)).collect(),
                substances: parts.iter().filter_map(|one| name_of(dictionary, one.substance)).collect(),
                bnf: dictionary.names.get(product.bnf),
            }),
            ingredients: substances(dictionary, parts),
            packs: generic_packs(dictionary, &summed, place),
        };
        if !product.invalid {
            put(&generic, product.name);
        }
        for (_, brand) in brands {
            let actual = &dictionary.actuals[*brand as usize];
            if !actual.invalid {
                put(
                    &Product {
                        code: actual.id,
                        level: Level::Amp,
                        name: dictionary.names.get(actual.name).to_owned(),
                        parent: Some(product.id),
                        legal_class: class(legal(actual)),
                        availability: availability(actual),
                        appliance: actual.appliance,
                        packs: packs_of(dictionary, *brand),
                        ..generic.clone()
                    },
                    actual.name,
                );
            }
        }
    }
    builder
}

fn nothing() -> Product {
    Product {
        code: 0,
        level: Level::Vtm,
        name: String::new(),
        parent: None,
        form: String::new(),
        strength: String::new(),
        schedule: 0,
        legal_class: LegalClass::Unknown,
        availability: Availability::Unavailable,
        prescribing: 1,
        appliance: false,
        groups: BTreeSet::new(),
        ingredients: Vec::new(),
        packs: Vec::new(),
    }
}

/// Runs of a sorted list, asked for in ascending order.
struct Runs<'a, T> {
    rest: &'a [T],
    key: fn(&T) -> u32,
}

impl<'a, T> Runs<'a, T> {
    fn of(list: &'a [T], key: fn(&T) -> u32) -> Self {
        Self { rest: list, key }
    }

    fn take(&mut self, key: u32) -> &'a [T] {
        let begin = self.rest.partition_point(|one| (self.key)(one) < key);
        let end = self.rest.partition_point(|one| (self.key)(one) <= key);
        let run = &self.rest[begin..end];
        self.rest = &self.rest[end..];
        run
    }
}

/// Actual products in the order of their virtual ones.
struct ByProduct {
    sorted: Vec<(u32, u32)>,
    at: usize,
}

fn by_product(dictionary: &Dictionary) -> ByProduct {
    let mut sorted: Vec<_> =
        dictionary.actuals.iter().zip(0..).map(|(one, place)| (one.product, place)).collect();
    sorted.sort_unstable();
    ByProduct { sorted, at: 0 }
}

impl ByProduct {
    fn take(&mut self, product: u32) -> &[(u32, u32)] {
        let rest = &self.sorted[self.at..];
        let begin = rest.partition_point(|(of, _)| *of < product);
        let end = rest.partition_point(|(of, _)| *of <= product);
        let run = &self.sorted[self.at + begin..self.at + end];
        self.at += end;
        run
    }
}

/// What the actual products say of their virtual product.
#[derive(Debug, Clone, Copy, Default)]
struct OfBrands {
    /// Ranks of legal classes, as [`Actual::rank`] has them: of those that can be had, and of all.
    legal: u8,
    legal_of_all: u8,
    brands: bool,
    medicine: bool,
    best: Option<Availability>,
}

impl OfBrands {
    fn legal(self) -> LegalClass {
        class(if self.legal > 0 { self.legal } else { self.legal_of_all })
    }

    /// Where all that there is are appliances.
    fn appliance(self) -> bool {
        self.brands && !self.medicine
    }
}

struct Summed {
    virtuals: Vec<OfBrands>,
    /// The strictest schedule of a moiety's products, and the best availability.
    moieties: Vec<(u8, Availability)>,
    /// Virtual packs in the order of their products; true where one of them is on the market.
    packs: Vec<(u32, u32, bool)>,
}

impl Summed {
    fn of(dictionary: &Dictionary) -> Self {
        let mut virtuals = vec![OfBrands::default(); dictionary.virtuals.len()];
        for actual in dictionary.actuals.iter().filter(|actual| !actual.invalid) {
            let of = &mut virtuals[actual.product as usize];
            let has = availability(actual);
            of.brands = true;
            of.medicine |= !actual.appliance;
            of.best = of.best.map_or(Some(has), |best| Some(best.min(has)));
            of.legal_of_all = of.legal_of_all.max(legal(actual));
            if has != Availability::Unavailable {
                of.legal = of.legal.max(legal(actual));
            }
        }
        let mut sold = vec![false; dictionary.virtual_packs.len()];
        for (_, pack) in &dictionary.packs_on_the_market {
            sold[*pack as usize] = true;
        }
        let packs = dictionary.virtual_packs.iter().zip(0..).zip(&sold);
        let mut packs: Vec<_> = packs.map(|((pack, place), sold)| (pack.product, place, *sold)).collect();
        packs.sort_unstable();
        let mut summed = Self {
            virtuals,
            moieties: vec![(0, Availability::Unavailable); dictionary.moieties.len()],
            packs,
        };
        for (place, product) in dictionary.virtuals.iter().enumerate() {
            if product.moiety == NOWHERE || product.invalid {
                continue;
            }
            let has = summed.availability(dictionary, place as u32);
            let of = &mut summed.moieties[product.moiety as usize];
            // 1 is the strictest schedule, 0 none; one that is not known, the largest, gives way to any but none.
            of.0 = match (of.0, product.schedule) {
                (0, other) | (other, 0) => other,
                (one, other) => one.min(other),
            };
            of.1 = of.1.min(has);
        }
        summed
    }

    fn availability(&self, dictionary: &Dictionary, place: u32) -> Availability {
        if dictionary.virtuals[place as usize].not_available {
            return Availability::Unavailable;
        }
        self.virtuals[place as usize].best.unwrap_or(Availability::Unavailable)
    }
}

/// The strictest class of the packs on the market; of all packs where none is.
fn legal(actual: &Actual) -> u8 {
    if actual.legal > 0 { actual.legal } else { actual.legal_of_all }
}

fn class(rank: u8) -> LegalClass {
    match rank {
        1 => LegalClass::NotApplicable,
        2 => LegalClass::GeneralSale,
        3 => LegalClass::Pharmacy,
        4 => LegalClass::PrescriptionOnly,
        _ => LegalClass::Unknown,
    }
}

/// AVAILABILITY_RESTRICTION 0009 is not available, 0001 none; all others restrict it.
fn availability(actual: &Actual) -> Availability {
    if actual.restriction == 9 || (actual.packs && !actual.packs_on_the_market) {
        Availability::Unavailable
    } else if actual.restriction <= 1 {
        Availability::Available
    } else {
        Availability::Restricted
    }
}

fn name_of(dictionary: &Dictionary, substance: u64) -> Option<&str> {
    dictionary.substances.get(&substance).map(|name| dictionary.names.get(*name))
}

/// The ingredients, and after them the bases that strengths are of: an allergy is told as either.
fn substances(dictionary: &Dictionary, parts: &[Ingredient]) -> Vec<Substance> {
    let mut listed: Vec<Substance> = Vec::new();
    for code in parts.iter().map(|one| one.substance).chain(parts.iter().map(|one| one.base)) {
        let Some(name) = name_of(dictionary, code) else { continue };
        if listed.iter().all(|known| known.code != code) {
            listed.push(Substance { code, name: name.to_owned() });
        }
    }
    listed
}

/// `500 mg`, `100 microgram/1 dose`; of several ingredients `500 mg + 125 mg`.
fn strength(dictionary: &Dictionary, parts: &[Ingredient]) -> String {
    let word = |name: Name| dictionary.names.get(name);
    let each = parts.iter().filter(|one| !word(one.amount).is_empty()).map(|one| {
        let amount = format!("{} {}", word(one.amount), word(one.unit));
        let amount = amount.trim();
        match word(one.per) {
            "" => amount.to_owned(),
            per => format!("{amount}/{per} {}", word(one.per_unit)).trim_end().to_owned(),
        }
    });
    each.collect::<Vec<_>>().join(" + ")
}

fn generic_packs(dictionary: &Dictionary, summed: &Summed, product: u32) -> Vec<Pack> {
    let begin = summed.packs.partition_point(|(of, ..)| *of < product);
    let run = summed.packs[begin..].iter().take_while(|(of, ..)| *of == product);
    // A size that nobody sells any more is told only where there is no other.
    let any_sold = run.clone().any(|(.., sold)| *sold);
    in_order(dictionary, run.filter(|(.., sold)| *sold || !any_sold).map(|(_, place, _)| *place))
}

fn packs_of(dictionary: &Dictionary, actual: u32) -> Vec<Pack> {
    let market = &dictionary.packs_on_the_market;
    let begin = market.partition_point(|(of, _)| *of < actual);
    in_order(dictionary, market[begin..].iter().take_while(|(of, _)| *of == actual).map(|(_, place)| *place))
}

/// Each size once, the smallest first.
fn in_order(dictionary: &Dictionary, places: impl Iterator<Item = u32>) -> Vec<Pack> {
    let mut packs: Vec<Pack> = places
        .map(|place| {
            let pack = &dictionary.virtual_packs[place as usize];
            let unit = dictionary.units.get(&pack.unit).map(|name| dictionary.names.get(*name));
            Pack {
                quantity: dictionary.names.get(pack.quantity).to_owned(),
                unit: unit.unwrap_or_default().to_owned(),
                unit_code: pack.unit,
            }
        })
        .filter(|pack| !pack.quantity.is_empty())
        .collect();
    let amount = |pack: &Pack| pack.quantity.parse::<f64>().unwrap_or(f64::MAX);
    packs.sort_by(|a, b| amount(a).total_cmp(&amount(b)).then_with(|| a.cmp(b)));
    packs.dedup();
    packs
}
