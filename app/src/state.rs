//! What screens share: who is here, what is on the list, what is open, and everything a person can ask for.

use crate::hand_over::Handed;
use crate::medicines::Shelf;
use crate::platform::settings::Removed;
use crate::platform::trouble::Trouble;
use crate::standing::model::Standing;
use crate::vault;
use crate::vault::aside::{AsideView, Closing};
use crate::vault::contact::Jump;
use crate::vault::keeper::Keeper;
use crate::vault::revoked::Removal;
use crate::work_list::rows::Rows;
use crate::worker::messages::{Ask, Progress};
use leptos::prelude::*;
use shared::api::{
    Cis2Standing, DeviceView, InvitationLink, InvitationView, PasskeyView, PharmacyView, QuarantinedDetail,
    QuarantinedView, SessionView, StaffView,
};
use shared::authorship::Unlock;
use shared::consultation::{Answer, Clash, Consultation, Entry, LateEntry, Signature, WorkListRow};
use shared::ids::{ConsultationId, DeviceId, PersonId};
use shared::people::Role;
use shared::time::Millis;

/// Handed to every screen by leptos context; copying it costs nothing.
#[derive(Clone, Copy)]
pub struct Satchel {
    pub phase: RwSignal<Phase>,
    /// What the last request told us. Never the browser's own opinion.
    pub connection: RwSignal<Connection>,
    /// The work list; empty unless the vault is open.
    pub rows: RwSignal<Rows>,
    /// How far a long pull has come.
    pub progress: RwSignal<Option<Progress>>,
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
    /// No contact for longer than the pharmacy allows: only one's own unsent work may be read (practice 31).
    pub closed: RwSignal<bool>,
    /// This device was removed from its pharmacy, and its log is on its way to the server.
    pub removal: RwSignal<Option<Removal>>,
    /// When this device was removed and emptied, until somebody has read it.
    pub removed_note: RwSignal<Option<Removed>>,
    /// Pharmacies with a vault on this device; known while locked, too.
    pub pharmacies: RwSignal<Vec<PharmacyView>>,
    /// Records still to be looked at after the vault's key was changed; `None` when that is done.
    pub resealing: RwSignal<Option<usize>>,
    /// Whether CIS2 is offered, and what it has proved of this session.
    pub cis2: RwSignal<Cis2Standing>,
    /// Whoever CIS2 brought to this device, until they have a key here.
    pub arrival: RwSignal<Option<SessionView>>,
    /// What the person who is here may do today, as the server last said; `None` before it ever did.
    pub standing: RwSignal<Option<Standing>>,
    /// Their access to this pharmacy has ended by itself (practice 30): only their own unsent work may be read.
    pub ended: RwSignal<bool>,
    /// The device is in the patient's hands: this, and nothing else, is drawn (practice 27).
    pub handed: RwSignal<Option<Handed>>,
    /// The dictionary of medicines on this device; belongs to no patient, so it is there while locked, too.
    pub medicines: Shelf,
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
    /// Signed in, and several people use this device: ask for a PIN, then call [`Satchel::set_pin`].
    NeedsPin {
        name: String,
    },
    /// Somebody new waits for one of the others to open the vault for them: [`Satchel::let_in`].
    LettingIn(LettingIn),
    Locked(LockedView),
    Open(Who),
}

/// Somebody at the door.
#[derive(Debug, Clone, PartialEq)]
pub struct LettingIn {
    /// Who waits.
    pub name: String,
    /// They had a key to this device, which they have lost.
    pub returning: bool,
    /// Who could open it for them.
    pub locked: LockedView,
}

/// Somebody with a key to this device.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyHolder {
    pub person: PersonId,
    pub name: String,
    /// Their ways in.
    pub ways: Vec<WayIn>,
    /// A newer vault key waits for their next unlock.
    pub away: bool,
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
    /// Several people use this device, so a passkey takes a PIN.
    pub shared: bool,
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

