//! Embeds every file of `pathways/` and `rules/` as JSON, so that new content edits no Rust and the browser needs no
//! TOML.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "a build script reads what goes into the build")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("pathways");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let in_browser = env::var("CARGO_CFG_TARGET_ARCH")? == "wasm32";
    let mut listed = String::new();
    let mut common = r#"{"group":[]}"#.to_owned();
    for path in &files {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(path)?;
        let mut table: toml::Table = text.parse().map_err(|error| format!("{}: {error}", path.display()))?;
        if in_browser {
            // Cases are for checking a pathway before it is released; nobody downloads them.
            table.remove("case");
        }
        let json = serde_json::to_string(&table)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name == "common" {
            common = json;
        } else {
            writeln!(listed, "    ({name:?}, {json:?}),")?;
        }
    }
    let generated = format!(
        "pub(super) const COMMON: &str = {common:?};\npub(super) const FILES: &[(&str, &str)] = &[\n{listed}];\n"
    );
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("pathways.rs"), generated)?;
    rules(Path::new(&out), in_browser)
}

/// Each `rules/NAME.toml` as `$OUT_DIR/NAME.json`, for `include_str!`. `case` tables stay out of the browser.
#[expect(clippy::disallowed_methods, reason = "a build script reads what goes into the build")]
fn rules(out: &Path, in_browser: bool) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    for entry in fs::read_dir("rules")? {
        let path = entry?.path();
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path)?;
        let mut table: toml::Table = text.parse().map_err(|error| format!("{}: {error}", path.display()))?;
        if in_browser {
            table.remove("case");
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        fs::write(out.join(format!("{name}.json")), serde_json::to_string(&table)?)?;
    }
    Ok(())
}
