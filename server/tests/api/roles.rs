//! Every route of the API with every role, somebody removed, somebody of another pharmacy, an ended shift, and nobody.

use crate::devices::{DEVICE, register};
use crate::support::{Browser, NOW, TestApp, elm, ods, read};
use reqwest::{Method, StatusCode, header};
use satchel::api::{Needs, ROUTES};
use satchel::session;
use satchel::store::{AuditEntry, Pharmacy};
use serde_json::{Value, json};
use shared::people::{Permission, Role};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Staff(Role),
    /// Was a pharmacist here until a moment ago.
    Removed,
    /// Was a pharmacist here for a shift that is over.
    ShiftOver,
    /// A pharmacist and no stranger to the server.
    Elsewhere,
    Nobody,
}

impl Who {
    const ALL: [Self; 8] = [
        Self::Staff(Role::Pharmacist),
        Self::Staff(Role::Technician),
        Self::Staff(Role::Administrator),
        Self::Staff(Role::Auditor),
        Self::Removed,
        Self::ShiftOver,
        Self::Elsewhere,
        Self::Nobody,
    ];

    fn has(self, needs: Needs) -> bool {
        let may = |permission: Permission| match self {
            Self::Staff(role) => role.may(permission),
            // At their own pharmacy; what they are shown of ours is looked at apart.
            Self::Elsewhere => Role::Pharmacist.may(permission),
            Self::Removed | Self::ShiftOver | Self::Nobody => false,
        };
        match needs {
            Needs::Nothing => true,
            Needs::SignedIn => matches!(self, Self::Staff(_) | Self::Elsewhere),
            Needs::May(permission) | Needs::OwnOr(permission) => may(permission),
            Needs::Either(one, other) => may(one) || may(other),
        }
    }
}

/// Things of our pharmacy that paths name.
struct Ours {
    person: Uuid,
    passkey: String,
    invitation: String,
    evidence: Uuid,
    authorisation: Uuid,
}

impl Ours {
    /// A colleague with a device, a passkey and papers, and a link not used yet.
    async fn at(app: &TestApp) -> Self {
        let ines = app.enrolled(Role::Administrator, "Ines Moreau", "").await;
        let tom = app.enrolled(Role::Technician, "Tom Reid", "5001234").await;
        assert_eq!(register(&tom).await.status(), StatusCode::NO_CONTENT);
        let person = tom.session().await.person.expect("signed in").id.0;
        let passkeys: Value = read(tom.get("/api/passkeys").await).await;
        app.invite(Role::Auditor).await;
        let pending: Value = read(ines.get("/api/invitations").await).await;
        let ines = &ines;
        let filed = |path: String, body: Value| async move {
            let filed: Value = read(ines.post(&path, body).await).await;
            filed["id"].as_str().expect("an id").parse::<Uuid>().expect("an id")
        };
        Self {
            person,
            passkey: passkeys[0]["id"].as_str().expect("an id").to_owned(),
            invitation: pending[0]["id"].as_str().expect("an id").to_owned(),
            evidence: filed(format!("/api/people/{person}/evidence"), evidence()).await,
            authorisation: filed(format!("/api/people/{person}/authorisations"), authorisation()).await,
        }
    }

    fn path(&self, path: &str) -> String {
        let random = Uuid::from_bytes([9; 16]).to_string();
        let id = match path.split('/').nth(2).unwrap_or_default() {
            "passkeys" => self.passkey.clone(),
            "devices" | "device-standing" | "device-log" => DEVICE.to_owned(),
            "people" => self.person.to_string(),
            "invitations" => self.invitation.clone(),
            "evidence" => self.evidence.to_string(),
            "authorisations" => self.authorisation.to_string(),
            "quarantine" => "1".to_owned(),
            _ => random,
        };
        path.replace("{id}", &id).replace("{device}", &id)
    }
}

fn evidence() -> Value {
    json!({ "service": "minor-illness", "kind": "training", "dated": "2026-01-10", "expires": "", "note": "",
            "certificate": { "name": "a.pdf", "kind": "application/pdf", "bytes": "JVBERi0xLjc=" } })
}

fn authorisation() -> Value {
    json!({ "pgd": "sore-throat", "version": "2.0", "signed": "2026-02-01", "expires": "2027-01-30",
            "authorised_by": "Superintendent",
            "certificate": { "name": "a.pdf", "kind": "application/pdf", "bytes": "JVBERi0xLjc=" } })
}

