//! Releases from their files to what devices search, and everything that keeps a bad one out.

use super::synthetic::{self, Size, Synthetic};
use super::*;
use crate::samples::samples;
use crate::store::{DmdStore as _, SqliteStore};
use jiff::civil::date;
use proptest::prelude::*;
use shared::medicines::{Availability, Group, Index, LegalClass};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

/// 18 November 2026, 11:06:40 UTC.
const NOW: i64 = 1_795_000_000_000;

struct Server {
    store: SqliteStore,
    folder: TempDir,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("satchel.db").display());
        Self { store: SqliteStore::open(&url).await.expect("a store"), folder }
    }

    /// The small invented release of a week, as a folder or, where the name says so, a zip.
    fn release(&self, name: &str, week: u16) -> PathBuf {
        let path = self.folder.path().join(name);
        let asked = Synthetic { size: Size::Small, first: date(2026, 11, 9), week };
        synthetic::write(&asked, &path).expect("written");
        path
    }

    async fn import(&self, path: &Path) -> Result<Imported, ImportError> {
        self.import_with(path, false, NOW).await
    }

    async fn import_with(&self, path: &Path, accept_fewer: bool, now: i64) -> Result<Imported, ImportError> {
        let asked = Asked { paths: vec![path.to_owned()], source: "file".to_owned(), accept_fewer, now };
        import(&self.store, asked, Box::new(Silent)).await
    }

    async fn in_use(&self) -> Option<String> {
        self.store.dmd_release().await.expect("a store").map(|release| release.release)
    }

    /// What devices get.
    async fn index(&self, name: &str) -> Index {
        let release = self.store.dmd_release().await.expect("a store").expect("a release");
        let file = release.files.iter().find(|file| file.name == name).expect("a file");
        let bytes = in_full(&self.store, file).await.expect("a store").expect("in use");
        shared::medicines::file::read(&bytes).expect("a medicines file")
    }
}

/// Rewrites one file of a folder.
fn edit(folder: &Path, part: &str, change: impl FnOnce(String) -> String) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let path = entries
        .map(|entry| entry.expect("a file").path())
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(part)))
        .expect("the part is there");
    let text = std::fs::read_to_string(&path).expect("text");
    let changed = change(text.clone());
    assert_ne!(text, changed, "nothing was changed in {part}");
    std::fs::write(path, changed).expect("written");
}

/// The code of the first product of a name.
fn named(index: &Index, name: &str) -> shared::medicines::Product {
    let hits = index.search(name, 50);
    let codes = hits.iter().map(|hit| hit.product.code);
    codes.filter_map(|code| index.product(code)).find(|product| product.name == name).expect("found")
}

#[tokio::test]
async fn a_release_becomes_what_devices_search() {
    let server = Server::start().await;
    let imported = server.import(&server.release("week0.zip", 0)).await.expect("imported");
    assert_eq!((imported.outcome, imported.before), (Outcome::InUseNow, None));
    assert_eq!((imported.warnings.total, imported.absent.len()), (0, 0), "{}", imported.warnings);
    assert_eq!((imported.counts.vmp, imported.counts.gtin), (600, 1000));
    let (core, full) = (server.index("core").await, server.index("full").await);
    assert_eq!((core.release(), full.release()), ("2026-11-09", "2026-11-09"));
    assert!(!core.has_brands() && full.has_brands() && full.len() as u64 == imported.counts.searchable);

    let capsules = named(&core, "Amoxicillin 500mg capsules");
    assert_eq!((capsules.form.as_str(), capsules.strength.as_str()), ("capsule", "500 mg"));
    assert_eq!(capsules.legal_class, LegalClass::PrescriptionOnly);
    assert_eq!((capsules.availability, capsules.schedule), (Availability::Available, 0));
    let packs: Vec<_> =
        capsules.packs.iter().map(|pack| (pack.quantity.as_str(), pack.unit.as_str())).collect();
    assert_eq!(packs[..2], [("15", "capsule"), ("21", "capsule")]);
    let substances: Vec<_> = capsules.ingredients.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(substances, ["Amoxicillin trihydrate", "Amoxicillin"], "an allergy is told as either");
    let brand = full.brands_of(capsules.code).into_iter().find(|brand| brand.name.starts_with("Amoxalor"));
    let brand = brand.expect("its brand");
    assert_eq!((brand.parent, brand.strength), (Some(capsules.code), "500 mg".to_owned()));

    let salbutamol = named(&core, "Salbutamol 100micrograms/dose inhaler CFC free");
    assert!(salbutamol.groups.contains(&Group::Inhaler));
    assert_eq!(salbutamol.strength, "100 microgram/1 dose");
    for (name, schedule) in [
        ("Tramadol 50mg capsules", 5),
        ("Morphine 10mg modified-release tablets", 2),
        ("Codeine 30mg tablets", 10),
        ("Phenobarbital 30mg tablets", 6),
        ("Diazepam 2mg tablets", 9),
    ] {
        assert_eq!(named(&core, name).schedule, schedule, "{name}");
    }
    assert!(named(&core, "Paracetamol 500mg capsules").legal_class == LegalClass::GeneralSale);
    let dressing = named(&core, "Wound dressing absorbent sterile 5cm x 4cm");
    assert!(dressing.appliance && dressing.legal_class == LegalClass::NotApplicable);
}

