//! The server's end of sync: decisions over hashes and numbers, the same for the real server and the simulated one.

use super::device::Hash;
use std::collections::BTreeSet;

/// About how many bytes one frame of a pull carries before compression; a slow link loses no more than this.
pub const FRAME_BYTES: usize = 256 * 1024;

/// One pushed change, as far as its place in the history goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub hash: Hash,
    /// What it was made upon.
    pub deps: Vec<Hash>,
}

/// Whether pushed changes find their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// All of it is known: say *stored* and store nothing.
    Known,
    /// These are new (indices into what was pushed, predecessors first), and everything they build on is here.
    Fits(Vec<usize>),
    /// Something they build on is not here: ask for it.
    Missing,
}

/// Places pushed changes upon the history that `has` knows, in whatever order they came.
pub fn place(has: impl Fn(&Hash) -> bool, pushed: &[Link]) -> Placement {
    let mut placed: BTreeSet<Hash> = BTreeSet::new();
    let mut order = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, link) in pushed.iter().enumerate() {
        if has(&link.hash) {
            continue;
        }
        if link.deps.iter().all(|dep| placed.contains(dep) || has(dep)) {
            if placed.insert(link.hash) {
                order.push(index);
            }
        } else {
            open.push(index);
        }
    }
    // Devices send predecessors first, so this loop runs only for those that do not.
    while !open.is_empty() {
        let before = open.len();
        open.retain(|&index| {
            let link = &pushed[index];
            let fits = link.deps.iter().all(|dep| placed.contains(dep) || has(dep));
            if fits && placed.insert(link.hash) {
                order.push(index);
            }
            !fits
        });
        if open.len() == before {
            return Placement::Missing;
        }
    }
    if order.is_empty() { Placement::Known } else { Placement::Fits(order) }
}

/// After a restore: does the device hold something of a document that the server has lost?
pub fn wants<'a>(has: impl Fn(&str) -> bool, device_heads: impl IntoIterator<Item = &'a String>) -> bool {
    device_heads.into_iter().any(|head| !has(head))
}

/// Where a pull begins: a cursor beyond the end of the log is of another life, and begins again.
pub fn begin(cursor: u64, last: u64) -> u64 {
    if cursor > last { 0 } else { cursor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(hash: u8, deps: &[u8]) -> Link {
        Link { hash: [hash; 32], deps: deps.iter().map(|dep| [*dep; 32]).collect() }
    }

    #[test]
    fn changes_in_any_order_are_placed_predecessors_first() {
        let pushed = [link(3, &[2]), link(2, &[1]), link(1, &[])];
        assert_eq!(place(|_| false, &pushed), Placement::Fits(vec![2, 1, 0]));
    }

    #[test]
    fn the_same_push_again_stores_nothing() {
        let pushed = [link(1, &[]), link(2, &[1])];
        assert_eq!(place(|_| true, &pushed), Placement::Known);
    }

    #[test]
    fn a_change_without_its_predecessor_is_asked_for_not_stored() {
        assert_eq!(place(|_| false, &[link(2, &[1])]), Placement::Missing);
    }

    #[test]
    fn changes_that_claim_each_other_are_never_placed() {
        assert_eq!(place(|_| false, &[link(1, &[2]), link(2, &[1])]), Placement::Missing);
    }

    #[test]
    fn one_change_sent_twice_in_one_push_is_placed_once() {
        let pushed = [link(1, &[]), link(1, &[])];
        assert_eq!(place(|_| false, &pushed), Placement::Fits(vec![0]));
    }
}
