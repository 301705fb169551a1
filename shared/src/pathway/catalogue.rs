//! Every pathway this build knows, read once from the files that `build.rs` embedded.

use super::definition::{Common, Pathway, Strand};
use std::collections::BTreeSet;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/pathways.rs"));

static GROUPS: LazyLock<Common> =
    LazyLock::new(|| serde_json::from_str(COMMON).expect("the tests read every embedded file"));

static ALL: LazyLock<Vec<Pathway>> = LazyLock::new(|| {
    let mut pathways: Vec<Pathway> = FILES
        .iter()
        .map(|(_, json)| serde_json::from_str(json).expect("the tests read every embedded file"))
        .collect();
    for pathway in &mut pathways {
        pathway.include(&GROUPS);
    }
    pathways
});

/// All versions of all pathways, in the order of their files' names.
pub fn all() -> &'static [Pathway] {
    &ALL
}

/// The pathway that a record names, for example `minor-illness@1`; `None` when this build is older than the record.
pub fn find(key: &str) -> Option<&'static Pathway> {
    all().iter().find(|pathway| pathway.key() == key)
}

/// A file as JSON with everything it says, for whoever checks its approval; `None` where no file has that key.
#[cfg(not(target_arch = "wasm32"))]
pub fn file_text(key: &str) -> Option<&'static str> {
    let place = all().iter().position(|pathway| pathway.key() == key)?;
    FILES.get(place).map(|(_, json)| *json)
}

/// The shared questions as JSON, as [`file_text`].
#[cfg(not(target_arch = "wasm32"))]
pub fn common_text() -> &'static str {
    COMMON
}

/// The questions that every file may include.
pub fn common() -> &'static Common {
    &GROUPS
}

/// The newest version of each pathway: clinical pathways first, by title, then minor illness, then urgent supply.
pub fn services() -> Vec<&'static Pathway> {
    let newest = |pathway: &&Pathway| {
        let same = all().iter().filter(|other| other.id == pathway.id);
        same.map(|other| other.version).max() == Some(pathway.version)
    };
    let order = |strand: Strand| match strand {
        Strand::ClinicalPathway => 0,
        Strand::MinorIllness => 1,
        Strand::UrgentMedicineSupply => 2,
    };
    let mut services: Vec<&Pathway> = all().iter().filter(newest).collect();
    services.sort_by_key(|pathway| (order(pathway.strand), pathway.title.as_str()));
    services
}

/// The newest clinical pathway for a SNOMED condition.
pub fn of_condition(code: &str) -> Option<&'static Pathway> {
    services().into_iter().find(|pathway| pathway.condition.as_ref().is_some_and(|known| known.code == code))
}

/// The newest pathway of a strand that has only one, for a new consultation.
pub fn current(strand: Strand) -> Option<&'static Pathway> {
    all().iter().filter(|pathway| pathway.strand == strand).max_by_key(|pathway| pathway.version)
}

/// Ids of what the file takes from common groups, as `field temperature`.
pub(super) fn from_groups(pathway: &Pathway) -> BTreeSet<String> {
    let included: Vec<&String> = pathway.sections.iter().flat_map(|section| &section.include).collect();
    let groups = common().groups.iter().filter(|group| included.contains(&&group.key()));
    let mut ids = BTreeSet::new();
    for group in groups {
        ids.extend(group.fields.iter().map(|one| format!("field {}", one.id)));
        ids.extend(group.scores.iter().map(|one| format!("score {}", one.id)));
        ids.extend(group.warnings.iter().map(|one| format!("warning {}", one.id)));
        ids.extend(group.outcomes.iter().map(|one| format!("outcome {}", one.id)));
    }
    ids
}
