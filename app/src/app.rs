//! Routes, and the frame around them.

use crate::consultation::ConsultationPage;
use crate::history::HistoryPage;
use crate::settings::SettingsPage;
use crate::sign_in::{EnrolPage, SignInPage, WelcomePage};
use crate::state::{Phase, Satchel};
use crate::ui::{Frame, PageHeading, provide_clock};
use crate::walk_in::WalkInPage;
use crate::work_list::WorkListPage;
use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

#[component]
pub fn App() -> impl IntoView {
    let satchel = Satchel::new();
    provide_context(satchel);
    provide_clock();
    satchel.start();
    view! {
        <Router>
            <Frame>
                <Routes fallback=|| view! { <NotFound/> }>
                    <Route path=path!("/") view=|| view! { <Unlocked><WorkListPage/></Unlocked> }/>
                    <Route path=path!("/enrol") view=EnrolPage/>
                    <Route path=path!("/welcome") view=|| view! { <Unlocked><WelcomePage/></Unlocked> }/>
                    <Route path=path!("/walk-in") view=|| view! { <Unlocked><WalkInPage/></Unlocked> }/>
                    <Route path=path!("/settings") view=|| view! { <Unlocked><SettingsPage/></Unlocked> }/>
                    <Route
                        path=path!("/consultations/:id")
                        view=|| view! { <Unlocked><ConsultationPage/></Unlocked> }
                    />
                    <Route
                        path=path!("/consultations/:id/history")
                        view=|| view! { <Unlocked><HistoryPage/></Unlocked> }
                    />
                </Routes>
            </Frame>
        </Router>
    }
}

/// Shows its screen while the vault is open; until then, the way in. The address is kept meanwhile.
#[component]
fn Unlocked(children: ChildrenFn) -> impl IntoView {
    let satchel = Satchel::from_context();
    let open = Memo::new(move |_| satchel.phase.with(|phase| matches!(phase, Phase::Open(_))));
    view! {
        <Show when=move || open.get() fallback=|| view! { <SignInPage/> }>
            {children()}
        </Show>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <div class="page">
            <PageHeading text="There is no such page"/>
            <p>
                <A href="/">"Go to the work list"</A>
            </p>
        </div>
    }
}
