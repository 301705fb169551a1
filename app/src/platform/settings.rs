//! Preferences in localStorage: nothing about a patient, no key, no token (design 2.8).

use crate::vault::window;
use gloo_storage::{LocalStorage, Storage as _};
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, OdsCode};
use shared::time::Millis;

const DEVICE: &str = "satchel-device";
const PHARMACY: &str = "satchel-pharmacy";
const REMOVED: &str = "satchel-removed";
const WINDOW: &str = "satchel-days-kept";
const WAITING: &str = "satchel-waiting";
const IDLE: &str = "satchel-idle-minutes";
const PRINTER: &str = "satchel-printer-offset";

/// Minutes until the vault locks by itself, where nothing was chosen.
pub const IDLE_MINUTES: u32 = 5;

/// This browser profile's id at one pharmacy, made if need be. One for each: to the server they are different devices,
/// and no pharmacy learns where else somebody works.
pub fn device_or_new(ods: &OdsCode) -> DeviceId {
    let key = device_key(ods);
    LocalStorage::get(&key).unwrap_or_else(|_| {
        let device = DeviceId(uuid::Uuid::new_v4());
        keep(&key, &device);
        device
    })
}

fn device_key(ods: &OdsCode) -> String {
    format!("{DEVICE}-{}", ods.as_str().to_lowercase())
}

/// The pharmacy whose vault was used last on this device.
pub fn pharmacy() -> Option<OdsCode> {
    LocalStorage::get(PHARMACY).ok()
}

pub fn set_pharmacy(ods: &OdsCode) {
    keep(PHARMACY, ods);
}

pub fn forget_pharmacy() {
    LocalStorage::delete(PHARMACY);
}

/// Forgets what this device was to one pharmacy.
pub fn forget_device(ods: &OdsCode) {
    LocalStorage::delete(device_key(ods));
    if pharmacy().as_ref() == Some(ods) {
        forget_pharmacy();
    }
}

/// Forgets everything else that this device knew of itself: there is no vault here any more.
pub fn forget_all() {
    for key in [PHARMACY, WINDOW, WAITING, IDLE, PRINTER] {
        LocalStorage::delete(key);
    }
}

/// From which pharmacy this device was removed, until somebody has read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    pub pharmacy: String,
    pub at: Millis,
}

pub fn removed() -> Option<Removed> {
    LocalStorage::get(REMOVED).ok()
}

pub fn note_removed(removed: &Removed) {
    keep(REMOVED, removed);
}

pub fn forget_removed() {
    LocalStorage::delete(REMOVED);
}

/// 1 to 60.
pub fn idle_minutes() -> u32 {
    LocalStorage::get(IDLE).unwrap_or(IDLE_MINUTES).clamp(1, 60)
}

pub fn set_idle_minutes(minutes: u32) {
    keep(IDLE, &minutes.clamp(1, 60));
}

/// Days that finished work stays on this device (practice 32).
pub fn window_days() -> u32 {
    LocalStorage::get(WINDOW).unwrap_or(window::DAYS).clamp(window::FEWEST_DAYS, window::MOST_DAYS)
}

pub fn set_window_days(days: u32) {
    keep(WINDOW, &days.clamp(window::FEWEST_DAYS, window::MOST_DAYS));
}

/// Consultations that waited to be sent when it was last counted: a number, and no more.
pub fn waiting() -> usize {
    LocalStorage::get(WAITING).unwrap_or_default()
}

pub fn set_waiting(count: usize) {
    keep(WAITING, &count);
}

/// Millimetres by which this device's printer needs a token moved to the right and down.
pub fn printer_offset() -> (f64, f64) {
    LocalStorage::get(PRINTER).unwrap_or_default()
}

pub fn set_printer_offset(offset: (f64, f64)) {
    keep(PRINTER, &offset);
}

fn keep(key: &str, value: &impl Serialize) {
    // A full or forbidden localStorage costs a preference; the vault speaks up for itself.
    let _ = LocalStorage::set(key, value);
}
