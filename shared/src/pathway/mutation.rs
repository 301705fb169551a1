//! Alters each condition of a file in turn and looks whether a worked case notices: what no case notices, nobody checked.

use super::cases::Given;
use super::catalogue::from_groups;
use super::condition::Condition;
use super::definition::{Choice, Pathway};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One altered condition that no worked case noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Where it stands, for example `outcome self-care`.
    pub place: String,
    /// The condition as the file has it, and as it was altered.
    pub was: String,
    pub altered: String,
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: no case notices {} in the place of {}", self.place, self.altered, self.was)
    }
}

/// Every alteration that no case of the file notices; none is what is wanted. What comes from common
/// groups is not altered: it is not of this file.
pub fn survivors(pathway: &Pathway) -> Vec<Mutant> {
    let given: Vec<Given> = pathway.cases.iter().map(|case| Given::of(pathway, case)).collect();
    let noticed = |altered: &Pathway| {
        pathway.cases.iter().zip(&given).any(|(case, given)| !case.differences(altered, given).is_empty())
    };
    let mut altered = pathway.clone();
    let common = from_groups(pathway);
    // Which sites there are does not change with what stands in them: an altered one keeps its number.
    let originals: Vec<(String, Condition, Condition)> = sites(&mut altered, &common)
        .into_iter()
        .map(|(place, left_out, site)| (place, left_out, site.clone()))
        .collect();
    let mut survivors = Vec::new();
    for (at, (place, left_out, original)) in originals.iter().enumerate() {
        // What the file does not say, nobody could have mistyped.
        if left_out == original {
            continue;
        }
        for alteration in alterations(original, &steps(pathway)) {
            let words = written(&alteration);
            put(&mut altered, &common, at, alteration);
            if !noticed(&altered) {
                survivors.push(Mutant { place: place.clone(), was: written(original), altered: words });
            }
        }
        put(&mut altered, &common, at, original.clone());
    }
    survivors.extend(points(pathway, &common, &mut altered, noticed));
    survivors
}

/// Points of a score that may be one more without a case noticing.
fn points(
    pathway: &Pathway,
    common: &BTreeSet<String>,
    altered: &mut Pathway,
    noticed: impl Fn(&Pathway) -> bool,
) -> Vec<Mutant> {
    let mut survivors = Vec::new();
    let own = |id: &str| !common.contains(&format!("score {id}"));
    for (at, score) in pathway.scores.iter().enumerate().filter(|(_, score)| own(&score.id)) {
        for (which, points) in score.points.iter().enumerate() {
            altered.scores[at].points[which].add = points.add + 1;
            if !noticed(altered) {
                survivors.push(Mutant {
                    place: format!("score {}, point {}", score.id, which + 1),
                    was: points.add.to_string(),
                    altered: (points.add + 1).to_string(),
                });
            }
            altered.scores[at].points[which].add = points.add;
        }
    }
    survivors
}

fn put(pathway: &mut Pathway, common: &BTreeSet<String>, at: usize, condition: Condition) {
    if let Some((_, _, site)) = sites(pathway, common).into_iter().nth(at) {
        *site = condition;
    }
}

fn written(condition: &Condition) -> String {
    serde_json::to_string(condition).unwrap_or_else(|why| why.to_string())
}

/// A condition with its place, and what stands there where a file says nothing.
type Site<'a> = (String, Condition, &'a mut Condition);

/// Every condition of the file itself.
fn sites<'a>(pathway: &'a mut Pathway, common: &BTreeSet<String>) -> Vec<Site<'a>> {
    let mut sites: Vec<Site<'a>> = Vec::new();
    let own = |kind: &str, id: &str| !common.contains(&format!("{kind} {id}"));
    for field in pathway.fields.iter_mut().filter(|field| own("field", &field.id)) {
        let place = format!("field {}", field.id);
        options(&place, &mut field.options, &mut sites);
        sites.push((format!("{place}, shown"), Condition::Always, &mut field.shown));
        sites.push((format!("{place}, required"), Condition::Never, &mut field.required));
    }
    for score in pathway.scores.iter_mut().filter(|score| own("score", &score.id)) {
        let place = format!("score {}", score.id);
        sites.push((format!("{place}, shown"), Condition::Always, &mut score.shown));
        let points = score.points.iter_mut();
        sites.extend(points.map(|points| (place.clone(), Condition::Never, &mut points.when)));
    }
    options("medicines, supplied-from", &mut pathway.medicines.supplied_from, &mut sites);
    let mut add = |kind: &str, id: &str, when: &'a mut Condition| {
        if own(kind, id) {
            sites.push((format!("{kind} {id}"), Condition::Never, when));
        }
    };
    pathway.gateways.iter_mut().for_each(|one| add("gateway", &one.id, &mut one.when));
    pathway.treatments.iter_mut().for_each(|one| add("treatment", &one.id, &mut one.when));
    pathway.warnings.iter_mut().for_each(|one| add("warning", &one.id, &mut one.when));
    pathway.outcomes.iter_mut().for_each(|one| add("outcome", &one.id, &mut one.when));
    sites
}

