//! Ages in bands, where the age itself would say too much.

use crate::time;
use jiff::civil::Date;

/// First age of each band, in years: those of NHS England's own statistics.
pub const BANDS: [u16; 11] = [0, 1, 5, 12, 16, 18, 25, 45, 65, 75, 85];

/// `45 to 64`, `85 and over`; empty where the birth date is not known.
pub fn age_band(birth_date: &str, on: Date) -> String {
    let Some(age) = birth_date.parse().ok().and_then(|birth| time::age(birth, on)) else {
        return String::new();
    };
    let band = BANDS.iter().rposition(|first| *first <= age).unwrap_or(0);
    match BANDS.get(band + 1) {
        None => format!("{} and over", BANDS[band]),
        Some(next) if *next == BANDS[band] + 1 => BANDS[band].to_string(),
        Some(next) => format!("{} to {}", BANDS[band], next - 1),
    }
}
