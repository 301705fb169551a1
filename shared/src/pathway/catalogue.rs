//! Every pathway this build knows, read once from the files that `build.rs` embedded.

use super::definition::{Common, Pathway, Strand};
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/pathways.rs"));

static ALL: LazyLock<Vec<Pathway>> = LazyLock::new(|| {
    let common: Common = serde_json::from_str(COMMON).expect("the tests read every embedded file");
    let mut pathways: Vec<Pathway> = FILES
        .iter()
        .map(|(_, json)| serde_json::from_str(json).expect("the tests read every embedded file"))
        .collect();
    for pathway in &mut pathways {
        pathway.include(&common);
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

/// The newest pathway of a strand, for a new consultation.
pub fn current(strand: Strand) -> Option<&'static Pathway> {
    all().iter().filter(|pathway| pathway.strand == strand).max_by_key(|pathway| pathway.version)
}