/// A body that the route can read, so that nothing but the role is in the way.
fn body(method: &str, path: &str) -> Value {
    match (method, path) {
        ("POST", "/api/session/pharmacy") => json!({ "pharmacy": "FZ000" }),
        ("POST", "/api/enrolment/join" | "/api/enrolment/look") => json!({ "token": "guess" }),
        ("PUT", "/api/passkeys/{id}" | "/api/devices/{id}/label") => json!({ "label": "Van" }),
        ("POST", "/api/sync/heads") => json!({ "documents": {} }),
        ("POST", "/api/quarantine/{id}/close") => json!({ "reason": "entered again" }),
        ("POST", "/api/quarantine/close") => {
            json!({ "consultation": Uuid::from_bytes([9; 16]), "changes": [], "reason": "entered again" })
        }
        ("PUT", "/api/devices/{id}/unsent") => json!({ "consultations": 2 }),
        ("POST", "/api/devices/{id}/vault-key") => json!({ "ephemeral": "" }),
        ("PUT", "/api/people/{id}/access") => json!({ "access_ends": "" }),
        ("POST", "/api/invitations") => json!({ "role": "auditor" }),
        ("PUT", "/api/pharmacy/contact-limit") => json!({ "hours": 24 }),
        ("PUT", "/api/pharmacy/responsible-pharmacist") => json!({ "name": "Asha Patel", "gphc": "2074123" }),
        ("POST", "/api/people/{id}/evidence") => evidence(),
        ("POST", "/api/people/{id}/authorisations") => authorisation(),
        // Its last digit is wrong: whoever may look up is told so, and nobody else gets as far.
        ("POST", "/api/patients/look-up") => json!({
            "consultation": Uuid::from_bytes([9; 16]),
            "by": { "kind": "number", "nhs_number": "9990523186" },
        }),
        // Its check character is wrong, as above.
        ("POST", "/api/prescriptions/search") => json!({
            "consultation": Uuid::nil(), "by": { "kind": "id", "id": "5A1B0E-A99999-0001A2" },
        }),
        ("POST", "/api/prescriptions/exemption") => json!({
            "consultation": Uuid::nil(), "nhs_number": "9990523185", "given_name": "", "family_name": "",
            "birth_date": "", "postcode": "",
        }),
        ("POST", "/api/waiting/{id}/settle") => json!({ "what": "not-a-referral" }),
        ("POST", "/api/deliveries/{id}/done") => json!({ "words": "Phoned" }),
        ("PUT", "/api/practices/{ods}/routes") => json!(["email", "print"]),
        ("POST", "/api/audit/device") => json!({ "lines": [] }),
        _ => json!({}),
    }
}

/// A server on which somebody has just become who they are to be, and what they may try to reach.
async fn somebody(who: Who) -> (TestApp, Browser, Ours) {
    // The walk comes as BaRS does, through a proxy that lets no other through.
    let app = TestApp::with(&[("bars_proxy_admits_only_bars", "true")]).await;
    let ours = Ours::at(&app).await;
    let browser = match who {
        Who::Nobody => app.browser(),
        Who::Staff(role) => {
            let gphc = match role {
                Role::Pharmacist => "2074123",
                Role::Technician => "5001235",
                Role::Administrator | Role::Auditor => "",
            };
            app.enrolled(role, "Asha Patel", gphc).await
        }
        Who::Removed => {
            let asha = app.asha().await;
            let id = asha.session().await.person.expect("signed in").id;
            app.app.store.remove_person(&id, &elm().ods, NOW).await.expect("removed");
            // As the handler does, on the server that removes.
            let _ = app.app.ended.send(id);
            asha
        }
        Who::ShiftOver => {
            let asha = at(&app, &elm(), Some(NOW + 1000)).await;
            app.app.clock.advance(2000);
            asha
        }
        Who::Elsewhere => {
            let oak = Pharmacy { ods: ods("FB456"), name: "Oak Pharmacy".to_owned(), ..elm() };
            app.app.store.put_pharmacy(&oak).await.expect("stored");
            at(&app, &oak, None).await
        }
    };
    (app, browser, ours)
}

