//! How long something took, over many consultations.

use serde::{Deserialize, Serialize};

/// Ends of the steps in which times are drawn, in minutes; what took longer is beyond the last.
pub const STEPS: [(u32, &str); 6] = [
    (30, "Up to 30 minutes"),
    (60, "Up to 1 hour"),
    (4 * 60, "Up to 4 hours"),
    (12 * 60, "Up to 12 hours"),
    (24 * 60, "Up to 1 day"),
    (u32::MAX, "Longer"),
];

/// Minutes that something took.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Times {
    /// Of how many it is known.
    pub known: u32,
    /// In minutes; half took no longer.
    pub median: u32,
    /// In minutes; nine of ten took no longer.
    pub ninth: u32,
    /// How many ended within each of [`STEPS`] and not within one before it.
    pub steps: [u32; STEPS.len()],
}

impl Times {
    /// Of minutes in any order; they are put in order.
    pub fn of(minutes: &mut [u32]) -> Self {
        minutes.sort_unstable();
        let mut steps = [0; STEPS.len()];
        for one in minutes.iter() {
            let step = STEPS.iter().position(|(end, _)| one <= end).unwrap_or(STEPS.len() - 1);
            steps[step] += 1;
        }
        Self {
            known: u32::try_from(minutes.len()).unwrap_or(u32::MAX),
            median: part(minutes, 5),
            ninth: part(minutes, 9),
            steps,
        }
    }
}

/// The smallest that at least so many tenths do not exceed.
fn part(sorted: &[u32], tenths: usize) -> u32 {
    let place = (sorted.len() * tenths).div_ceil(10).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}
