//! Times searching a medicines file letter by letter, in turn with `SQLite`'s full-text search over the same names: one
//! JSON object a line, for `script/bench`.
//!
//! `FILE TYPED...`: a medicines file as devices keep it, and what is typed.

use satchel::clock::Stopwatch;
use serde_json::json;
use shared::medicines::{Index, file};
use sqlx::{Connection as _, SqliteConnection};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// As many as the screen asks for: twenty and one to know that there are more.
const LISTED: usize = 21;
/// The middle of so many counts, so that a machine busy with something else is not measured.
const TRIES: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("arguments: FILE TYPED...")?;
    let typed: Vec<String> = arguments.collect();
    let bytes = tokio::fs::read(name).await?;
    let watch = Stopwatch::start();
    let index = file::read(&bytes)?;
    let n = index.len();
    say("dmd-read", watch.seconds() * 1e3, n, None);

    let mut peer = SqliteConnection::connect("sqlite::memory:").await?;
    let watch = Stopwatch::start();
    fill(&mut peer, &index).await?;
    eprintln!("SQLite's index of {n} names was built in {:.1} s", watch.seconds());

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for so_far in typed.iter().flat_map(|words| letters(words)) {
        let mut tries = (Vec::new(), Vec::new());
        let query = full_text(so_far);
        for _ in 0..TRIES {
            let watch = Stopwatch::start();
            std::hint::black_box(index.search(so_far, LISTED));
            tries.0.push(watch.seconds() * 1e3);
            if let Some(query) = &query {
                let watch = Stopwatch::start();
                std::hint::black_box(search(&mut peer, query).await?);
                tries.1.push(watch.seconds() * 1e3);
            }
        }
        ours.push(of_hundred(&mut tries.0, 50));
        if query.is_some() {
            theirs.push(of_hundred(&mut tries.1, 50));
        }
    }
    if ours.is_empty() || theirs.is_empty() {
        return Err("nothing was typed".into());
    }
    for hundredths in [50, 99, 100] {
        let (our, their) = (of_hundred(&mut ours, hundredths), of_hundred(&mut theirs, hundredths));
        say(&format!("dmd-native-keystroke-p{hundredths}"), our, n, Some(their));
    }
    Ok(())
}

fn say(bench: &str, value: f64, n: usize, peer: Option<f64>) {
    let mut line =
        json!({ "bench": bench, "value": (value * 1000.0).round() / 1000.0, "unit": "ms", "n": n });
    if let Some(peer) = peer {
        line["peer"] = json!("SQLite FTS5");
        line["peer_value"] = json!((peer * 1000.0).round() / 1000.0);
        line["ratio"] = json!((value / peer * 1000.0).round() / 1000.0);
    }
    println!("{line}");
}

/// What stands in the box after each letter.
fn letters(words: &str) -> impl Iterator<Item = &str> {
    words.char_indices().map(|(at, letter)| &words[..at + letter.len_utf8()])
}

/// The same words as beginnings, in any order; `None` where nothing but signs was typed.
fn full_text(typed: &str) -> Option<String> {
    let words = typed.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| format!("\"{word}\"*")).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Indexes of beginnings up to three letters are what its documentation advises for searching as one types.
async fn fill(peer: &mut SqliteConnection, index: &Index) -> Result<(), sqlx::Error> {
    sqlx::query("CREATE VIRTUAL TABLE medicine USING fts5 (name, code UNINDEXED, prefix = '1 2 3')")
        .execute(&mut *peer)
        .await?;
    let mut transaction = peer.begin().await?;
    for product in index.products() {
        sqlx::query("INSERT INTO medicine (name, code) VALUES (?1, ?2)")
            .bind(product.name)
            .bind(product.code.cast_signed())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    sqlx::query("INSERT INTO medicine (medicine) VALUES ('optimize')").execute(peer).await?;
    Ok(())
}

/// Its own ranking, as many as are listed.
async fn search(peer: &mut SqliteConnection, query: &str) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let found = "SELECT name, code FROM medicine WHERE medicine MATCH ?1 ORDER BY rank LIMIT ?2";
    sqlx::query_as(found).bind(query).bind(LISTED as i64).fetch_all(peer).await
}

/// The value that so many of a hundred do not exceed; there is at least one.
fn of_hundred(values: &mut [f64], hundredths: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) * hundredths / 100]
}