#[tokio::test]
async fn the_published_extract_imports() {
    let Some(path) = samples("dmd/2019-04-01") else { return };
    let server = Server::start().await;
    let imported = server.import(&path).await.expect("imported");
    assert_eq!(imported.release, "2019-04-01");
    assert_eq!(imported.absent, ["bnf", "history", "vtm_ing"]);
    let full = server.index("full").await;
    let gel = full.product(22_480_211_000_001_104).expect("diclofenac gel");
    assert_eq!((gel.name.as_str(), gel.legal_class), ("Diclofenac 2.32% gel", LegalClass::Pharmacy));
    assert!(full.product(29_915_211_000_001_103).is_none(), "withdrawn (INVALID is 1)");
    let adenosine = full.product(35_894_711_000_001_106).expect("adenosine");
    assert_eq!(
        (adenosine.strength.as_str(), adenosine.form.as_str()),
        ("3 mg/1 ml", "solution for injection")
    );
    assert_eq!(adenosine.availability, Availability::Restricted, "hospital only");
    let special = full.product(9_394_311_000_001_104).expect("a special");
    assert_eq!(special.availability, Availability::Restricted);
    let import = full.product(10_837_011_000_001_103).expect("a parallel import");
    assert_eq!(import.availability, Availability::Unavailable, "all its packs are discontinued");
    let replaced = server.store.dmd_replaced(318_338_001).await.expect("a store").expect("VPIDPREV");
    assert_eq!((replaced.new, replaced.kind.as_str()), (35_894_711_000_001_106, "vmp"));
}

#[tokio::test]
async fn the_same_release_again_says_so_as_a_folder_too() {
    let server = Server::start().await;
    server.import(&server.release("week0.zip", 0)).await.expect("imported");
    let again = server.import_with(&server.release("folder", 0), false, NOW + 1).await.expect("looked at");
    assert_eq!(again.outcome, Outcome::Same);
    let release = server.store.dmd_release().await.expect("a store").expect("a release");
    assert_eq!(release.imported_at, NOW, "nothing was written");
}

#[tokio::test]
async fn what_changed_since_the_last_release_is_told_and_old_ids_lead_to_the_new_ones() {
    let server = Server::start().await;
    server.import(&server.release("week0.zip", 0)).await.expect("imported");
    let before = server.index("core").await;
    let imported =
        server.import_with(&server.release("week1.zip", 1), false, NOW + 1).await.expect("imported");
    assert_eq!(imported.before.as_deref(), Some("2026-11-09"));
    let changes = imported.changes.expect("compared");
    assert!(changes.renamed.examples.iter().any(|one| one.ends_with("sugar free")), "{changes:?}");
    assert!(changes.added.examples.iter().any(|one| one.contains("preservative free")), "{changes:?}");
    assert!(changes.withdrawn.count >= 2, "one withdrawn and one under a new id: {changes:?}");
    let is_new = |one: &String| one.ends_with("now Schedule 3");
    assert!(changes.schedule_changed.examples.iter().any(is_new), "{changes:?}");
    assert!(
        changes.legal_class_changed.examples.iter().any(|one| one.ends_with("POM, now P")),
        "{changes:?}"
    );
    let after = server.index("core").await;
    let file = std::fs::File::open(server.folder.path().join("week1.zip")).expect("a file");
    let mut text = String::new();
    let mut zip = zip::ZipArchive::new(file).expect("a zip");
    zip.by_name("f_vmp2_3161126.xml").expect("its products").read_to_string(&mut text).expect("text");
    let (_, old) = text.split_once("<VPIDPREV>").expect("one changed its id");
    let old: u64 = old.split('<').next().and_then(|id| id.parse().ok()).expect("an id");
    let replaced = server.store.dmd_replaced(old).await.expect("a store").expect("it is known");
    assert_eq!(
        before.product(old).expect("there before").name,
        after.product(replaced.new).expect("there now").name
    );
    assert!(after.product(old).is_none());
}

