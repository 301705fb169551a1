//! The first steps after enrolling, each with its reason.

use crate::state::Satchel;
use crate::ui::PageHeading;
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn WelcomePage() -> impl IntoView {
    let satchel = Satchel::from_context();
    let persisted = LocalResource::new(move || async move { satchel.storage().await.persisted });
    view! {
        <div class="page page--narrow">
            <PageHeading text="You are ready to begin"/>
            <ol class="steps-plain">
                <li>
                    <h2 class="section-heading">"Your key is made"</h2>
                    <p>"It unlocks this device, also where there is no signal."</p>
                </li>
                <li>
                    <h2 class="section-heading">"Add Satchel to the home screen"</h2>
                    <p>
                        "On an iPad: Share, then Add to Home Screen. In other browsers: Install, in the menu. \
                         Otherwise the tablet may delete unsent work after a week without use."
                    </p>
                    {move || {
                        persisted
                            .get()
                            .filter(|persisted| *persisted)
                            .map(|_| {
                                view! {
                                    <p>
                                        <strong class="nhsuk-tag nhsuk-tag--green">"Done"</strong>
                                        " This browser has promised to keep what is stored."
                                    </p>
                                }
                            })
                    }}
                </li>
                <li>
                    <h2 class="section-heading">"Try it offline with a practice patient"</h2>
                    <p>
                        "Turn on aeroplane mode, then record a visit that never took place. \
                         You will see what is saved here and what waits to be sent."
                    </p>
                    <A href="/walk-in?practice=yes" attr:class="nhsuk-button nhsuk-button--secondary">
                        "Start with a practice patient"
                    </A>
                </li>
            </ol>
            <A href="/" attr:class="nhsuk-button">
                "Go to the work list"
            </A>
        </div>
    }
}
