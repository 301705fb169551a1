//! Preferences in localStorage: nothing about a patient, no key, no token (design 2.8).

use gloo_storage::{LocalStorage, Storage as _};
use shared::ids::{DeviceId, OdsCode};

const DEVICE: &str = "satchel-device";
const PHARMACY: &str = "satchel-pharmacy";
const IDLE: &str = "satchel-idle-minutes";

/// Minutes until the vault locks by itself, where nothing was chosen.
pub const IDLE_MINUTES: u32 = 5;

/// This browser profile's own id, once it has had a vault.
fn device() -> Option<DeviceId> {
    LocalStorage::get(DEVICE).ok()
}

/// This browser profile's own id, made if need be.
pub fn device_or_new() -> DeviceId {
    device().unwrap_or_else(|| {
        let device = DeviceId(uuid::Uuid::new_v4());
        keep(DEVICE, &device);
        device
    })
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

/// 1 to 60.
pub fn idle_minutes() -> u32 {
    LocalStorage::get(IDLE).unwrap_or(IDLE_MINUTES).clamp(1, 60)
}

pub fn set_idle_minutes(minutes: u32) {
    keep(IDLE, &minutes.clamp(1, 60));
}

fn keep(key: &str, value: &impl serde::Serialize) {
    // A full or forbidden localStorage costs a preference; the vault speaks up for itself.
    let _ = LocalStorage::set(key, value);
}
