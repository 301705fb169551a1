//! Who a subject of CIS2 is here: known, linked while they are signed in, or new. Never by name or number alone.

use super::Failed;
use super::roles::NationalRole;
use super::userinfo::UserInfo;
use crate::app::App;
use crate::session::Staff;
use crate::store::{Person, StoreError, Subject};
use shared::api::Cis2Failure;
use shared::ids::{GphcNumber, OdsCode, PersonId};
use uuid::Uuid;

const LONGEST_NAME: usize = 100;

/// The person, and the pharmacy they work at now.
pub struct Recognised {
    pub person: PersonId,
    pub pharmacy: OdsCode,
    /// Whether the subject was linked to them just now.
    pub linked: bool,
}

/// Finds or makes the person.
///
/// An invited person types their own GPhC number, so the same number is no proof of being the same person: somebody who
/// is known already is linked only while they are signed in here and CIS2 does not contradict.
pub async fn recognise(
    app: &App,
    of: &Subject,
    info: &UserInfo,
    role: &NationalRole,
    gphc: Option<GphcNumber>,
    asked: Option<PersonId>,
    stepping_up: Option<&Staff>,
) -> Result<Recognised, Failed> {
    let known = app.store.cis2_person(of).await?;
    if asked.is_some() && known.is_some() && known != asked {
        return Err(Failed::new(
            Cis2Failure::AnotherPerson,
            "linked to another person than the one asked for",
        ));
    }
    match (known, stepping_up) {
        (Some(id), staff) => {
            let person = not_contradicted(app, id, gphc.as_ref()).await?;
            let pharmacy = match staff {
                Some(staff) => staff.pharmacy.clone(),
                None => workplace(app, person, role, gphc.as_ref()).await?,
            };
            Ok(Recognised { person: id, pharmacy, linked: false })
        }
        // One card each: a colleague's, put in on the same device, is not theirs too.
        (None, Some(staff)) if app.store.is_linked_to_cis2(&staff.person.id, &of.issuer).await? => {
            Err(Failed::new(Cis2Failure::AnotherPerson, "the person is linked to another subject"))
        }
        (None, Some(staff)) => {
            let person = not_contradicted(app, staff.person.id, gphc.as_ref()).await?;
            match app.store.link_cis2(of, &person.id, gphc.as_ref(), app.clock.now()).await {
                Ok(()) => {}
                Err(StoreError::Conflict) => {
                    return Err(Failed::new(
                        Cis2Failure::AnotherPerson,
                        "linked by somebody at the same moment",
                    ));
                }
                Err(error) => return Err(error.into()),
            }
            // Name and number are shown from what sessions are known to be of.
            let _ = app.ended.send(person.id);
            Ok(Recognised { person: person.id, pharmacy: staff.pharmacy.clone(), linked: true })
        }
        (None, None) if asked.is_some() => Err(Failed::new(
            Cis2Failure::AnotherPerson,
            "a subject that is not linked to the person asked for",
        )),
        (None, None) => newcomer(app, of, info, role, gphc).await,
    }
}

/// Somebody who is known, unless CIS2 knows them by another number.
async fn not_contradicted(app: &App, id: PersonId, gphc: Option<&GphcNumber>) -> Result<Person, Failed> {
    let gone = || Failed::new(Cis2Failure::NotKnown, "linked to a person who is not there");
    let person = app.store.person(&id).await?.ok_or_else(gone)?;
    match (&person.gphc, gphc) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            Err(Failed::new(Cis2Failure::NotKnown, "CIS2 has another GPhC number than this server"))
        }
        _ => Ok(person),
    }
}

/// Where somebody who is known works in this role. CIS2 may add a pharmacy, and never raises what somebody is at one.
async fn workplace(
    app: &App,
    person: Person,
    role: &NationalRole,
    gphc: Option<&GphcNumber>,
) -> Result<OdsCode, Failed> {
    let memberships = app.store.memberships(&person.id, app.clock.now()).await?;
    if role.is_locum() {
        let first = memberships.into_iter().next().map(|at| at.pharmacy);
        return first
            .ok_or_else(|| Failed::new(Cis2Failure::NoPharmacy, "a locum who works at no pharmacy here"));
    }
    let ods = code(role)?;
    if memberships.iter().any(|at| at.pharmacy == ods) {
        return Ok(ods);
    }
    if app.store.removal(&person.id, &ods, app.clock.now()).await?.is_some() {
        return Err(Failed::new(Cis2Failure::NotKnown, "removed from this pharmacy by its administrator"));
    }
    let here = role
        .role_here(person.gphc.as_ref().or(gphc))
        .ok_or_else(|| Failed::new(Cis2Failure::NoRole, "no registration and no administrator’s role"))?;
    if !app.store.join_from_cis2(&person, (&ods, here)).await? {
        return Err(Failed::new(Cis2Failure::NotKnown, "another person at that pharmacy has the number"));
    }
    app.audit(Some(person.id), Some(&ods), "joined-by-cis2", here.name()).await?;
    Ok(ods)
}

/// Somebody whom nobody here knows.
async fn newcomer(
    app: &App,
    of: &Subject,
    info: &UserInfo,
    role: &NationalRole,
    gphc: Option<GphcNumber>,
) -> Result<Recognised, Failed> {
    if role.is_locum() {
        return Err(Failed::new(Cis2Failure::NoPharmacy, "a locum whom no pharmacy here knows"));
    }
    let ods = code(role)?;
    let here = role
        .role_here(gphc.as_ref())
        .ok_or_else(|| Failed::new(Cis2Failure::NoRole, "no registration and no administrator’s role"))?;
    let name: String = info.full_name().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if name.trim().is_empty() {
        return Err(Failed::untrusted("userinfo holds no name"));
    }
    let person = Person { id: PersonId(Uuid::new_v4()), name, gphc_checked: gphc.is_some(), gphc };
    match app.store.create_from_cis2(of, &person, (&ods, here), app.clock.now()).await {
        Ok(true) => {}
        // Two first sign-ins at once: the second has the number of the person that the first made.
        Ok(false) if app.store.cis2_person(of).await?.is_some() => return Err(at_once()),
        Ok(false) => {
            let cause = "somebody at that pharmacy has the number already";
            return Err(Failed::new(Cis2Failure::NotKnown, cause));
        }
        Err(StoreError::Conflict) => return Err(at_once()),
        Err(error) => return Err(error.into()),
    }
    app.audit(Some(person.id), Some(&ods), "enrolled-by-cis2", here.name()).await?;
    Ok(Recognised { person: person.id, pharmacy: ods, linked: false })
}

/// Tried again, it finds the person who was made.
fn at_once() -> Failed {
    Failed::new(Cis2Failure::Expired, "created by another sign-in at the same moment")
}

fn code(role: &NationalRole) -> Result<OdsCode, Failed> {
    role.org_code.parse().map_err(|_| Failed::new(Cis2Failure::NoPharmacy, "a role at no proper ODS code"))
}