#[tokio::test]
async fn an_older_release_is_refused_and_the_one_in_use_stays() {
    let server = Server::start().await;
    server.import(&server.release("week1", 1)).await.expect("imported");
    let refused = server.import(&server.release("week0", 0)).await;
    assert!(matches!(refused, Err(ImportError::Older { .. })), "{refused:?}");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-16"));
    let ahead = server.import(&server.release("week9", 9)).await;
    assert!(matches!(ahead, Err(ImportError::Ahead { .. })), "{ahead:?}");
}

/// Where one number is taken out or put wrong, and what the fault says.
type Broken = (&'static str, &'static str, &'static str, &'static str);

#[tokio::test]
async fn a_release_with_a_broken_relationship_is_refused_by_name_and_the_one_in_use_stays() {
    let server = Server::start().await;
    server.import(&server.release("good", 0)).await.expect("imported");
    let broken: [Broken; 14] = [
        ("f_vmp", "<VTMID>1", "<VTMID>8", "VTMID"),
        ("f_amp", "<VPID>2", "<VPID>8", "VPID"),
        ("f_vmpp", "<VPID>2", "<VPID>8", "VPID"),
        ("f_ampp", "<VPPID>3", "<VPPID>8", "VPPID"),
        ("f_ampp", "<APID>4", "<APID>8", "APID"),
        ("f_vmp", "<ISID>6", "<ISID>8", "ISID"),
        ("f_vmp", "<CATCD>0000", "<CATCD>0077", "CONTROL_DRUG_CATEGORY"),
        ("f_amp", "<SUPPCD>7", "<SUPPCD>8", "SUPPLIER"),
        ("f_ampp", "<LEGAL_CATCD>0003", "<LEGAL_CATCD>3.5", "LEGAL_CATEGORY"),
        ("f_vmpp", "<QTYVAL>15", "<QTYVAL>many", "QTYVAL"),
        ("f_gtin", "<AMPPID>5", "<AMPPID>8", "AMPPID"),
        ("f_lookup", "<SUPPLIER>", "<SUPPLIERS>", "XML"),
        ("f_amp", "</ACTUAL_MEDICINAL_PRODUCTS>", "", "in the middle"),
        ("f_vtm", "VIRTUAL_THERAPEUTIC_MOIETIES", "HOLIDAYS", "HOLIDAYS"),
    ];
    for (number, (part, from, to, told)) in broken.into_iter().enumerate() {
        let path = server.release(&format!("bad{number}"), 1);
        // `f_vmp` is the beginning of `f_vmpp`, too.
        let part = format!("{part}{}", if part.starts_with("f_gtin") { "2_0" } else { "2_3" });
        edit(&path, &part, |text| text.replacen(from, to, 1));
        match server.import(&path).await {
            Err(error @ ImportError::Faulty { .. }) => {
                let words = error.to_string();
                assert!(words.contains(told) && words.contains(&part), "{from}: {words}");
                assert!(words.contains("2026-11-09, stays"), "{words}");
            }
            other => panic!("{from}: {other:?}"),
        }
    }
    let twice = server.release("twice", 1);
    edit(&twice, "f_vtm2_3", |text| {
        let (_, row) = text.split_once("<VTM>").expect("a row");
        let (row, _) = row.split_once("</VTM>").expect("its end");
        text.replacen("<VTM>", &format!("<VTM>{row}</VTM><VTM>"), 1)
    });
    let refused = server.import(&twice).await.expect_err("refused").to_string();
    assert!(refused.contains("twice"), "{refused}");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-09"));
    server.import(&server.release("good1", 1)).await.expect("the next good one is taken");
}

