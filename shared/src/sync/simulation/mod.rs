//! Up to eight devices, two servers on one database and a network that fails, played from a seed.
//!
//! `cargo test -p shared simulation` plays 10,000 histories. `SATCHEL_SIMULATION_HISTORIES=N` plays that many,
//! `SATCHEL_SIMULATION_SEED=N` that one and tells it step by step, or begins with it when both are given.

mod database;
mod dice;
mod ledger;
mod network;
mod paper;
mod phone;
mod server;
mod vault;
mod world;

use std::fmt::Arguments;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use world::World;

/// How many histories are played when nothing else is said.
const HISTORIES: u64 = 10_000;
/// After so many failures there is nothing more to learn.
const ENOUGH: usize = 5;

/// Whether what happens is told, which it is when one history is replayed.
static TELL: AtomicBool = AtomicBool::new(false);

fn say(what: Arguments<'_>) {
    if TELL.load(Ordering::Relaxed) {
        eprintln!("{what}");
    }
}

fn fails(seed: u64) -> bool {
    let played = catch_unwind(|| World::new(seed).play());
    if played.is_err() {
        eprintln!(
            "history {seed} failed; again: SATCHEL_SIMULATION_SEED={seed} cargo test -p shared simulation"
        );
    }
    played.is_err()
}

/// Plays histories on two threads and gives the seeds of those that failed.
fn play(first: u64, count: u64) -> Vec<u64> {
    let done = AtomicU64::new(0);
    let share = |offset: u64| {
        let done = &done;
        move || {
            let seeds = (first + offset..first + count).step_by(2);
            let failing = seeds.filter(|seed| {
                let failed = fails(*seed);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(HISTORIES) && done < count {
                    eprintln!("{done} of {count} histories played");
                }
                failed
            });
            failing.take(ENOUGH).collect::<Vec<u64>>()
        }
    };
    std::thread::scope(|scope| {
        let halves = [scope.spawn(share(0)), scope.spawn(share(1))];
        halves.into_iter().flat_map(|half| half.join().unwrap_or_else(|_| vec![u64::MAX])).collect()
    })
}

#[test]
fn nothing_is_lost_and_everyone_agrees_whatever_happens() {
    let (first, count) = match (number("SATCHEL_SIMULATION_SEED"), number("SATCHEL_SIMULATION_HISTORIES")) {
        (Some(seed), count) => (seed, count.unwrap_or(1)),
        (None, count) => (0, count.unwrap_or(HISTORIES)),
    };
    TELL.store(count == 1, Ordering::Relaxed);
    let failed = play(first, count);
    assert!(failed.is_empty(), "histories that failed: {failed:?}");
}

#[expect(clippy::disallowed_methods, reason = "a test reads which histories to play")]
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}
