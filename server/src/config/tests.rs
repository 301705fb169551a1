//! What the settings promise.

use super::*;

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn problems(pairs: &[(&str, &str)], demo: bool) -> Vec<String> {
    Config::read(given(pairs), demo).expect_err("these settings are wrong").problems
}

const MESH: [(&str, &str); 4] = [
    ("mesh_url", "https://mesh.example"),
    ("mesh_mailbox", "x26hc001"),
    ("mesh_password", "secret-one"),
    ("mesh_shared_key", "secret-two"),
];

#[test]
fn nothing_need_be_set_to_begin() {
    let config = Config::read(BTreeMap::new(), false).expect("the defaults are complete");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.origin_text(), "http://localhost:8080");
    assert_eq!(config.database_url, "sqlite://satchel.db");
    assert!(config.mesh.is_none());
}

#[test]
fn the_address_people_type_follows_the_port_that_is_listened_on() {
    let config = Config::read(given(&[("listen", "127.0.0.1:9191")]), false).expect("valid");
    assert_eq!(config.origin_text(), "http://localhost:9191");
}

#[test]
fn the_app_is_found_beside_the_command_that_was_built_with_it() {
    let checkout = tempfile::tempdir().expect("a folder");
    let command = checkout.path().join("target/debug/satchel");
    assert_eq!(beside(&command), None, "nothing was built yet");
    std::fs::create_dir(checkout.path().join("dist")).expect("made");
    assert_eq!(beside(&command), Some(checkout.path().join("dist")));
    let config = Config::read(given(&[("dist", "/srv/satchel")]), false).expect("valid");
    assert_eq!(config.dist, PathBuf::from("/srv/satchel"), "what is set counts");
}

#[test]
fn every_setting_stands_in_the_page_about_settings() {
    let page = include_str!("../../../docs/configuration.md");
    let mut keys = Vec::new();
    let read = concat!(
        include_str!("mod.rs"),
        include_str!("identity.rs"),
        include_str!("services.rs"),
        include_str!("arrivals.rs"),
        include_str!("medicines.rs")
    );
    for asked in read.split("settings.").skip(1) {
        let Some((way, rest)) = asked.split_once('(') else { continue };
        if !["text", "secret", "value", "number", "flag"].contains(&way) {
            continue;
        }
        let key = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
        keys.push(key.expect("a setting is named where it is read"));
    }
    assert!(keys.len() > 15, "{keys:?}");
    let missing =
        keys.iter().filter(|key| !page.contains(&format!("`SATCHEL_{}`", key.to_ascii_uppercase())));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn every_problem_is_named_at_once() {
    let problems = problems(&[("listen", "8080"), ("session_hours", "0"), ("orign", "https://x")], false);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].starts_with("SATCHEL_LISTEN must be an address"), "{problems:?}");
    assert!(problems[1].starts_with("SATCHEL_SESSION_HOURS"), "{problems:?}");
    assert_eq!(problems[2], "SATCHEL_ORIGN is not a setting.");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    assert!(problems(&[("origin", "http://satchel.example")], false)[0].contains("https://"));
    assert!(problems(&[("origin", "https://10.0.0.1")], false)[0].contains("host name"));
    assert!(problems(&[("origin", "https://satchel.example/app")], false)[0].contains("no path"));
}

#[test]
fn mesh_is_set_whole_or_not_at_all() {
    let problems = problems(&MESH[..2], false);
    assert_eq!(problems.len(), 2);
    assert!(problems[0].starts_with("SATCHEL_MESH_PASSWORD is missing"), "{problems:?}");
}

#[test]
fn a_demonstration_never_reaches_the_real_nhs() {
    assert!(problems(&MESH, true)[0].contains("a demonstration must never reach"));
}

#[test]
fn a_live_server_never_sends_to_a_simulator() {
    let mut settings = MESH;
    settings[0].1 = "http://localhost:8080/simulator/mesh";
    assert!(problems(&settings, false)[0].contains("simulator"));
}

