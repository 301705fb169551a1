//! Evidence of competence and PGD authorisations of one person: listed, filed, withdrawn, their files fetched.

use super::certificate::CertificateBox;
use crate::platform::api_people;
use crate::state::Satchel;
use crate::ui::{
    Act, Action, Attempt, Choice, Clock, Confirm, Disclosure, Line, Listing, TextBox, TextKind, link_button,
};
use jiff::civil::Date;
use leptos::prelude::*;
use shared::api::{Certificate, NewAuthorisation, NewEvidence, StaffView};
use shared::ids::PersonId;
use shared::people::{Evidence, EvidenceKind, PgdAuthorisation};
use shared::time;

/// Both lists in one, since one answer brings both.
#[component]
pub fn Papers(person: PersonId, name: String, reading: RwSignal<Option<StaffView>>) -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let attempt = Attempt::default();
    let asking = RwSignal::new(false);
    let [evidence, authorisation] = [(); 2].map(|()| RwSignal::new(false));
    let filed = move |form: RwSignal<bool>| {
        Callback::new(move |()| {
            form.set(false);
            changed.update(|changed| *changed += 1);
        })
    };
    let withdrawing = RwSignal::new(("", String::new()));
    let line = move |kind: &'static str, id: uuid::Uuid, words: String, certificate: &str| {
        let mut actions = Vec::new();
        if !certificate.is_empty() {
            actions.push(Act::Fetch("Certificate", api_people::certificate_address(kind, &id)));
        }
        actions.push(Act::Do(
            "Withdraw",
            Callback::new(move |()| {
                withdrawing.set((kind, id.to_string()));
                asking.set(true);
            }),
        ));
        Line { about: words.clone(), words, actions }
    };
    let ask = move || -> crate::ui::Asking {
        Box::pin(async move {
            let held = api_people::person_standing(satchel, person).await?;
            let today = time::day(clock.exactly());
            let evidence = held
                .evidence
                .iter()
                .map(|one| line("evidence", one.id, evidence_words(one, today), &one.certificate));
            let authorisations = held
                .authorisations
                .iter()
                .map(|one| line("authorisations", one.id, authorisation_words(one, today), &one.certificate));
            Ok(evidence.chain(authorisations).collect())
        })
    };
    let withdraw = Callback::new(move |()| {
        let (kind, id) = withdrawing.get_untracked();
        attempt.run(async move {
            api_people::withdraw(satchel, kind, &id).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    });
    view! {
        <div class="nhsuk-inset-text" role="group" aria-label=format!("Evidence and authorisations of {name}")>
            <h3 class="section-heading">{name.clone()}</h3>
            {attempt.said()}
            <Listing changed ask=Box::new(ask) empty="Nothing is filed."/>
            <Disclosure words="File evidence of competence" open=evidence>
                <EvidenceForm person filed=filed(evidence)/>
            </Disclosure>
            " "
            <Disclosure words="File an authorisation under a PGD" open=authorisation>
                <AuthorisationForm person filed=filed(authorisation)/>
            </Disclosure>
            <p>{link_button("Close", "", Callback::new(move |()| reading.set(None)))}</p>
            <Confirm open=asking title="Withdraw" verb="Withdraw" dangerous=true on_confirm=withdraw>
                <p>"From now on it does not count any more. That it was filed and withdrawn stays in the audit log."</p>
            </Confirm>
        </div>
    }
    .into_any()
}

#[component]
fn EvidenceForm(person: PersonId, filed: Callback<()>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let services: Vec<(String, String)> = services();
    let service = RwSignal::new(services.first().map(|(id, _)| id.clone()).unwrap_or_default());
    let kind = RwSignal::new("training".to_owned());
    let [dated, expires, note] = [(); 3].map(|()| RwSignal::new(String::new()));
    let certificate = RwSignal::new(None::<Certificate>);
    let file = Callback::new(move |()| {
        let new = NewEvidence {
            service: service.get_untracked(),
            kind: match kind.get_untracked().as_str() {
                "declaration" => EvidenceKind::Declaration,
                _ => EvidenceKind::Training,
            },
            dated: dated.get_untracked(),
            expires: expires.get_untracked(),
            note: note.get_untracked().trim().to_owned(),
            certificate: certificate.get_untracked(),
        };
        if let Err(words) = days(&new.dated, &new.expires, false) {
            attempt.problem.set(words.to_owned());
            return;
        }
        attempt.run(async move {
            api_people::file_evidence(satchel, person, &new).await?;
            filed.run(());
            Ok(())
        });
    });
    let kinds = vec![
        ("training".to_owned(), "Training or assessment".to_owned()),
        ("declaration".to_owned(), "Declaration of competence".to_owned()),
    ];
    view! {
        <Choice id="evidence-service" label="For which service" options=services value=service/>
        <Choice id="evidence-kind" label="What it is" options=kinds value=kind/>
        <TextBox id="evidence-dated" label="Dated" kind=TextKind::Date value=dated/>
        <TextBox
            id="evidence-expires"
            label="Last day on which it counts"
            hint="Empty: no end."
            kind=TextKind::Date
            value=expires
        />
        <TextBox id="evidence-note" label="Note" value=note/>
        <CertificateBox id="evidence-file" certificate/>
        {attempt.said()}
        <Action words="File it" class="nhsuk-button--secondary" attempt on_click=file/>
    }
    .into_any()
}

#[component]
fn AuthorisationForm(person: PersonId, filed: Callback<()>) -> AnyView {
    let satchel = Satchel::from_context();
    let attempt = Attempt::default();
    let [pgd, version, signed, expires, by] = [(); 5].map(|()| RwSignal::new(String::new()));
    let certificate = RwSignal::new(None::<Certificate>);
    let file = Callback::new(move |()| {
        let typed = |one: RwSignal<String>| one.get_untracked().trim().to_owned();
        let new = NewAuthorisation {
            pgd: typed(pgd),
            version: typed(version),
            signed: typed(signed),
            expires: typed(expires),
            authorised_by: typed(by),
            certificate: certificate.get_untracked(),
        };
        let wrong = if [&new.pgd, &new.version, &new.authorised_by].iter().any(|text| text.is_empty()) {
            Err("Enter the PGD, its version and who authorised.")
        } else {
            days(&new.signed, &new.expires, true)
        };
        if let Err(words) = wrong {
            attempt.problem.set(words.to_owned());
            return;
        }
        attempt.run(async move {
            api_people::file_authorisation(satchel, person, &new).await?;
            filed.run(());
            Ok(())
        });
    });
    view! {
        <TextBox id="pgd-name" label="PGD" hint="As it is named, for example sore-throat." value=pgd/>
        <TextBox id="pgd-version" label="Version" value=version/>
        <TextBox id="pgd-signed" label="Signed on" kind=TextKind::Date value=signed/>
        <TextBox id="pgd-expires" label="Last day of the PGD" kind=TextKind::Date value=expires/>
        <TextBox id="pgd-by" label="Authorised by" value=by/>
        <CertificateBox id="pgd-file" certificate/>
        {attempt.said()}
        <Action words="File it" class="nhsuk-button--secondary" attempt on_click=file/>
    }
    .into_any()
}

/// Services with their names, those of Pharmacy First as a whole last.
fn services() -> Vec<(String, String)> {
    let mut services: Vec<(String, String)> = Vec::new();
    for pathway in shared::pathway::all() {
        if services.iter().all(|(id, _)| *id != pathway.id) {
            services.push((pathway.id.clone(), pathway.title.clone()));
        }
    }
    services.push(("pharmacy-first".to_owned(), "Pharmacy First".to_owned()));
    services
}

/// What is wrong with the first and the last day, if anything is.
fn days(first: &str, last: &str, has_end: bool) -> Result<(), &'static str> {
    let Ok(first) = first.parse::<Date>() else { return Err("Enter the day of its date.") };
    match last.parse::<Date>() {
        Ok(last) if last < first => Err("The last day is before its date. Change one of them."),
        Err(_) if has_end || !last.is_empty() => Err("Enter the last day on which it counts."),
        _ => Ok(()),
    }
}

