//! What screens share: who is here, what is on the list, what is open, and everything a person can ask for.

use crate::platform::trouble::Trouble;
use crate::vault;
use crate::vault::keeper::Keeper;
use leptos::prelude::*;
use shared::api::{DeviceView, InvitationLink, InvitationView, PasskeyView};
use shared::authorship::Unlock;
use shared::consultation::{Answer, Clash, Consultation, Entry, LateEntry, WorkListRow};
use shared::ids::{ConsultationId, DeviceId, PersonId};
use shared::people::Role;
use shared::time::Millis;

/// Handed to every screen by leptos context; copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Satchel {
    pub phase: RwSignal<Phase>,
    /// What the last request told us. Never the browser's own opinion.
    pub connection: RwSignal<Connection>,
    /// The work list, unsorted; empty unless the vault is open.
    pub rows: RwSignal<Vec<ListedRow>>,
    /// Consultations with something that the server has not yet confirmed; known while locked, too.
    pub waiting: RwSignal<usize>,
    pub consultation: RwSignal<Option<OpenConsultation>>,
    /// Something to be said aloud until it is dismissed: set it to `None`.
    pub trouble: RwSignal<Option<String>>,
    /// A new version of the app waits; [`Self::update_app`] changes to it.
    pub update_ready: RwSignal<bool>,
    /// The server answers with simulated NHS services.
    pub demo: RwSignal<bool>,
    /// Seconds until the vault locks by itself; present only for the last thirty.
    pub locks_in: RwSignal<Option<u32>>,
    /// Minutes without a touch after which the vault locks (1 to 60).
    pub idle_minutes: RwSignal<u32>,
    /// When the server last answered, by this device's clock; known while locked, too.
    pub last_contact: RwSignal<Option<Millis>>,
    /// This device's clock and the server's differ by more than five minutes, or ran backwards.
    pub clock_doubtful: RwSignal<bool>,
    pub(crate) keeper: StoredValue<Keeper, LocalStorage>,
}

/// Where this device stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    Starting,
    /// No vault here yet: enrol by a link, or sign in with a passkey made elsewhere.
    Fresh,
    /// Signed in with the server, but the sensor cannot open a vault here: ask for a passphrase, then
    /// call [`Satchel::set_passphrase`].
    NeedsPassphrase {
        name: String,
    },
    Locked(LockedView),
    Open(Who),
}

/// What the unlock screen shows.
#[derive(Debug, Clone, PartialEq)]
pub struct LockedView {
    /// `FA123`.
    pub ods: String,
    pub pharmacy_name: String,
    pub ways: Vec<WayIn>,
    pub last_contact: Option<Millis>,
    /// No answer from the server for longer than the limit (72 hours unless set otherwise; practice 31).
    pub contact_overdue: bool,
}

/// One person's one way to open the vault.
#[derive(Debug, Clone, PartialEq)]
pub struct WayIn {
    /// What the unlock methods take.
    pub index: usize,
    pub person: PersonId,
    pub name: String,
    /// `Passkey` or `Passphrase`.
    pub by: Unlock,
}

/// Who has the vault open.
#[derive(Debug, Clone, PartialEq)]
pub struct Who {
    pub person: PersonId,
    pub name: String,
    pub role: Role,
    /// As typed; empty for people without one.
    pub gphc: String,
    /// `false` is shown as *not checked* (practice 4).
    pub gphc_checked: bool,
    pub unlocked_by: Unlock,
    /// `FA123`.
    pub ods: String,
    pub pharmacy_name: String,
    pub contact_overdue: bool,
}

/// Whether the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    Unknown,
    Reached { at: Millis },
    Unreachable { since: Millis },
}

/// A line of the work list, and where its work is.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRow {
    pub id: ConsultationId,
    pub row: WorkListRow,
    /// Something of it waits to be sent.
    pub unsent: bool,
    /// The server would not take something of it, or it does not open here: why, in words. The work is kept here.
    pub set_aside: Option<String>,
    /// When the last edit made here was on disk.
    pub saved_at: Option<Millis>,
    /// When the server last confirmed that it has everything of it.
    pub sent_at: Option<Millis>,
}

