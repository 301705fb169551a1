//! Old ids and what took their place, followed to the end (medicines.md 1.3).

use super::dictionary::{Dictionary, IdHasher, Replacement};
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasherDefault;

/// No id of dm+d changed so often; what goes on longer goes round in circles.
const LONGEST: usize = 50;

/// Each old id with the one that stands for it now. An id that is in use itself was not replaced, whatever a history says.
pub fn flattened(dictionary: &Dictionary) -> Vec<Replacement> {
    let mut current: HashSet<u64, BuildHasherDefault<IdHasher>> = HashSet::default();
    current.extend(dictionary.moieties.iter().map(|one| one.id));
    current.extend(dictionary.virtuals.iter().map(|one| one.id));
    current.extend(dictionary.substances.keys());
    let mut steps: BTreeMap<u64, (u64, &'static str)> = BTreeMap::new();
    // A row that names itself says nothing.
    for step in dictionary.replaced.iter().filter(|step| step.old != step.new) {
        // The release itself comes before the supplementary one and is the newer.
        steps.entry(step.old).or_insert((step.new, step.kind));
    }
    let end = |from: u64| {
        let mut at = from;
        for _ in 0..LONGEST {
            match steps.get(&at) {
                Some((next, _)) if at == from || !current.contains(&at) => at = *next,
                _ => return Some(at),
            }
        }
        None
    };
    let old = steps.iter().filter(|(old, _)| !current.contains(old));
    old.filter_map(|(old, (_, kind))| {
        Some(Replacement { old: *old, new: end(*old).filter(|new| new != old)?, kind })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dmd::dictionary::{Moiety, Name};

    fn dictionary(current: &[u64], steps: &[(u64, u64)]) -> Dictionary {
        let moiety = |id: &u64| Moiety { id: *id, name: Name::default(), invalid: false };
        Dictionary {
            moieties: current.iter().map(moiety).collect(),
            replaced: steps
                .iter()
                .map(|(old, new)| Replacement { old: *old, new: *new, kind: "vtm" })
                .collect(),
            ..Dictionary::default()
        }
    }

    fn ends(current: &[u64], steps: &[(u64, u64)]) -> Vec<(u64, u64)> {
        flattened(&dictionary(current, steps)).iter().map(|one| (one.old, one.new)).collect()
    }

    #[test]
    fn a_chain_is_followed_to_the_id_in_use() {
        assert_eq!(ends(&[3], &[(1, 2), (2, 3)]), [(1, 3), (2, 3)]);
    }

    #[test]
    fn an_id_in_use_is_not_replaced_and_what_goes_round_leads_nowhere() {
        assert_eq!(ends(&[1, 2], &[(1, 2)]), []);
        assert_eq!(ends(&[], &[(1, 2), (2, 1)]), []);
        assert_eq!(ends(&[9], &[(1, 2), (2, 2), (3, 9)]), [(1, 2), (3, 9)]);
    }
}
