//! What each step of taking a document in costs on one core: where the time of a push goes.

use crate::records;
use crate::{Failure, report};
use automerge::{AutoCommit, Change};
use satchel::clock::Stopwatch;
use shared::consultation::{Author, Document, Writer};
use std::hint::black_box;

/// Microseconds a document of each step, on one core.
pub fn steps(count: usize) -> Result<(), Failure> {
    let writer = Writer {
        actor: [7; 16],
        author: Author {
            name: "Bench Device".to_owned(),
            role: "pharmacist".to_owned(),
            ..Author::default()
        },
    };
    let mut made = records::consultations(count, &"FA123".parse()?, &writer)?;
    let saves: Vec<Vec<u8>> = made.iter_mut().map(|one| one.document.save_for_frame()).collect();
    let loaded = timed("step-load", &saves, |save| AutoCommit::load(save).map_err(Failure::from))?;
    let histories = timed("step-changes", &loaded, |document| Ok(document.clone().get_changes(&[])))?;
    timed("step-decode", &histories, |changes| {
        for change in changes {
            drop(black_box(change.decode()));
        }
        Ok(())
    })?;
    let raw: Vec<Vec<Vec<u8>>> =
        histories.iter().map(|changes| changes.iter().map(|c| c.raw_bytes().to_vec()).collect()).collect();
    timed("step-parse-changes", &raw, |raw| {
        raw.iter()
            .map(|bytes| Change::from_bytes(bytes.clone()).map_err(Failure::from))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let rebuilt = timed("step-apply", &histories, |changes| Ok(Document::from_changes(changes.clone())?))?;
    let again = timed("step-save", &rebuilt, |document| Ok(document.clone().save_for_frame()))?;
    let same = saves.iter().zip(&again).filter(|(one, other)| one == other).count();
    eprintln!("{same} of {count} rebuilt documents save to the same bytes");
    timed("step-clone", &rebuilt, |document| Ok(document.clone()))?;
    timed("step-read", &rebuilt, |document| Ok(document.read()?))?;
    timed("step-row", &rebuilt, |document| Ok(document.clone().row()?))?;
    timed("step-clashes", &rebuilt, |document| Ok(document.clone().clashes()?))?;
    timed(
        "step-read-at-first",
        &histories.iter().zip(&rebuilt).collect::<Vec<_>>(),
        |(changes, document)| Ok((*document).clone().read_at(&[changes[0].hash()])?),
    )?;
    Ok(())
}

fn timed<T, R>(
    bench: &str,
    items: &[T],
    mut work: impl FnMut(&T) -> Result<R, Failure>,
) -> Result<Vec<R>, Failure> {
    let watch = Stopwatch::start();
    let results = items.iter().map(&mut work).collect::<Result<Vec<R>, Failure>>()?;
    report(bench, watch.seconds() * 1e6 / items.len() as f64, "µs", items.len());
    Ok(results)
}