impl ListedRow {
    /// Is it listed only so that nobody misses it: nothing of it opens here?
    pub fn is_unopenable(&self) -> bool {
        self.set_aside.as_deref() == Some(vault::store::UNOPENABLE)
    }
}

/// The one consultation on the screen, as it stands now. A snapshot: change it through [`Satchel::edit`].
#[derive(Debug, Clone)]
pub struct OpenConsultation {
    pub id: ConsultationId,
    pub record: Consultation,
    pub clashes: Vec<Clash>,
    /// Entries made at the same time as the signature, on which a person must decide.
    pub late_entries: Vec<LateEntry>,
    /// Not between a signature and an amendment.
    pub editable: bool,
    pub saved_at: Option<Millis>,
    pub sent_at: Option<Millis>,
    /// An edit is in memory but not on disk (yet, or because the disk refused).
    pub unsaved: bool,
    pub unsent: bool,
    pub set_aside: Option<String>,
}

/// How a person who enrols will open the vault.
#[derive(Debug, Clone)]
pub enum Way {
    Passkey,
    /// The passphrase. A passkey is made for the server all the same where the platform can.
    Passphrase(String),
}

/// What the browser says of its storage, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StorageUse {
    pub used: f64,
    pub quota: f64,
    /// The browser has promised not to delete by itself.
    pub persisted: bool,
}

impl Satchel {
    /// Makes the shared state; call once, then [`Self::start`].
    pub fn new() -> Self {
        Self {
            phase: RwSignal::new(Phase::Starting),
            connection: RwSignal::new(Connection::Unknown),
            rows: RwSignal::new(Vec::new()),
            waiting: RwSignal::new(0),
            consultation: RwSignal::new(None),
            trouble: RwSignal::new(None),
            update_ready: RwSignal::new(false),
            demo: RwSignal::new(false),
            locks_in: RwSignal::new(None),
            idle_minutes: RwSignal::new(crate::platform::settings::idle_minutes()),
            last_contact: RwSignal::new(None),
            clock_doubtful: RwSignal::new(false),
            keeper: StoredValue::new_local(Keeper::default()),
        }
    }

    /// From the context that `App` provides.
    pub fn from_context() -> Self {
        expect_context()
    }

    /// Looks for a vault, sets the phase, starts the clocks, the service worker and the first look at the server.
    pub fn start(self) {
        vault::start::start(self);
    }

    /// Can this browser make passkeys at all?
    pub fn has_passkeys(self) -> bool {
        crate::platform::passkey::available()
    }

    /// What an enrolment link offers.
    pub async fn look_at_invitation(self, token: String) -> Result<InvitationView, Trouble> {
        crate::platform::api::look_at_invitation(self, &token).await
    }

    /// Enrols with a one-time link, makes the vault and opens it. May end in [`Phase::NeedsPassphrase`].
    pub async fn enrol(self, token: String, name: String, gphc: String, way: Way) -> Result<(), Trouble> {
        vault::enrol::enrol(self, token, name, gphc, way).await
    }

    /// Signs in with a passkey made elsewhere, makes the vault and opens it. May end in [`Phase::NeedsPassphrase`].
    pub async fn sign_in(self) -> Result<(), Trouble> {
        vault::enrol::sign_in(self).await
    }

    /// Finishes what [`Phase::NeedsPassphrase`] began.
    pub async fn set_passphrase(self, passphrase: String) -> Result<(), Trouble> {
        vault::enrol::set_passphrase(self, passphrase).await
    }

    /// Opens the vault with the fingerprint; needs no network.
    pub async fn unlock_with_passkey(self, index: usize) -> Result<(), Trouble> {
        vault::unlock::with_passkey(self, index).await
    }

    /// Opens the vault with a passphrase; needs no network.
    pub async fn unlock_with_passphrase(self, index: usize, passphrase: String) -> Result<(), Trouble> {
        vault::unlock::with_passphrase(self, index, passphrase).await
    }

    /// Drops the key and everything that was open.
    pub fn lock(self) {
        vault::unlock::lock(self);
    }

    /// Somebody touched something: the countdown to locking begins again.
    pub fn touched(self) {
        vault::locking::touched(self);
    }