#[tokio::test]
async fn a_release_of_which_much_is_missing_is_refused_unless_it_is_meant() {
    let server = Server::start().await;
    server.import(&server.release("week0", 0)).await.expect("imported");
    let part = server.release("part", 1);
    // All packs but the first three, and all that speaks of the others.
    edit(&part, "f_ampp2_3", |text| {
        let (head, rows) = text.split_once("  <AMPPS>").expect("packs");
        let kept: String = rows.split_inclusive("</AMPP>").take(3).collect();
        format!("{head}<AMPPS>{kept}</AMPPS></ACTUAL_MEDICINAL_PROD_PACKS>")
    });
    edit(&part, "f_gtin2_0", |_| "<GTIN_DETAILS><AMPPS></AMPPS></GTIN_DETAILS>".to_owned());
    let refused = server.import(&part).await;
    assert!(matches!(refused, Err(ImportError::Fewer { what: "packs", .. })), "{refused:?}");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-09"));
    server.import_with(&part, true, NOW + 1).await.expect("meant");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-16"));
}

#[tokio::test]
async fn a_release_without_a_part_that_the_one_in_use_has_is_refused_unless_it_is_meant() {
    let server = Server::start().await;
    server.import(&server.release("week0", 0)).await.expect("imported");
    let week1 = server.release("part", 1);
    let bnf = week1.join(part::name_of(part::Part::Bnf, date(2026, 11, 16)));
    std::fs::remove_file(bnf).expect("removed");
    let refused = server.import(&week1).await.expect_err("refused");
    assert!(matches!(refused, ImportError::Lacks { part: "bnf", .. }), "{refused:?}");
    assert!(refused.to_string().contains("without its bnf file"), "{refused}");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-09"));
    server.import_with(&week1, true, NOW + 1).await.expect("meant");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-16"));
    // What is done without once is not asked for again.
    let next = server.release("next", 2);
    let bnf = next.join(part::name_of(part::Part::Bnf, date(2026, 11, 23)));
    std::fs::remove_file(bnf).expect("removed");
    server.import_with(&next, false, NOW + 2).await.expect("no worse than the one in use");
}

#[tokio::test]
async fn a_required_file_must_be_there_once_and_of_the_same_day() {
    let server = Server::start().await;
    let folder = server.release("week0", 0);
    let vtm = folder.join("f_vtm2_3091126.xml");
    let other_day = folder.join("f_vtm2_3161126.xml");
    std::fs::rename(&vtm, &other_day).expect("renamed");
    let refused = server.import(&folder).await;
    assert!(matches!(refused, Err(ImportError::NotARelease(NotARelease::DaysDiffer { .. }))), "{refused:?}");
    std::fs::copy(&other_day, &vtm).expect("copied");
    let refused = server.import(&folder).await;
    assert!(matches!(refused, Err(ImportError::NotARelease(NotARelease::Twice { .. }))), "{refused:?}");
    std::fs::remove_file(&vtm).and_then(|()| std::fs::remove_file(&other_day)).expect("removed");
    let refused = server.import(&folder).await;
    assert!(
        matches!(refused, Err(ImportError::NotARelease(NotARelease::Missing { missing: "vtm" }))),
        "{refused:?}"
    );
    assert_eq!(server.in_use().await, None);
}

/// A zip of these files.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

fn opened(bytes: &[u8]) -> Result<(), NotARelease> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("release.zip");
    std::fs::write(&path, bytes).expect("written");
    source::open(&[path]).map(drop)
}