fn options<'a>(place: &str, options: &'a mut [Choice], sites: &mut Vec<Site<'a>>) {
    let options = options.iter_mut();
    sites.extend(
        options
            .map(|option| (format!("{place}, option {}", option.id), Condition::Always, &mut option.shown)),
    );
}

/// The smallest step of each number that is asked for.
type Steps = BTreeMap<String, f64>;

fn steps(pathway: &Pathway) -> Steps {
    let numbers = pathway.fields.iter().filter_map(|field| Some((field, field.number.as_ref()?)));
    numbers.map(|(field, number)| (field.id.clone(), 10_f64.powi(-i32::from(number.decimals)))).collect()
}

/// The condition with one thing in it altered, in every way that a slip of the hand could alter it.
fn alterations(condition: &Condition, steps: &Steps) -> Vec<Condition> {
    use Condition as C;
    let not = |inner: &Condition| C::Not(Box::new(inner.clone()));
    let step = |id: &str| steps.get(id).copied().unwrap_or(1.0);
    match condition {
        C::Always | C::AnyRedFlag => vec![C::Never],
        C::Never => vec![C::Always],
        C::Not(inner) => {
            let mut altered = vec![(**inner).clone()];
            altered.extend(alterations(inner, steps).into_iter().map(|inner| C::Not(Box::new(inner))));
            altered
        }
        C::All(parts) => several(parts, steps, C::All, C::Any),
        C::Any(parts) => several(parts, steps, C::Any, C::All),
        C::OneOf(id, wanted) => {
            let mut altered = vec![not(condition)];
            if wanted.len() > 1 {
                altered.extend((0..wanted.len()).map(|out| {
                    let mut fewer = wanted.clone();
                    fewer.remove(out);
                    C::OneOf(id.clone(), fewer)
                }));
            }
            altered
        }
        C::AtLeast(id, least) => {
            vec![C::AtLeast(id.clone(), least + step(id)), C::AtLeast(id.clone(), least - step(id))]
        }
        C::AtMost(id, most) => {
            vec![C::AtMost(id.clone(), most + step(id)), C::AtMost(id.clone(), most - step(id))]
        }
        C::ScoreAtLeast(id, least) => {
            let lower = least.checked_sub(1).map(|lower| C::ScoreAtLeast(id.clone(), lower));
            std::iter::once(C::ScoreAtLeast(id.clone(), least + 1)).chain(lower).collect()
        }
        C::AgeAtLeast(years) => vec![C::AgeAtLeast(years + 1), C::AgeAtLeast(years.saturating_sub(1))],
        C::AgeBelow(years) => vec![C::AgeBelow(years + 1), C::AgeBelow(years.saturating_sub(1))],
        C::Is(..) | C::Answered(_) | C::Sex(_) | C::Channel(_) | C::Strand(_) | C::Known(_) | C::Line(_) => {
            vec![not(condition)]
        }
    }
}

fn several(
    parts: &[Condition],
    steps: &Steps,
    same: fn(Vec<Condition>) -> Condition,
    other: fn(Vec<Condition>) -> Condition,
) -> Vec<Condition> {
    let mut altered = Vec::new();
    if parts.len() > 1 {
        altered.push(other(parts.to_vec()));
        altered.extend((0..parts.len()).map(|out| {
            let mut fewer = parts.to_vec();
            fewer.remove(out);
            same(fewer)
        }));
    }
    for (at, part) in parts.iter().enumerate() {
        altered.extend(alterations(part, steps).into_iter().map(|alteration| {
            let mut parts = parts.to_vec();
            parts[at] = alteration;
            same(parts)
        }));
    }
    altered
}
