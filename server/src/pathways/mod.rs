//! Pathway files for those who write and approve them: read with line numbers, checked, drawn.

pub mod approval;
pub mod draw;
mod source;

pub use source::{Fault, Source};

use shared::pathway::{Given, Pathway, survivors};

/// Everything that is wrong with a pathway: what `shared::pathway::check` says, cases that come to something else, and
/// conditions that could be altered without a case noticing. Each with the line it stands on.
pub fn faults(source: &Source, pathway: &Pathway) -> Vec<Fault> {
    let mut faults: Vec<Fault> = shared::pathway::check(pathway)
        .into_iter()
        .map(|problem| source.fault(&problem.place, problem.what))
        .collect();
    for case in &pathway.cases {
        let place = format!("case {}", case.name);
        let differences = case.differences(pathway, &Given::of(pathway, case));
        faults.extend(differences.into_iter().map(|what| source.fault(&place, what)));
    }
    // Altering a file that is wrong would say everything once more.
    if faults.is_empty() {
        let altered = survivors(pathway);
        faults.extend(altered.into_iter().map(|mutant| {
            let what = format!("no case notices {} in the place of {}", mutant.altered, mutant.was);
            source.fault(&mutant.place, what)
        }));
    }
    faults.sort_by_key(|fault| fault.line);
    faults
}
