//! Routes, and the frame around them.

use crate::attention::AttentionPage;
use crate::audit::AuditPage;
use crate::claims::ClaimsPage;
use crate::consultation::ConsultationPage;
use crate::directory::DirectoryPage;
use crate::figures::FiguresPage;
use crate::hand_over::HandOverPage;
use crate::history::HistoryPage;
use crate::letter::{LetterPage, Which};
use crate::medicines::MedicinesPage;
use crate::out_of_contact::{InContact, UnsentPage};
use crate::paper::CopyTokenPage;
use crate::places::PlacesPage;
use crate::ready::ReadyPage;
use crate::registers::RegistersPage;
use crate::set_aside::{ServerEntryPage, SetAsideList, SetAsidePage};
use crate::settings::{RemovedNote, RemovedPage, SettingsPage};
use crate::sign_in::{EnrolPage, SignInPage, WelcomePage};
use crate::state::{Phase, Satchel};
use crate::ui::{Frame, PageHeading, provide_clock};
use crate::waiting::{WaitingListPage, WaitingPage};
use crate::walk_in::WalkInPage;
use crate::work_list::WorkListPage;
use crate::work_list::notify::Notifications;
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
        <Notifications/>
        <Router>
            <InPatientsHands>
            <Frame>
                <Routes fallback=|| view! { <NotFound/> }>
                    <Route
                        path=path!("/")
                        view=|| view! { <Unlocked><InContact><WorkListPage/></InContact></Unlocked> }
                    />
                    <Route path=path!("/unsent/:id") view=|| view! { <Unlocked><UnsentPage/></Unlocked> }/>
                    <Route
                        path=path!("/set-aside")
                        view=|| view! { <Unlocked><InContact><SetAsideList/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/set-aside/:entry")
                        view=|| view! { <Unlocked><InContact><ServerEntryPage/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/consultations/:id/set-aside")
                        view=|| view! { <Unlocked><InContact><SetAsidePage/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/attention")
                        view=|| view! { <Unlocked><InContact><AttentionPage/></InContact></Unlocked> }
                    />
                    <Route path=path!("/enrol") view=EnrolPage/>
                    <Route path=path!("/welcome") view=|| view! { <Unlocked><WelcomePage/></Unlocked> }/>
                    <Route path=path!("/walk-in") view=|| view! { <Unlocked><InContact><WalkInPage/></InContact></Unlocked> }/>
                    <Route path=path!("/waiting") view=|| view! { <Unlocked><InContact><WaitingListPage/></InContact></Unlocked> }/>
                    <Route path=path!("/waiting/:id") view=|| view! { <Unlocked><InContact><WaitingPage/></InContact></Unlocked> }/>
                    <Route path=path!("/ready") view=|| view! { <Unlocked><InContact><ReadyPage/></InContact></Unlocked> }/>
                    <Route path=path!("/registers") view=|| view! { <Unlocked><RegistersPage/></Unlocked> }/>
                    <Route path=path!("/figures") view=|| view! { <Unlocked><InContact><FiguresPage/></InContact></Unlocked> }/>
                    <Route path=path!("/claims") view=|| view! { <Unlocked><InContact><ClaimsPage/></InContact></Unlocked> }/>
                    <Route path=path!("/settings") view=|| view! { <Unlocked><SettingsPage/></Unlocked> }/>
                    <Route path=path!("/places") view=|| view! { <Unlocked><InContact><PlacesPage/></InContact></Unlocked> }/>
                    <Route path=path!("/medicines") view=|| view! { <Unlocked><InContact><MedicinesPage/></InContact></Unlocked> }/>
                    <Route path=path!("/directory") view=|| view! { <Unlocked><DirectoryPage/></Unlocked> }/>
                    <Route path=path!("/audit") view=|| view! { <Unlocked><AuditPage/></Unlocked> }/>
                    <Route
                        path=path!("/consultations/:id")
                        view=|| view! { <Unlocked><InContact><ConsultationPage/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/consultations/:id/history")
                        view=|| view! { <Unlocked><InContact><HistoryPage/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/consultations/:id/letter")
                        view=|| view! { <Unlocked><InContact><LetterPage which=Which::Notice/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/consultations/:id/referral")
                        view=|| view! { <Unlocked><InContact><LetterPage which=Which::Referral/></InContact></Unlocked> }
                    />
                    <Route
                        path=path!("/consultations/:id/token")
                        view=|| view! { <Unlocked><InContact><CopyTokenPage/></InContact></Unlocked> }
                    />
                </Routes>
            </Frame>
            </InPatientsHands>
        </Router>
    }
}

/// While the patient holds the device, what was handed over stands in place of everything else, whatever the address
/// says. It never outlives the open vault: a lock shows the way in, as after a reload.
#[component]
fn InPatientsHands(children: ChildrenFn) -> impl IntoView {
    let satchel = Satchel::from_context();
    let open = Memo::new(move |_| satchel.phase.with(|phase| matches!(phase, Phase::Open(_))));
    Effect::new(move |_| {
        if !open.get() && satchel.handed.with_untracked(Option::is_some) {
            satchel.handed.set(None);
        }
    });
    let handed = Memo::new(move |_| satchel.handed.get().filter(|_| open.get()));
    let children = StoredValue::new(children);
    move || match handed.get() {
        Some(handed) => view! { <HandOverPage handed/> }.into_any(),
        None => children.with_value(|children| children()).into_any(),
    }
}

/// Shows its screen while the vault is open; until then, the way in. The address is kept meanwhile.
#[component]
fn Unlocked(children: ChildrenFn) -> impl IntoView {
    let satchel = Satchel::from_context();
    let open = Memo::new(move |_| satchel.phase.with(|phase| matches!(phase, Phase::Open(_))));
    let children = StoredValue::new(children);
    view! {
        <Show
            when=move || satchel.removal.with(Option::is_none)
            fallback=|| view! { <RemovedPage/> }
        >
            <RemovedNote/>
            <Show when=move || open.get() fallback=|| view! { <SignInPage/> }>
                {children.with_value(|children| children())}
            </Show>
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
