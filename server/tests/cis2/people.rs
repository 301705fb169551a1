//! Who somebody is here: never by a name or a number alone, and never more than the pharmacy made them.

use crate::support::{MARIGOLD, NOW, OTTOLINE, World, elm};
use satchel::cis2::simulator::Faults;
use serde_json::{Value, json};
use shared::people::Role;

/// A role as userinfo lists it.
fn at(organisation: &str) -> Value {
    json!([{
        "person_roleid": "999100000012", "org_code": organisation, "role_code": "S8000:G8000:R8003",
        "role_name": "\"Clinical\":\"Clinical Provision\":\"Health Professional Access Role\"",
    }])
}

fn with_roles(roles: Value) -> Faults {
    Faults { userinfo: json!({ "nhsid_nrbac_roles": roles }), ..Faults::default() }
}

#[tokio::test]
async fn a_number_that_somebody_typed_makes_nobody_them() {
    let world = World::start().await;
    world.enrolled(Role::Pharmacist, "Not Marigold", "2999901").await;
    assert_eq!(world.browser().refused(MARIGOLD).await, "not-known");
}

#[tokio::test]
async fn a_number_that_contradicts_is_for_the_administrator_to_settle() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Pharmacist, "Asha Patel", "2074123").await;
    assert_eq!(asha.step_up(MARIGOLD, "/").await, "/#cis2=not-known");
    assert_eq!(asha.session().await.person.expect("signed in").gphc, "2074123");
    assert_eq!(world.browser().sign_in(MARIGOLD, "/").await, "/", "and nobody was linked");
}

#[tokio::test]
async fn a_colleagues_card_never_becomes_ones_own_as_well() {
    let world = World::start().await;
    let marigold = world.browser();
    marigold.sign_in(MARIGOLD, "/").await;
    // She has no number that could contradict.
    assert_eq!(marigold.step_up(OTTOLINE, "/").await, "/#cis2=another-person");
    let ottoline = world.browser();
    assert_eq!(ottoline.sign_in(OTTOLINE, "/").await, "/");
    let name = ottoline.session().await.person.expect("signed in").name;
    assert_eq!(name, "Ottoline Brackwater");
}

#[tokio::test]
async fn who_was_removed_is_not_created_again() {
    let world = World::start().await;
    let marigold = world.browser();
    marigold.sign_in(MARIGOLD, "/").await;
    let id = marigold.session().await.person.expect("signed in").id;
    world.app.store.remove_person(&id, &elm(), NOW).await.expect("removed");
    assert_eq!(world.browser().refused(MARIGOLD).await, "not-known");

    let asha = world.enrolled(Role::Administrator, "Asha Patel", "").await;
    let id = asha.session().await.person.expect("signed in").id;
    asha.step_up(OTTOLINE, "/").await;
    world.app.store.remove_person(&id, &elm(), NOW).await.expect("removed");
    assert_eq!(world.browser().refused(OTTOLINE).await, "not-known");
}

#[tokio::test]
async fn who_was_removed_before_cis2_ever_knew_them_is_known_by_the_number() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Pharmacist, "Marigold Ashgrove", "2999901").await;
    let id = asha.session().await.person.expect("signed in").id;
    world.app.store.remove_person(&id, &elm(), NOW).await.expect("removed");
    assert_eq!(world.browser().refused(MARIGOLD).await, "not-known");
}

#[tokio::test]
async fn cis2_never_raises_what_somebody_is_here() {
    let world = World::start().await;
    let asha = world.enrolled(Role::Auditor, "Asha Patel", "").await;
    assert_eq!(asha.step_up(MARIGOLD, "/").await, "/");
    assert_eq!(asha.session().await.person.expect("signed in").role, Role::Auditor);
    let elsewhere = world.browser();
    elsewhere.sign_in(MARIGOLD, "/").await;
    assert_eq!(elsewhere.session().await.person.expect("signed in").role, Role::Auditor);
}

#[tokio::test]
async fn a_role_elsewhere_opens_nothing_here() {
    let world = World::start().await;
    world.fault(with_roles(at("RBA")));
    assert_eq!(world.browser().refused(MARIGOLD).await, "no-pharmacy");
    world.fault(with_roles(json!([])));
    assert_eq!(world.browser().refused(MARIGOLD).await, "no-role");
}

#[tokio::test]
async fn a_locum_of_no_one_place_comes_in_where_they_are_known_already() {
    let world = World::start().await;
    world.fault(with_roles(at("FFFFF")));
    assert_eq!(world.browser().refused(MARIGOLD).await, "no-pharmacy");
    world.fault(Faults::default());
    let first = world.browser();
    first.sign_in(MARIGOLD, "/").await;
    world.fault(with_roles(at("FFFFF")));
    let again = world.browser();
    assert_eq!(again.sign_in(MARIGOLD, "/").await, "/");
    let session = again.session().await;
    assert_eq!(session.pharmacies[0].ods, elm());
    assert_eq!(session.cis2.present.expect("counts at each").organisation, "FFFFF");
}

#[tokio::test]
async fn a_role_at_a_second_pharmacy_adds_it_and_counts_there_alone() {
    let world = World::start().await;
    world.browser().sign_in(MARIGOLD, "/").await;
    world.fault(with_roles(at("FB456")));
    let browser = world.browser();
    assert_eq!(browser.sign_in(MARIGOLD, "/").await, "/");
    let session = browser.session().await;
    assert_eq!(session.pharmacies.len(), 2);
    assert_eq!(session.pharmacies[0].ods.as_str(), "FB456");
    assert!(session.cis2.present.is_some());
    browser.post("/api/session/pharmacy", json!({ "pharmacy": "FA123" })).await;
    assert!(browser.session().await.cis2.present.is_none(), "nothing was proved for that one");
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_person() {
    let world = World::start().await;
    let (one, two) = (world.browser(), world.browser());
    tokio::join!(one.sign_in(MARIGOLD, "/"), two.sign_in(MARIGOLD, "/"));
    let known = |session: shared::api::SessionView| session.person.map(|person| person.id);
    let ids: Vec<_> =
        [known(one.session().await), known(two.session().await)].into_iter().flatten().collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(world.app.store.staff(&elm()).await.expect("a list").len(), 1);
}