/// What a person brings to prove, here and now, that it is they.
#[derive(Clone)]
pub enum Proof {
    Sensor,
    SensorAndPin(String),
    /// The sensor, and the PIN that is to be asked beside it from now on.
    SensorAndNewPin(String),
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
            rows: RwSignal::new(Rows::default()),
            progress: RwSignal::new(None),
            waiting: RwSignal::new(0),
            consultation: RwSignal::new(None),
            trouble: RwSignal::new(None),
            update_ready: RwSignal::new(false),
            demo: RwSignal::new(false),
            locks_in: RwSignal::new(None),
            idle_minutes: RwSignal::new(crate::platform::settings::idle_minutes()),
            last_contact: RwSignal::new(None),
            clock_doubtful: RwSignal::new(false),
            closed: RwSignal::new(false),
            removal: RwSignal::new(None),
            removed_note: RwSignal::new(crate::platform::settings::removed()),
            pharmacies: RwSignal::new(Vec::new()),
            resealing: RwSignal::new(None),
            cis2: RwSignal::new(Cis2Standing::default()),
            arrival: RwSignal::new(None),
            standing: RwSignal::new(None),
            ended: RwSignal::new(false),
            handed: RwSignal::new(None),
            medicines: Shelf::new(),
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

    /// Enrols with a one-time link, makes the vault and opens it; `shared`: several people use this device. May end
    /// in [`Phase::NeedsPin`], [`Phase::NeedsPassphrase`] or [`Phase::LettingIn`].
    pub async fn enrol(
        self,
        token: String,
        name: String,
        gphc: String,
        way: Way,
        shared: bool,
    ) -> Result<(), Trouble> {
        vault::enrol::enrol(self, token, name, gphc, way, shared).await
    }

    /// Joins a further pharmacy by a link, with a passkey made before. May end as [`Self::enrol`] may.
    pub async fn join(self, token: String) -> Result<(), Trouble> {
        vault::enrol::join(self, token).await
    }

    /// Finishes what [`Phase::NeedsPin`] began.
    pub async fn set_pin(self, pin: String) -> Result<(), Trouble> {
        vault::enrol::set_pin(self, pin).await
    }

    /// Opens the vault for whoever waits ([`Phase::LettingIn`]) and lets them in.
    pub async fn let_in(self, index: usize, proof: Proof) -> Result<(), Trouble> {
        vault::people::let_in(self, index, proof).await
    }

    /// As [`Self::let_in`], by the server's sealed copy; it keeps a note of that.
    pub async fn let_in_by_server(self) -> Result<(), Trouble> {
        vault::people::let_in_by_server(self).await
    }

    /// Whoever waits to be let in has changed their mind.
    pub fn give_up(self) {
        vault::people::give_up(self);
    }

    /// Shows the unlock screen of another pharmacy's vault.
    pub async fn choose_pharmacy(self, ods: String) -> Result<(), Trouble> {
        vault::start::choose(self, &ods).await
    }

    /// Everybody with a key to the vault that is open.
    pub fn key_holders(self) -> Vec<KeyHolder> {
        vault::people::key_holders(self)
    }

    /// Takes somebody's keys off this device and changes the vault's; `index` and `proof` are of the person present.
    pub async fn remove_key_holder(
        self,
        person: PersonId,
        index: usize,
        proof: Proof,
    ) -> Result<(), Trouble> {
        vault::people::remove(self, person, index, proof).await
    }

    /// Everybody who works at the pharmacy, as the server knows them.
    pub async fn staff(self) -> Result<Vec<StaffView>, Trouble> {
        crate::platform::api::people(self).await
    }

    /// Ends somebody's work at the pharmacy, and takes their keys off this device.
    pub async fn dismiss(self, person: PersonId) -> Result<(), Trouble> {
        vault::people::dismiss(self, person).await
    }

    /// From now on several people use this device; `index` and `proof` are of the person present.
    pub async fn share(self, index: usize, proof: Proof) -> Result<(), Trouble> {
        vault::people::share(self, index, proof).await
    }

    /// Signs in with a passkey made elsewhere, makes the vault and opens it. May end in [`Phase::NeedsPassphrase`].
    pub async fn sign_in(self) -> Result<(), Trouble> {
        vault::enrol::sign_in(self).await
    }

    /// Finishes what [`Phase::NeedsPassphrase`] began.
    pub async fn set_passphrase(self, passphrase: String) -> Result<(), Trouble> {
        vault::enrol::set_passphrase(self, passphrase).await
    }

