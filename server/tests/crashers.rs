//! Whatever comes from outside is read or refused: over every seed, over seeds damaged in every place, over what is meant
//! to break a reader, and over whatever once did (`server/fixtures/crashers`).

#[path = "../fuzz/promises.rs"]
mod promises;

use std::path::Path;

/// A parser's name, its promise, and the folders, below `server`, in which messages that it should read lie.
type Parser = (&'static str, fn(&[u8]), &'static [&'static str]);

const PARSERS: &[Parser] = &[
    ("itk_report", promises::itk_report, &["src/intake/itk111/fixtures"]),
    ("adaptor_report", promises::adaptor_report, &["src/intake/adaptor/fixtures"]),
    ("fhir_element", promises::fhir_element, &["src/intake/adaptor/fixtures"]),
    ("mesh_wire", promises::mesh_wire, &["fuzz/seeds/mesh_wire"]),
    ("ack", promises::ack, &["fuzz/seeds/ack"]),
    ("bars_message", promises::bars_message, &["src/intake/bars/fixtures"]),
    ("mail", promises::mail, &["src/intake/mail/fixtures"]),
    ("itk3_letter", promises::itk3_letter, &["src/intake/itk3/fixtures"]),
    ("directory_csv", promises::directory_csv, &["fuzz/seeds/directory_csv"]),
    ("places", promises::places, &["fuzz/seeds/places"]),
    ("handover", promises::handover, &["fuzz/seeds/handover"]),
];

fn below(folder: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Every file of a folder that may be missing.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(below(folder)).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    paths.map(|path| std::fs::read(&path).expect("a fixture can be read")).collect()
}

/// On a stack of the size that every worker thread has: what goes down element by element does not come back.
fn on_a_worker(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).expect("a thread");
    thread.join().expect("no promise was broken");
}

fn seeds(parser: &Parser) -> Vec<Vec<u8>> {
    let found: Vec<_> = parser.2.iter().flat_map(|folder| files(folder)).collect();
    assert!(!found.is_empty(), "{} has no seeds", parser.0);
    found
}

#[test]
fn whatever_broke_a_parser_is_harmless() {
    for (name, keeps, _) in PARSERS {
        for bytes in files(&format!("fixtures/crashers/{name}")) {
            keeps(&bytes);
        }
    }
}

#[test]
fn every_parser_keeps_its_promise_for_its_own_messages_and_for_everybody_elses() {
    let all: Vec<Vec<u8>> = PARSERS.iter().flat_map(seeds).collect();
    for (_, keeps, _) in PARSERS {
        for bytes in &all {
            keeps(bytes);
        }
    }
}

#[test]
fn a_message_cut_off_or_damaged_anywhere_is_read_or_refused() {
    for parser in PARSERS {
        for seed in seeds(parser) {
            for part in 0..40 {
                let at = seed.len() * part / 40;
                parser.1(&seed[..at]);
                for byte in [0, b'<', b'"', b'&', b'{', 0xFF] {
                    let mut damaged = seed.clone();
                    damaged[at] = byte;
                    parser.1(&damaged);
                }
            }
        }
    }
}

#[test]
fn what_is_meant_to_break_a_reader_is_refused_by_every_parser_at_once() {
    let fhir = "<Bundle xmlns=\"http://hl7.org/fhir\">";
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE b [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
    let spaces = (0..50_000).map(|n| format!("<a xmlns:p{n}=\"u\">")).collect::<Vec<_>>().concat();
    let attributes = (0..50_000).map(|n| format!(" a{n}=\"\"")).collect::<Vec<_>>().concat();
    let wide: Vec<u8> = format!("{fhir}</Bundle>").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hostile: Vec<Vec<u8>> = vec![
        format!("{fhir}{}", "<a>".repeat(100_000)).into_bytes(),
        format!("{fhir}{}{}</Bundle>", "<a>".repeat(100_000), "</a>".repeat(100_000)).into_bytes(),
        "[".repeat(100_000).into_bytes(),
        format!("{{\"resourceType\":\"Bundle\",\"a\":{}", "[".repeat(100_000)).into_bytes(),
        "{\"a\":".repeat(100_000).into_bytes(),
        format!("{{\"resourceType\":\"Bundle\",\"a\":[{}0]}}", "0,".repeat(1_000_000)).into_bytes(),
        format!("{bomb}{fhir}<id value=\"&c;\"/></Bundle>").into_bytes(),
        format!("{outside}{fhir}<id value=\"&f;\"/></Bundle>").into_bytes(),
        format!("{fhir}{spaces}").into_bytes(),
        format!("{fhir}<a{attributes}/></Bundle>").into_bytes(),
        format!("{fhir}<a b=\"{}\"/></Bundle>", "&#65;".repeat(500_000)).into_bytes(),
        wide,
        vec![0xFF, 0xFE, 0x00, 0xD8],
        b"<Bundle>\xE9</Bundle>".to_vec(),
        vec![0; 100_000],
    ];
    on_a_worker(move || {
        for (_, keeps, _) in PARSERS {
            for bytes in &hostile {
                keeps(bytes);
            }
        }
    });
}

#[test]
fn every_parser_has_a_fuzz_target_and_every_target_a_parser() {
    let entries = std::fs::read_dir(below("fuzz/fuzz_targets")).expect("targets").flatten();
    let mut targets: Vec<String> = entries
        .filter_map(|entry| entry.path().file_stem().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    targets.sort();
    let mut parsers: Vec<&str> = PARSERS.iter().map(|(name, ..)| *name).collect();
    parsers.sort_unstable();
    assert_eq!(targets, parsers);
    let manifest = std::fs::read_to_string(below("fuzz/Cargo.toml")).expect("the manifest");
    for name in parsers {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in fuzz/Cargo.toml");
    }
}
