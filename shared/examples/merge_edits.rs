//! Merges somebody else's edits of the first release's consultation with edits of our own made at the same time.
//!
//! `merge_edits THEIRS OURS`: reads the saved document THEIRS, writes the merged one to OURS and prints its medicines. The
//! interop test of `e2e` runs it over what JavaScript saved.

use shared::consultation::{Answer, Author, Document, Medicine, Writer};

const V1: &[u8] = include_bytes!("../fixtures/consultation-v1.automerge");
/// 22 Nov 2026.
const NOW: i64 = 1_795_356_800_000;

#[expect(clippy::disallowed_methods, reason = "this example reads the file it is given")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names = std::env::args().skip(1);
    let (Some(theirs), Some(ours)) = (names.next(), names.next()) else {
        return Err("merge_edits takes two file names: theirs, and where to write the result".into());
    };
    let author = Author { role: "pharmacist".to_owned(), ..Author::default() };
    let writer = Writer { actor: [7; 16], author };
    let mut document = Document::load(V1)?;
    document.edit(NOW, &writer, |record| {
        record.answers.insert("cough".to_owned(), Answer::YesNo(true));
        let medicine = Medicine { name: "Paracetamol 500mg tablets".to_owned(), ..Medicine::default() };
        record.medicines.insert("ours".to_owned(), medicine);
        let end = record.notes.as_str().chars().count();
        record.notes.splice(end, 0, " Ours.");
    })?;
    let mut edited = Document::load(&std::fs::read(theirs)?)?;
    let known = Document::load(V1)?.heads();
    document.apply(edited.changes_since(&known))?;
    let record = document.read()?;
    for (key, medicine) in &record.medicines {
        println!("{key}: {}", medicine.name);
    }
    std::fs::write(ours, document.save())?;
    Ok(())
}