    /// Opens the vault; needs no network.
    pub async fn unlock(self, index: usize, proof: Proof) -> Result<(), Trouble> {
        vault::unlock::unlock(self, index, proof).await
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

    /// Days that finished work stays on this device.
    pub fn window_days(self) -> u32 {
        crate::platform::settings::window_days()
    }

    /// Sets for how long; what is older leaves once the server has it. Remembered on this device.
    pub fn set_window_days(self, days: u32) {
        crate::platform::settings::set_window_days(days);
        crate::worker::page::tell(self, &Ask::Window { days });
    }

    /// Ends the session with the server and locks. What was not sent stays sealed on this device.
    pub async fn sign_out(self) -> Result<(), Trouble> {
        vault::unlock::sign_out(self).await
    }

    /// Deletes this device's vault. Refused while something waits to be sent, unless `and_unsent`.
    pub async fn delete_vault(self, and_unsent: bool) -> Result<(), Trouble> {
        vault::unlock::delete_vault(self, and_unsent).await
    }

    /// Opens a consultation into [`Self::consultation`]. While patients are closed, only one's own unsent ones.
    pub async fn open(self, id: ConsultationId) -> Result<(), Trouble> {
        if let Err(closed) = self.in_contact()
            && !vault::own::unsent(self).await?.contains(&id)
        {
            return Err(closed);
        }
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
        self.in_contact()?;
        vault::records::edit(self, id, change).await
    }

    /// Makes a consultation here, without a network if need be; `change` fills in what is known. Not opened.
    pub async fn add_walk_in(
        self,
        pathway: String,
        change: impl FnOnce(&mut Consultation) + 'static,
    ) -> Result<ConsultationId, Trouble> {
        self.in_contact()?;
        vault::records::add_walk_in(self, pathway, change).await
    }

    /// Changes a consultation with something that does not begin the visit, such as a try to reach the patient.
    pub async fn note(
        self,
        id: ConsultationId,
        change: impl FnOnce(&mut Consultation) + 'static,
    ) -> Result<(), Trouble> {
        self.in_contact()?;
        vault::records::beside(self, id, change).await
    }

    /// *I am taking this* (practice 5). Works from the list, without opening.
    pub async fn take(self, id: ConsultationId) -> Result<(), Trouble> {
        self.in_contact()?;
        vault::records::take(self, id).await
    }

    /// Settles a clash: the chosen value stands, the others are history.
    pub async fn settle(self, id: ConsultationId, path: String, chosen: Answer) -> Result<(), Trouble> {
        self.in_contact()?;
        vault::records::settle(self, id, path, chosen).await
    }

    /// Signs the open consultation. The caller has checked that nothing is missing.
    pub async fn sign(self, emergency: bool) -> Result<(), Trouble> {
        self.in_contact()?;
        vault::records::sign(self, emergency).await
    }

    /// Opens the signed consultation on the screen for change, with a reason.
    pub async fn amend(self, reason: String) -> Result<(), Trouble> {
        self.in_contact()?;
        vault::records::amend(self, reason).await
    }

    /// Who recorded what and when in the open consultation, oldest first.
    pub fn history(self) -> Result<Vec<Entry>, Trouble> {
        vault::records::history(self)
    }

    /// The open consultation as its latest signature signed it, with that signature; `None` before the first.
    pub fn as_signed(self) -> Result<Option<(Consultation, Signature)>, Trouble> {
        vault::records::as_signed(self)
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

    /// Adds a passphrase as a second way in for the person who is here, who proves once more that it is they.
    pub async fn add_passphrase(self, index: usize, proof: Proof, passphrase: String) -> Result<(), Trouble> {
        vault::ways::add_passphrase(self, index, proof, passphrase).await
    }

    /// Invites somebody; the link is shown once.
    /// `access_ends`: RFC 3339, for a locum; empty for never.
    pub async fn invite(self, role: Role, access_ends: String) -> Result<InvitationLink, Trouble> {
        crate::platform::api::invite(self, role, access_ends).await
    }

    /// Whoever CIS2 brought gets a way in of their own here. May end as [`Self::enrol`] may.
    pub async fn settle_arrival(self, way: Way, shared: bool) -> Result<(), Trouble> {
        vault::enrol::after_cis2(self, way, shared).await
    }

    /// Asks for the standing of the person who is here, after something of it was changed.
    pub async fn renew_standing(self) -> Result<(), Trouble> {
        let opened = self.keeper.get_value().opened()?;
        crate::standing::keeping::renew(self, &opened, None).await
    }

    /// Notes what was done with a consultation on this device, for the audit log; sent when it can be.
    pub fn note_audit(self, action: &'static str, consultation: ConsultationId, why: String) {
        vault::audited::note(self, action, consultation, why);
    }

    /// A print dialog, a viewer or a share sheet is about to hide this page without anybody having left.
    pub fn is_printing(self) {
        self.keeper.get_value().0.printing.set(true);
    }

    /// This device's own id, once it has a vault.
    pub fn device(self) -> Option<DeviceId> {
        let vault = self.keeper.get_value().vault().ok()?;
        let device = vault.header.borrow().device;
        Some(device)
    }

    fn in_contact(self) -> Result<(), Trouble> {
        if self.closed.get_untracked() {
            return Err(Trouble::OutOfContact);
        }
        if self.ended.get_untracked() { Err(Trouble::AccessEnded) } else { Ok(()) }
    }

    /// Unsent consultations of the person who is here, newest first: what may be read also out of contact.
    pub async fn own_unsent(self) -> Result<Vec<ListedRow>, Trouble> {
        let own = vault::own::unsent(self).await?;
        let mut rows: Vec<ListedRow> = self
            .rows
            .with_untracked(|rows| rows.iter().filter(|row| own.contains(&row.id)).cloned().collect());
        rows.sort_by_key(|row| std::cmp::Reverse(row.saved_at));
        Ok(rows)
    }

    /// Hours that this pharmacy allows without contact, as far as this device has heard.
    pub fn contact_limit_hours(self) -> u32 {
        let vault = self.keeper.get_value().vault().ok();
        vault.map_or(shared::api::CONTACT_LIMIT_HOURS, |vault| vault.contact.borrow().limit_hours())
    }

    /// Sets them for all devices of the pharmacy.
    pub async fn set_contact_limit(self, hours: u32) -> Result<(), Trouble> {
        crate::platform::api_recovery::set_contact_limit(self, hours).await?;
        let vault = self.keeper.get_value().vault()?;
        let write = {
            let mut contact = vault.contact.borrow_mut();
            contact.limit_hours = Some(hours);
            contact.write()
        };
        vault.database.write(&[write]).await
    }

    /// Jumps of this device's clock that were noticed, oldest first.
    pub fn clock_jumps(self) -> Vec<Jump> {
        let vault = self.keeper.get_value().vault().ok();
        vault.map(|vault| vault.contact.borrow().jumps.clone()).unwrap_or_default()
    }

    /// Both sides of what was set aside of a consultation on this device; from then on somebody has looked at it.
    pub async fn look_at_set_aside(self, id: ConsultationId) -> Result<AsideView, Trouble> {
        vault::aside::look(self, id).await
    }

    /// Is something of this consultation set aside that nobody has looked at?
    pub async fn has_unseen_set_aside(self, id: ConsultationId) -> Result<bool, Trouble> {
        vault::aside::is_unseen(self, id).await
    }

    /// Ends what was set aside of a consultation: everything that matters was entered.
    pub async fn close_set_aside(self, id: ConsultationId, because: String) -> Result<(), Trouble> {
        self.in_contact()?;
        vault::aside::close(self, id, because).await
    }

    /// How set-aside work of a consultation was closed on this device, oldest first.
    pub async fn set_aside_closings(self, id: ConsultationId) -> Result<Vec<Closing>, Trouble> {
        vault::aside::closings(self, id).await
    }

    /// What lies set aside with the server, newest first.
    pub async fn quarantine(self) -> Result<Vec<QuarantinedView>, Trouble> {
        crate::platform::api_recovery::quarantine(self).await
    }

    /// One entry of it with both sides.
    pub async fn quarantined(self, id: u64) -> Result<QuarantinedDetail, Trouble> {
        crate::platform::api_recovery::quarantined(self, id).await
    }

    /// Puts an entry into the record as it is.
    pub async fn release(self, id: u64) -> Result<(), Trouble> {
        crate::platform::api_recovery::release(self, id).await
    }

    /// Ends an entry without releasing it.
    pub async fn close_quarantined(self, id: u64, reason: String) -> Result<(), Trouble> {
        crate::platform::api_recovery::close_quarantined(self, id, reason).await
    }

    /// Somebody has read that this device was removed.
    pub fn read_removed_note(self) {
        crate::platform::settings::forget_removed();
        self.removed_note.set(None);
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