/// Asha, at one of the pharmacies.
async fn at(app: &TestApp, pharmacy: &Pharmacy, until: Option<i64>) -> Browser {
    let line = AuditEntry { at: NOW, pharmacy: Some(pharmacy.ods.clone()), ..AuditEntry::default() };
    let link = session::invite_until(&app.app, &pharmacy.ods, Role::Pharmacist, until, line).await;
    let link = link.expect("a link").link;
    let (_, token) = link.split_once('#').expect("a token");
    let mut browser = app.browser();
    assert_eq!(browser.enrol(token, "Asha Patel", "2074123").await.status(), StatusCode::OK);
    browser
}

async fn asked(browser: &Browser, ours: &Ours, method: &str, path: &str) -> StatusCode {
    let verb: Method = method.parse().expect("a method");
    let mut request = browser.bare(verb, &ours.path(path)).header(header::ORIGIN, "http://localhost:8080");
    if let Some(cookie) = browser.cookie() {
        request = request.header(header::COOKIE, cookie);
    }
    request = match (method, path) {
        ("POST", "/api/sync/push" | "/api/device-log/{device}" | "/itk/report") => {
            request.header(header::CONTENT_TYPE, "application/octet-stream").body("no frame")
        }
        ("GET", "/api/sync/live") => request
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("GET" | "DELETE", _) => request,
        _ => request.json(&body(method, path)),
    };
    request.send().await.expect("an answer").status()
}

async fn described(app: &TestApp) -> BTreeSet<(String, String)> {
    let description: Value = read(app.browser().get("/api/openapi.json").await).await;
    let paths = description["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("operations").keys();
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.filter(|(method, _)| method.parse::<Method>().is_ok()).collect()
}

#[tokio::test]
async fn the_table_names_every_route_of_the_api_once_and_no_other() {
    let app = TestApp::start().await;
    let described = described(&app).await;
    let table: Vec<_> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let once: BTreeSet<_> = table.iter().cloned().collect();
    assert_eq!(once.len(), table.len(), "a route stands in the table twice");
    let missing: Vec<_> = described.difference(&once).collect();
    assert!(missing.is_empty(), "say in server/src/api/access.rs what these need: {missing:?}");
    let gone: Vec<_> = once.difference(&described).collect();
    assert!(gone.is_empty(), "in server/src/api/access.rs, and no route: {gone:?}");
}

/// A month or a kind of file, of whichever pharmacy asks.
fn path_names_no_thing(path: &str) -> bool {
    path.contains("{month}") || path.contains("{name}")
}

/// Each ends the session, so they are tried last.
const SIGNING_OUT: [(&str, &str); 2] = [("DELETE", "/api/session"), ("GET", "/api/cis2/end")];

#[tokio::test]
async fn nobody_is_answered_beyond_the_table_and_nobody_within_it_is_turned_away() {
    let mut wrong = Vec::new();
    for who in Who::ALL {
        let (app, browser, ours) = somebody(who).await;
        let (last, others): (Vec<_>, Vec<_>) =
            ROUTES.iter().copied().partition(|(method, path, _)| SIGNING_OUT.contains(&(*method, *path)));
        for (method, path, needs) in others.into_iter().chain(last) {
            let status = asked(&browser, &ours, method, path).await;
            let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
            let fits = match (who.has(needs), needs) {
                // Proofs that are none are refused there, whoever asks.
                (true, Needs::Nothing) => status != StatusCode::FORBIDDEN,
                // A stranger's own things are elsewhere: what is ours is not there for them.
                (true, _) if who == Who::Elsewhere && path.contains('{') && !path_names_no_thing(path) => {
                    status == StatusCode::NOT_FOUND
                        || (method == "PUT"
                            && ["/api/devices/{id}", "/api/directory/{id}"].contains(&path)
                            && status.is_client_error())
                }
                (true, _) => !refused.contains(&status) && !status.is_server_error(),
                (false, _) => refused.contains(&status) || status == StatusCode::NOT_FOUND,
            };
            if !fits {
                wrong.push(format!("{who:?}: {method} {path} answered {status}, needs {needs:?}"));
            }
        }
        drop(app);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_roles_that_people_read_of_are_those_of_the_table() {
    let shown =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/roles.md")).expect("the page");
    for permission in Permission::ALL {
        let cells: Vec<_> =
            Role::ALL.iter().map(|role| if role.may(permission) { "yes" } else { "–" }).collect();
        let row = format!("| {} | {} |", permission.words(), cells.join(" | "));
        assert!(shown.contains(&row), "docs/roles.md lacks: {row}");
    }
}