#[test]
fn secrets_are_not_shown_when_settings_are_printed() {
    let config = Config::read(given(&MESH), false).expect("complete");
    assert!(!format!("{config:?}").contains("secret-"));
    let mesh = config.mesh.expect("set");
    assert_eq!((mesh.mailbox.as_str(), mesh.password.expose_secret()), ("X26HC001", "secret-one"));
}

#[test]
fn a_file_is_read_and_the_environment_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("satchel.toml");
    let text = "listen = \"127.0.0.1:1\"\nsession_hours = 8\n[practice_mailboxes]\nA82648 = \"X26OT111\"\n";
    std::fs::write(&path, text).expect("written");
    let path = path.to_string_lossy();
    let config = Config::read(given(&[("config", &path), ("session_hours", "9")]), false).expect("valid");
    assert_eq!((config.listen.port(), config.session_hours), (1, 9));
    let practice: OdsCode = "A82648".parse().expect("a code");
    assert_eq!(config.practice_mailboxes[&practice], "X26OT111");
}

#[test]
fn a_missing_file_is_named() {
    assert!(problems(&[("config", "/nowhere/satchel.toml")], false)[0].contains("/nowhere/satchel.toml"));
}

#[test]
fn a_database_is_sqlite_or_postgresql_and_its_password_is_never_quoted() {
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let settings = given(&[("database_url", "postgres://satchel:s3cret@db/satchel"), ("secret_key", key)]);
    assert_eq!(Config::read(settings, false).expect("valid").database_connections, 16);
    let wrong =
        problems(&[("database_url", "mysql://satchel:s3cret@db/satchel"), ("secret_key", key)], false);
    assert!(wrong[0].starts_with("SATCHEL_DATABASE_URL must begin with sqlite://"), "{wrong:?}");
    assert!(!wrong[0].contains("s3cret"));
}

const PLATFORM: [(&str, &str); 3] = [
    ("nhs_api_url", "https://int.api.service.nhs.uk"),
    ("nhs_api_key", "an-api-key"),
    ("nhs_api_kid", "int-1"),
];

#[test]
fn the_settings_of_the_api_platform_belong_together() {
    let wrong = problems(&PLATFORM, false);
    assert!(wrong.iter().any(|problem| problem.starts_with("SATCHEL_NHS_API_PRIVATE_KEY")), "{wrong:?}");
    let mut all = PLATFORM.to_vec();
    all.push(("nhs_api_private_key", "/no/such/key.pem"));
    let wrong = problems(&all, false);
    assert!(wrong.iter().any(|problem| problem.contains("/no/such/key.pem")), "{wrong:?}");
}

#[test]
fn a_demonstration_never_reaches_the_api_platform_nor_a_live_server_the_simulator() {
    let key = tempfile::NamedTempFile::new().expect("a file");
    let path = key.path().display().to_string();
    let mut all = PLATFORM.to_vec();
    all.push(("nhs_api_private_key", &path));
    assert!(Config::read(given(&all), false).is_ok());
    let wrong = problems(&all, true);
    assert!(wrong[0].contains("a demonstration must never reach"), "{wrong:?}");
    all[0].1 = "http://127.0.0.1:8080/simulator/platform";
    assert!(Config::read(given(&all), true).is_ok());
    assert!(problems(&all, false)[0].contains("only a demonstration"));
}

#[test]
fn the_settings_of_cis2_belong_together_and_its_issuer_stays_as_it_is_written() {
    let issuer = "https://am.nhsint.auth-ptl.cis2.spineservices.nhs.uk:443/openam/oauth2/realms/root";
    let wrong = problems(&[("cis2_issuer", issuer)], false);
    assert!(wrong.iter().any(|problem| problem.starts_with("SATCHEL_CIS2_CLIENT_ID")), "{wrong:?}");
    let key = tempfile::NamedTempFile::new().expect("a file");
    let path = key.path().display().to_string();
    let two = format!("{path}, {path}");
    let all = [("cis2_issuer", issuer), ("cis2_client_id", "1.apps.national"), ("cis2_key", two.as_str())];
    let cis2 = Config::read(given(&all), false).expect("valid").cis2.expect("set");
    assert_eq!(cis2.settings.issuer, issuer);
    assert_eq!(cis2.settings.discovery, format!("{issuer}/.well-known/openid-configuration"));
    assert_eq!(cis2.settings.redirect_uri, "http://localhost:8080/api/cis2/callback");
    assert_eq!(cis2.keys.len(), 2);
    assert!(problems(&all, true)[0].contains("a demonstration must never reach"));
    let weak = [all[0], all[1], all[2], ("cis2_signing", "HS256"), ("cis2_acr", "AAL1_USERPASS")];
    assert_eq!(problems(&weak, false).len(), 2);
}

