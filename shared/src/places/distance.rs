//! How far it is, straight across: on the British National Grid as the Directory of Services counts, or on the globe.

use serde::{Deserialize, Serialize};

pub const METRES_IN_A_MILE: f64 = 1609.344;
/// Mean radius of the earth (IUGG).
const EARTH: f64 = 6_371_008.8;
/// Farther than any two places in the United Kingdom; keeps a wrong position from being taken for a far one.
const FARTHEST: f64 = 1_500_000.0;

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    /// Metres on the British National Grid. Northern Ireland and the Channel Islands are not on it.
    Grid { easting: i32, northing: i32 },
    /// Degrees, WGS 84.
    Globe { latitude: f64, longitude: f64 },
}

/// Metres from one to the other; `None` where they are told in different ways, or where one of them is nowhere.
pub fn between(one: Position, other: Position) -> Option<u32> {
    let metres = match (one, other) {
        (
            Position::Grid { easting, northing },
            Position::Grid { easting: other_easting, northing: other_northing },
        ) => {
            let across = f64::from(easting) - f64::from(other_easting);
            let up = f64::from(northing) - f64::from(other_northing);
            across.hypot(up)
        }
        (
            Position::Globe { latitude, longitude },
            Position::Globe { latitude: other_latitude, longitude: other_longitude },
        ) => haversine((latitude, longitude), (other_latitude, other_longitude)),
        _ => return None,
    };
    (metres <= FARTHEST).then(|| whole(metres))
}

/// Great-circle distance of two points in degrees.
fn haversine((latitude, longitude): (f64, f64), (other_latitude, other_longitude): (f64, f64)) -> f64 {
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let along = latitude.to_radians().cos() * other_latitude.to_radians().cos();
    let chord = half(other_latitude - latitude) + along * half(other_longitude - longitude);
    2.0 * EARTH * chord.sqrt().min(1.0).asin()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most FARTHEST and never below zero"
)]
fn whole(metres: f64) -> u32 {
    metres.round() as u32
}

/// `0.6`: miles with one decimal, as the Directory of Services tells them.
pub fn in_miles(metres: u32) -> String {
    format!("{:.1}", f64::from(metres) / METRES_IN_A_MILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globe(latitude: f64, longitude: f64) -> Position {
        Position::Globe { latitude, longitude }
    }

    #[test]
    fn on_the_grid_it_is_the_straight_line() {
        let at = |easting, northing| Position::Grid { easting, northing };
        assert_eq!(between(at(460_000, 450_000), at(463_000, 454_000)), Some(5000));
        assert_eq!(between(at(i32::MIN, 0), at(i32::MAX, 0)), None, "nowhere in the country");
        assert_eq!(between(at(0, 0), globe(51.5, -0.1)), None);
    }

    #[test]
    fn on_the_globe_it_is_the_great_circle() {
        // A degree of latitude is the radius times π/180; a degree of longitude shrinks towards the pole.
        assert_eq!(between(globe(53.0, -1.0), globe(54.0, -1.0)), Some(111_195));
        let along = between(globe(60.0, -1.0), globe(60.0, -2.0)).expect("a distance");
        assert!((55_590..55_600).contains(&along), "{along}");
        assert_eq!(between(globe(53.0, -1.0), globe(53.0, -1.0)), Some(0));
        assert_eq!(between(globe(f64::NAN, 0.0), globe(53.0, -1.0)), None);
        assert_eq!(between(globe(-80.0, 0.0), globe(80.0, 180.0)), None);
    }

    #[test]
    fn miles_have_one_decimal() {
        assert_eq!([0, 80, 81, 966, 60_350].map(in_miles), ["0.0", "0.0", "0.1", "0.6", "37.5"]);
    }
}
