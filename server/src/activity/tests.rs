//! Promises of the figures for those who run the server.

use super::watch::{OPEN, days_left};
use shared::time;
use std::fs;
use std::path::Path;

fn at(text: &str) -> i64 {
    time::read(text).expect("a time")
}

#[test]
fn the_month_that_is_claimed_now_closes_on_the_fifth() {
    assert_eq!(days_left(at("2026-12-03T12:00:00Z")), 2, "November is claimed");
    assert_eq!(days_left(at("2026-12-05T12:00:00Z")), 0);
    assert_eq!(days_left(at("2026-12-06T12:00:00Z")), 30, "December is claimed");
}

#[test]
fn what_is_over_is_not_watched() {
    assert!(!OPEN.iter().any(|state| matches!(state.as_str(), "accepted" | "not-required" | "standby")));
}

/// Words of a text that look like metrics of this program.
fn metrics_in(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut found: Vec<String> =
        words.filter(|word| word.starts_with("satchel_")).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

fn sources(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn every_figure_that_operators_are_shown_or_alerted_by_is_written_by_this_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut written = String::new();
    sources(&root.join("src"), &mut written);
    let written = metrics_in(&written);
    let mut shown = 0;
    for file in ["operations/grafana-dashboard.json", "operations/alerts.yaml"] {
        let text = fs::read_to_string(root.join(file)).expect("the file is there");
        for metric in metrics_in(&text) {
            let bare = metric.trim_end_matches("_bucket").trim_end_matches("_count").trim_end_matches("_sum");
            assert!(written.iter().any(|one| one == bare), "{file} shows {metric}, which nobody writes");
            shown += 1;
        }
    }
    assert!(shown >= 8, "only {shown}");
    let dashboard = fs::read_to_string(root.join("operations/grafana-dashboard.json")).expect("a file");
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).expect("JSON");
    assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() >= 8));
}