/// `Minor illness: training, 10 Jan 2025, until 22 Nov 2026 (ended)`.
fn evidence_words(one: &Evidence, today: Date) -> String {
    let service = services().into_iter().find(|(id, _)| *id == one.service);
    let kind = match one.kind {
        EvidenceKind::Declaration => "declaration of competence",
        EvidenceKind::Training => "training or assessment",
    };
    let note = if one.note.is_empty() { String::new() } else { format!(". {}", one.note) };
    let name = service.map_or_else(|| one.service.clone(), |(_, title)| title);
    format!("{name}: {kind}, {}{}{note}", day_words(&one.dated), end_words(&one.expires, today))
}

/// `PGD sore-throat 2.0: authorised by Maya Lind, 1 Feb 2026, until 30 Jan 2027`.
pub fn authorisation_words(one: &PgdAuthorisation, today: Date) -> String {
    format!(
        "PGD {} {}: authorised by {}, {}{}",
        one.pgd,
        one.version,
        one.authorised_by,
        day_words(&one.signed),
        end_words(&one.expires, today),
    )
}

fn day_words(day: &str) -> String {
    day.parse::<Date>().map_or_else(|_| "date cannot be read".to_owned(), time::written_date)
}

fn end_words(expires: &str, today: Date) -> String {
    match expires.parse::<Date>() {
        Ok(last) if last < today => format!(", until {} (ended)", time::written_date(last)),
        Ok(last) => format!(", until {}", time::written_date(last)),
        Err(_) if expires.is_empty() => String::new(),
        Err(_) => ", end cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn evidence_is_told_with_its_service_its_days_and_that_it_ended() {
        let one = Evidence {
            id: uuid::Uuid::nil(),
            service: "minor-illness".to_owned(),
            kind: EvidenceKind::Training,
            dated: "2025-01-10".to_owned(),
            expires: "2026-11-22".to_owned(),
            note: "Otoscopy course".to_owned(),
            certificate: String::new(),
        };
        let title = &shared::pathway::find("minor-illness@1").expect("in every build").title;
        assert_eq!(
            evidence_words(&one, date(2026, 11, 22)),
            format!("{title}: training or assessment, 10 Jan 2025, until 22 Nov 2026. Otoscopy course")
        );
        assert!(evidence_words(&one, date(2026, 11, 23)).contains("until 22 Nov 2026 (ended)"));
    }

    #[test]
    fn an_authorisation_names_the_version_and_who_authorised() {
        let one = PgdAuthorisation {
            id: uuid::Uuid::nil(),
            person: PersonId::from_bytes([1; 16]),
            pgd: "sore-throat".to_owned(),
            version: "2.0".to_owned(),
            signed: "2026-02-01".to_owned(),
            expires: "2027-01-30".to_owned(),
            authorised_by: "Maya Lind".to_owned(),
            certificate: String::new(),
        };
        assert_eq!(
            authorisation_words(&one, date(2026, 11, 22)),
            "PGD sore-throat 2.0: authorised by Maya Lind, 1 Feb 2026, until 30 Jan 2027"
        );
    }

    #[test]
    fn a_pgd_always_has_a_last_day_and_evidence_need_not() {
        assert!(days("2026-02-01", "", false).is_ok());
        assert!(days("2026-02-01", "", true).is_err());
        assert!(days("2026-02-01", "2026-01-31", false).is_err());
        assert!(days("", "2026-01-31", false).is_err());
        assert!(days("2026-02-01", "some day", false).is_err());
    }
}
