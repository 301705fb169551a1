//! Rules of the house that no compiler checks.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// Name and text of every file below a folder.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["node_modules", "target", "dist", "artefacts", "test-results"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let text = fs::read_to_string(&path).expect("a text file");
                let name = path.strip_prefix(root()).expect("inside").to_string_lossy().into_owned();
                found.push((name, text));
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} files in {folder}");
    found.sort();
    found
}

fn rust() -> Vec<(String, String)> {
    ["shared", "server", "app"].into_iter().flat_map(|part| files(part, ".rs")).collect()
}

fn names(files: impl Iterator<Item = (String, String)>) -> Vec<String> {
    files.map(|(name, _)| name).collect()
}

#[test]
fn every_file_says_in_its_first_line_what_it_is_for() {
    let silent = names(rust().into_iter().filter(|(_, text)| !text.starts_with("//! ")));
    assert!(silent.is_empty(), "no `//!` at the top of {silent:?}");
}

#[test]
fn no_test_is_switched_off() {
    let attribute = concat!("#[", "ignore");
    let mut off = names(rust().into_iter().filter(|(_, text)| text.contains(attribute)));
    let switches = ["test.skip(", "test.only(", "test.fixme("];
    let journeys = files("e2e", ".ts").into_iter();
    off.extend(names(journeys.filter(|(_, text)| switches.iter().any(|switch| text.contains(switch)))));
    assert!(off.is_empty(), "switched off in {off:?}");
}

#[test]
fn only_the_platform_knows_that_it_is_in_a_browser() {
    let allowed = ["app/src/platform/", "app/src/worker/", "app/src/passphrase_worker.rs"];
    let strays = names(
        files("app/src", ".rs")
            .into_iter()
            .filter(|(name, _)| !allowed.iter().any(|place| name.starts_with(place)))
            .filter(|(_, text)| text.contains("web_sys")),
    );
    assert!(strays.is_empty(), "web_sys in {strays:?}");
}

#[test]
fn shared_does_no_io() {
    let manifest = fs::read_to_string(root().join("shared/Cargo.toml")).expect("shared's manifest");
    for name in ["tokio", "reqwest", "sqlx", "axum", "leptos", "web-sys", "server", "app"] {
        assert!(!manifest.contains(&format!("\n{name} ")), "shared depends on {name}");
    }
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let mut documents = files("docs", ".md");
    documents.push(("README.md".to_owned(), fs::read_to_string(root().join("README.md")).expect("a README")));
    let tops = ["app/", "server/", "shared/", "public/", "e2e/", "docs/", "script/", ".ci/"];
    let mut missing = Vec::new();
    for (name, text) in documents {
        for quoted in text.split('`').skip(1).step_by(2) {
            let path = quoted.split_whitespace().next().unwrap_or_default();
            let named = tops.iter().any(|top| path.starts_with(top)) && !path.contains(['*', '<', '{', 'N']);
            if named && !root().join(path).exists() {
                missing.push(format!("{name}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "named but not there: {missing:?}");
}

#[test]
fn every_control_of_a_hazard_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("docs/safety/hazards.toml")).expect("the hazard log");
    let log: toml::Value = toml::from_str(&text).expect("the hazard log is TOML");
    let sources = rust();
    let mut missing = Vec::new();
    for hazard in log["hazard"].as_array().expect("hazards") {
        let id = hazard["id"].as_str().expect("a hazard's id");
        let controls = hazard["controls"].as_array().expect("controls");
        assert!(!controls.is_empty(), "{id} has no control");
        for control in controls {
            let test = control["test"].as_str().expect("a test's name");
            let there = if test.contains('/') {
                root().join(test).exists()
            } else {
                sources.iter().any(|(_, text)| text.contains(&format!("fn {test}(")))
            };
            if !there {
                missing.push(format!("{id}: {test}"));
            }
        }
    }
    assert!(missing.is_empty(), "controls without a test: {missing:?}");
}

#[test]
fn every_channel_in_the_table_of_messages_names_a_test_that_exists() {
    let page = fs::read_to_string(root().join("docs/messages.md")).expect("the table of messages");
    let sources = rust();
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| Channel") && !line.starts_with("| Directory")
        })
        .collect();
    assert!(rows.len() > 20, "the table was not found");
    let mut missing = Vec::new();
    for row in rows {
        let tests: Vec<&str> =
            row.rsplit('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2).collect();
        let there = |test: &&str| sources.iter().any(|(_, text)| text.contains(&format!("fn {test}(")));
        if tests.is_empty() || !tests.iter().all(there) {
            missing.push(row.split('|').nth(1).unwrap_or_default().trim().to_owned());
        }
    }
    assert!(missing.is_empty(), "channels without a test: {missing:?}");
}