    /// Sets after how many minutes without a touch the vault locks; remembered on this device.
    pub fn set_idle_minutes(self, minutes: u32) {
        vault::locking::set_idle_minutes(self, minutes);
    }

    /// Ends the session with the server and locks. What was not sent stays sealed on this device.
    pub async fn sign_out(self) -> Result<(), Trouble> {
        vault::unlock::sign_out(self).await
    }

    /// Deletes this device's vault. Refused while something waits to be sent, unless `and_unsent`.
    pub async fn delete_vault(self, and_unsent: bool) -> Result<(), Trouble> {
        vault::unlock::delete_vault(self, and_unsent).await
    }

    /// Opens a consultation into [`Self::consultation`].
    pub async fn open(self, id: ConsultationId) -> Result<(), Trouble> {
        vault::records::open(self, id).await
    }

    /// Puts the open consultation away.
    pub fn close(self) {
        vault::records::close(self);
    }

    /// Changes the consultation that is open; returns when the change is on disk. The snapshot is renewed at once.
    pub async fn edit(
        self,
        id: ConsultationId,
        change: impl FnOnce(&mut Consultation) + 'static,
    ) -> Result<(), Trouble> {
        vault::records::edit(self, id, change).await
    }

    /// Makes a consultation here, without a network if need be; `change` fills in what is known. Not opened.
    pub async fn add_walk_in(
        self,
        pathway: String,
        change: impl FnOnce(&mut Consultation) + 'static,
    ) -> Result<ConsultationId, Trouble> {
        vault::records::add_walk_in(self, pathway, change).await
    }

    /// *I am taking this* (practice 5). Works from the list, without opening.
    pub async fn take(self, id: ConsultationId) -> Result<(), Trouble> {
        vault::records::take(self, id).await
    }

    /// Settles a clash: the chosen value stands, the others are history.
    pub async fn settle(self, id: ConsultationId, path: String, chosen: Answer) -> Result<(), Trouble> {
        vault::records::settle(self, id, path, chosen).await
    }

    /// Signs the open consultation. The caller has checked that nothing is missing.
    pub async fn sign(self, emergency: bool) -> Result<(), Trouble> {
        vault::records::sign(self, emergency).await
    }

    /// Opens the signed consultation on the screen for change, with a reason.
    pub async fn amend(self, reason: String) -> Result<(), Trouble> {
        vault::records::amend(self, reason).await
    }

    /// Who recorded what and when in the open consultation, oldest first.
    pub fn history(self) -> Result<Vec<Entry>, Trouble> {
        vault::records::history(self)
    }

    pub async fn storage(self) -> StorageUse {
        crate::platform::storage::estimate().await
    }

    pub async fn devices(self) -> Result<Vec<DeviceView>, Trouble> {
        crate::platform::api::devices(self).await
    }

    pub async fn revoke_device(self, id: DeviceId) -> Result<(), Trouble> {
        crate::platform::api::revoke_device(self, id).await
    }

    pub async fn passkeys(self) -> Result<Vec<PasskeyView>, Trouble> {
        crate::platform::api::passkeys(self).await
    }

    /// Makes another passkey for the person who is here, for signing in to the server.
    pub async fn add_passkey(self) -> Result<(), Trouble> {
        crate::platform::api::add_passkey(self).await
    }

    pub async fn remove_passkey(self, id: String) -> Result<(), Trouble> {
        crate::platform::api::remove_passkey(self, &id).await
    }

    /// Adds a passphrase as a second way in for the person who is here; asks for their passkey once more.
    pub async fn add_passphrase(self, passphrase: String) -> Result<(), Trouble> {
        vault::ways::add_passphrase(self, passphrase).await
    }

    /// Invites somebody; the link is shown once.
    pub async fn invite(self, role: Role) -> Result<InvitationLink, Trouble> {
        crate::platform::api::invite(self, role).await
    }

    /// This device's own id, once it has a vault.
    pub fn device(self) -> Option<DeviceId> {
        let vault = self.keeper.get_value().vault().ok()?;
        let device = vault.header.borrow().device;
        Some(device)
    }

    /// Changes to the waiting version; the page reloads.
    pub fn update_app(self) {
        crate::platform::service_worker::update();
    }
}

impl Default for Satchel {
    fn default() -> Self {
        Self::new()
    }
}