#[test]
fn pds_and_ods_are_encrypted_whole_and_never_mixed_with_simulators() {
    let config = Config::read(
        given(&[
            ("pds_url", "https://int.api.example/personal-demographics/FHIR/R4/"),
            ("ods_url", "https://int.api.example/organisation-data-terminology-api/fhir"),
            ("ods_key", "a-key"),
            ("ods_area", "m1, SW1A zz99"),
        ]),
        false,
    )
    .expect("valid");
    assert_eq!(config.pds_url.as_deref(), Some("https://int.api.example/personal-demographics/FHIR/R4"));
    assert_eq!(config.ods_area, ["M1", "SW1A", "ZZ99"]);
    assert!(!format!("{config:?}").contains("a-key"));
    for (pairs, demo, part) in [
        (vec![("pds_url", "http://pds.example")], false, "https://"),
        (vec![("pds_url", "https://pds.example")], true, "demonstration must never reach"),
        (vec![("pds_url", "http://127.0.0.1:8080/simulator/pds")], false, "simulator"),
        (vec![("ods_url", "https://ods.example")], false, "SATCHEL_ODS_KEY is missing"),
        (vec![("ods_key", "k")], false, "SATCHEL_ODS_URL is missing"),
        (vec![("ods_url", "https://ods.example"), ("ods_key", "k")], true, "demonstration must never reach"),
        (vec![("ods_area", "M1, Zettington")], false, "“ZETTINGTON” is not"),
        (vec![("ncrs_url", "http://ncrs.example")], false, "https://"),
    ] {
        let problems = problems(&pairs, demo);
        assert!(problems.len() == 1 && problems[0].contains(part), "{pairs:?}: {problems:?}");
    }
}

#[test]
fn the_directories_of_services_are_set_whole_encrypted_and_never_mixed_with_simulators() {
    let half = problems(&[("dos_rest_url", "https://dos.example"), ("dos_rest_user", "us")], false);
    assert!(half.iter().any(|problem| problem.contains("DOS_REST_PASSWORD")), "{half:?}");
    let keyless = problems(&[("service_search_url", "https://search.example")], false);
    assert!(keyless[0].contains("SERVICE_SEARCH_KEY"), "{keyless:?}");
    let alone = problems(&[("dos_fhir_url", "https://api.example/dos-search/FHIR/R4")], false);
    assert!(alone[0].contains("NHS API platform"), "{alone:?}");
    let far = problems(&[("dos_rest_miles", "101")], false);
    assert!(far[0].contains("DOS_REST_MILES"), "{far:?}");
    let real = [("service_search_url", "https://search.example"), ("service_search_key", "k")];
    assert!(problems(&real, true)[0].contains("demonstration"));
    let plain = [("service_search_url", "http://search.example"), ("service_search_key", "k")];
    assert!(problems(&plain, false)[0].contains("https://"));
}

#[test]
fn trud_is_asked_where_a_key_is_set_and_a_demonstration_never_reaches_it() {
    assert!(Config::read(BTreeMap::new(), false).expect("valid").trud.is_none());
    let config = Config::read(given(&[("trud_api_key", "a-secret-key")]), false).expect("valid");
    assert_eq!(config.trud.as_ref().expect("set").base_url, "https://isd.digital.nhs.uk/trud/api/v1");
    assert!(!format!("{config:?}").contains("a-secret-key"));
    assert!(problems(&[("trud_api_key", "k")], true)[0].contains("demonstration"));
    assert!(problems(&[("trud_url", "https://trud.example")], false)[0].contains("TRUD_API_KEY"));
    assert!(
        problems(&[("trud_api_key", "k"), ("trud_url", "http://trud.example")], false)[0].contains("https")
    );
}
