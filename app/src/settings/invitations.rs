//! Inviting somebody by a link that is shown once, and the links that nobody has used yet.

use super::staff::access_end;
use crate::platform::api_people;
use crate::state::Satchel;
use crate::ui::{Act, Action, Attempt, Card, Choice, Clock, Line, Listing, TextBox, TextKind, words};
use leptos::prelude::*;
use shared::api::PendingInvitation;
use shared::people::Role;
use shared::time::Millis;

#[component]
pub fn Invitations() -> AnyView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let changed = RwSignal::new(0_u32);
    let attempt = Attempt::default();
    let role = RwSignal::new(Role::Pharmacist.name().to_owned());
    let ends = RwSignal::new(String::new());
    let link = RwSignal::new(None::<(String, String)>);
    let invite = Callback::new(move |()| {
        let (Ok(role), ends) =
            (role.get_untracked().parse(), access_end(&ends.get_untracked(), clock.exactly()))
        else {
            return;
        };
        match ends {
            Err(words) => attempt.problem.set(words.to_owned()),
            Ok(ends) => attempt.run(async move {
                let made = satchel.invite(role, ends).await?;
                link.set(Some((made.link, made.expires_at)));
                changed.update(|changed| *changed += 1);
                Ok(())
            }),
        }
    });
    let withdraw = move |id: String| {
        attempt.run(async move {
            api_people::withdraw(satchel, "invitations", &id).await?;
            changed.update(|changed| *changed += 1);
            Ok(())
        });
    };
    let line = move |one: PendingInvitation| {
        let words = invitation_words(&one, clock.exactly());
        let id = one.id;
        let take_back = Act::Do("Withdraw", Callback::new(move |()| withdraw(id.clone())));
        Line { about: words.clone(), words, actions: vec![take_back] }
    };
    let ask = move || -> crate::ui::Asking {
        Box::pin(async move { Ok(api_people::invitations(satchel).await?.into_iter().map(line).collect()) })
    };
    let roles = Role::ALL.into_iter().map(|one| (one.name().to_owned(), one.name().to_owned())).collect();
    view! {
        <Card id="colleagues-title" title="Invite a colleague">
            {attempt.said()}
            <Choice id="invite-role" label="As" options=roles value=role/>
            <TextBox
                id="invite-ends"
                label="Access ends"
                hint="For a locum: the end of the shift. Empty: it does not end by itself."
                kind=TextKind::DateTime
                value=ends
            />
            <Action
                words="Make an enrolment link"
                class="nhsuk-button--secondary"
                attempt
                on_click=invite
            />
            <div role="status">
                {move || {
                    link.get()
                        .map(|(link, until)| {
                            view! {
                                <p>
                                    "Give this link to your colleague. It works once, until "
                                    {words::when(&until, clock.exactly())}
                                    "."
                                </p>
                                <p class="one-time-link">{link}</p>
                            }
                        })
                }}
            </div>
            <h3 class="section-heading">"Links that nobody has used"</h3>
            <Listing changed ask=Box::new(ask) empty="There are none."/>
        </Card>
    }
    .into_any()
}

/// `Pharmacist, invited by Asha Rao; works until 18:00; access would end 22 Nov 2026, 18:00`.
fn invitation_words(one: &PendingInvitation, now: Millis) -> String {
    let ends = match words::when(&one.access_ends, now) {
        never if never.is_empty() => String::new(),
        ends => format!("; access would end {ends}"),
    };
    let until = words::when(&one.expires_at, now);
    format!("{}, invited by {}; works until {until}{ends}", words::in_words(one.role.name()), one.invited_by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_link_says_for_whom_by_whom_and_until_when() {
        let now = shared::time::read("2026-11-22T15:00:00Z").expect("an instant");
        let mut one = PendingInvitation {
            id: "1".to_owned(),
            role: Role::Technician,
            expires_at: "2026-11-22T17:00:00Z".to_owned(),
            access_ends: String::new(),
            invited_by: "Asha Rao".to_owned(),
        };
        assert_eq!(invitation_words(&one, now), "Technician, invited by Asha Rao; works until 17:00");
        one.access_ends = "2026-11-22T18:00:00Z".to_owned();
        assert!(invitation_words(&one, now).ends_with("; access would end 18:00"));
    }
}
