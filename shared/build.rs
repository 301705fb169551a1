//! Embeds every file of `pathways/` as JSON, so that a new pathway edits no Rust and the browser needs no TOML.

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
    fs::write(Path::new(&env::var("OUT_DIR")?).join("pathways.rs"), generated)?;
    Ok(())
}