#[test]
fn hostile_zips_are_refused_before_they_are_unpacked() {
    let bomb = zipped(&[("f_vmp2_3091126.xml", &vec![b' '; 64 * 1024 * 1024])]);
    assert!(bomb.len() < 1024 * 1024);
    assert!(matches!(opened(&bomb), Err(NotARelease::Hostile { .. })));
    let names: Vec<String> = (0..1100).map(|number| format!("n{number}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(matches!(opened(&zipped(&many)), Err(NotARelease::Hostile { .. })));
    let mut deep = zipped(&[("a.txt", b"a")]);
    for _ in 0..6 {
        deep = zipped(&[("inner.zip", &deep)]);
    }
    assert!(matches!(opened(&deep), Err(NotARelease::Hostile { .. })));
    assert!(matches!(opened(b"not a zip"), Err(NotARelease::NotAZip { .. })));
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_names_and_nothing_is_written_under_them() {
    let server = Server::start().await;
    let folder = server.release("week0", 0);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        files.push((format!("../../../../etc/{name}"), std::fs::read(&path).expect("read")));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let path = server.folder.path().join("climbing.zip");
    std::fs::write(&path, zipped(&files)).expect("written");
    server.import(&path).await.expect("read where it is");
}

#[test]
fn a_name_that_is_no_text_within_an_archive_is_refused_like_any_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("release.zip");
    std::fs::write(&path, zipped(&[("f_ingredient2_3091126\u{fffd}xml", b"<x/>"), ("\u{fffd}", b"<x/>")]))
        .expect("written");
    assert!(source::open(&[path]).is_err(), "none of its files belongs to a release");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_to_a_zip_does_more_than_refuse_it(
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let whole: Vec<(String, Vec<u8>)> = part::Part::ALL
            .into_iter()
            .map(|part| (part::name_of(part, date(2026, 11, 9)), format!("<{0}></{0}>", part.root()).into_bytes()))
            .collect();
        let files: Vec<(&str, &[u8])> = whole.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
        let mut bytes = zipped(&files);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("release.zip");
        std::fs::write(&path, &bytes).expect("written");
        if let Ok(mut release) = source::open(&[path]) {
            // Whatever comes out, it comes out as a result.
            let _ = read::read(&mut release, &mut Silent);
        }
    }

    #[test]
    fn no_text_in_the_place_of_a_file_does_more_than_refuse_it(text in "(<|>|/|&|;|R|X|A|!--|CDATA\\[|\"| |[a-z]){0,200}") {
        let mut nothing = |_: &str, _: &str, _: &rows::Row, _: u64| {};
        let _ = rows::read(metered::Metered::new(text.as_bytes(), 1000), "R", &|name| name == "X", &mut nothing);
    }
}

#[tokio::test]
async fn a_fetched_release_comes_into_use_once() {
    let simulator = trud::Simulator::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = simulator.router();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let server = Server::start().await;
    let bytes = std::fs::read(server.release("week0.zip", 0)).expect("read");
    simulator.publish(trud::DMD, "nhsbsa_dmd_1.zip", "2026-11-09", bytes);
    let given = [
        (
            "database_url".to_owned(),
            format!("sqlite://{}", server.folder.path().join("satchel.db").display()),
        ),
        ("trud_url".to_owned(), base),
        ("trud_api_key".to_owned(), "an-invented-key".to_owned()),
    ];
    let config = crate::config::Config::read(given.into(), false).expect("valid");
    let clock = crate::clock::Clock::set_to(NOW);
    let store = std::sync::Arc::new(server.store.clone());
    let app = crate::app::App::new(config, clock, store).await.expect("an app");
    let client = app.trud.clone().expect("a key is set");
    let mut refused = String::new();
    let imported = fetch(&app, &client, &mut refused).await.expect("fetched").expect("new");
    assert_eq!(imported.release, "2026-11-09");
    assert!(fetch(&app, &client, &mut refused).await.expect("looked").is_none(), "nothing is newer");
    simulator.publish(trud::DMD, "nhsbsa_dmd_2.zip", "2026-11-16", b"not a zip".to_vec());
    fetch(&app, &client, &mut refused).await.expect_err("it is refused");
    let asked = simulator.asked();
    assert!(fetch(&app, &client, &mut refused).await.expect("looked").is_none(), "it is not fetched again");
    assert_eq!(simulator.asked(), asked + 2, "two lists, no archive");
    assert_eq!(server.in_use().await.as_deref(), Some("2026-11-09"));

    let with_supplement = Asked {
        paths: vec![server.release("week1", 1)],
        source: "trud nhsbsa_dmd_2.zip nhsbsa_dmdbonus_2.zip".to_owned(),
        accept_fewer: false,
        now: NOW + 1,
    };
    import(&server.store, with_supplement, Box::new(Silent)).await.expect("imported");
    let lost = fetch(&app, &client, &mut refused).await.expect_err("the one in use has a supplement");
    assert!(
        matches!(lost, fetch::FetchError::Trud(trud::TrudError::Refused { item: trud::SUPPLEMENT, .. })),
        "{lost:?}"
    );
}
