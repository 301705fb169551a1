//! The measurements that practice systems take as codes, as data: one place to correct them in.
//!
//! Oxygen saturation, breathing rate, pain, consciousness and NEWS2 are not among them: with one of those the whole
//! message is refused, so they travel as words (practice 17).

use super::xml::Coding;

/// Where a code is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// GP Connect Update Record 1.2.0-public-beta names it.
    UpdateRecord,
    /// The kind is named there, its code is not: SNOMED CT’s own. Unverified until a practice’s system has taken one.
    SnomedCt,
}

/// One kind of number: its code, its unit in words and in UCUM, and how many decimals practices take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    pub code: &'static str,
    pub display: &'static str,
    pub unit: &'static str,
    pub ucum: &'static str,
    pub decimals: usize,
    pub source: Source,
}

/// Pulse, height and blood pressure without decimals; weight, temperature and BMI with one (referrals.md 10.2).
pub const SIGNS: [Sign; 5] = [
    Sign {
        code: "703421000",
        display: "Temperature",
        unit: "degree Celsius",
        ucum: "Cel",
        decimals: 1,
        source: Source::UpdateRecord,
    },
    Sign {
        code: "364075005",
        display: "Heart rate",
        unit: "per minute",
        ucum: "{beats}/min",
        decimals: 0,
        source: Source::UpdateRecord,
    },
    Sign {
        code: "50373000",
        display: "Body height measure",
        unit: "centimeter",
        ucum: "cm",
        decimals: 0,
        source: Source::SnomedCt,
    },
    Sign {
        code: "27113001",
        display: "Body weight",
        unit: "kilogram",
        ucum: "kg",
        decimals: 1,
        source: Source::SnomedCt,
    },
    Sign {
        code: "60621009",
        display: "Body mass index",
        unit: "kilogram per square meter",
        ucum: "kg/m2",
        decimals: 1,
        source: Source::SnomedCt,
    },
];

/// How a blood pressure was taken: the code of the reading and of its two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub code: &'static str,
    pub display: &'static str,
    pub systolic: (&'static str, &'static str),
    pub diastolic: (&'static str, &'static str),
}

/// Readings that Update Record names whole. The average of an ambulatory one is named there too, its codes cut short.
pub const READINGS: [Reading; 6] = [
    Reading {
        code: "163020007",
        display: "On examination - blood pressure reading",
        systolic: ("72313002", "Systolic arterial pressure"),
        diastolic: ("1091811000000102", "Diastolic arterial pressure"),
    },
    Reading {
        code: "163033001",
        display: "Lying blood pressure reading",
        systolic: ("407556006", "Lying systolic blood pressure"),
        diastolic: ("407557002", "Lying diastolic blood pressure"),
    },
    Reading {
        code: "163034007",
        display: "Standing blood pressure reading",
        systolic: ("400974009", "Standing systolic blood pressure"),
        diastolic: ("400975005", "Standing diastolic blood pressure"),
    },
    Reading {
        code: "163035008",
        display: "Sitting blood pressure reading",
        systolic: ("407554009", "Sitting systolic blood pressure"),
        diastolic: ("407555005", "Sitting diastolic blood pressure"),
    },
    Reading {
        code: "928021000000108",
        display: "Baseline blood pressure",
        systolic: ("716579001", "Baseline systolic blood pressure"),
        diastolic: ("716632005", "Baseline diastolic blood pressure"),
    },
    Reading {
        code: "335661000000109",
        display: "Self measured blood pressure reading",
        systolic: ("1162737008", "Self reported systolic blood pressure"),
        diastolic: ("1162735000", "Self reported diastolic blood pressure"),
    },
];

/// Which upper arm a cuff was on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    Left,
    Right,
}

impl Arm {
    pub(super) fn coding(self) -> Coding<'static> {
        match self {
            Self::Left => Coding::snomed("368208006", "Left upper arm structure"),
            Self::Right => Coding::snomed("368209003", "Right upper arm structure"),
        }
    }
}

/// Something measured, of a kind that practice systems take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measurement {
    Of(&'static Sign, f64),
    /// mm[Hg].
    BloodPressure {
        reading: &'static Reading,
        systolic: f64,
        diastolic: f64,
        arm: Option<Arm>,
    },
}

impl Measurement {
    /// A number by its SNOMED code; `None` for a kind that would have the whole message refused.
    pub fn of(code: &str, value: f64) -> Option<Self> {
        SIGNS.iter().find(|sign| sign.code == code).map(|sign| Self::Of(sign, value))
    }

    /// A blood pressure by the code of its reading.
    pub fn blood_pressure(reading: &str, systolic: f64, diastolic: f64) -> Option<Self> {
        let reading = READINGS.iter().find(|known| known.code == reading)?;
        Some(Self::BloodPressure { reading, systolic, diastolic, arm: None })
    }
}

/// A number as the message writes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    pub coding: Coding<'static>,
    pub unit: &'static str,
    pub ucum: &'static str,
    pub decimals: usize,
    pub value: f64,
}

/// One coded observation: either a value of its own, or components under a common code.
#[derive(Debug, Clone)]
pub(super) enum Observation {
    Single(Quantity),
    Panel(Coding<'static>, Vec<Quantity>, Option<Arm>),
}

impl Measurement {
    pub(super) fn observation(self) -> Observation {
        match self {
            Self::Of(sign, value) => Observation::Single(Quantity {
                coding: Coding::snomed(sign.code, sign.display),
                unit: sign.unit,
                ucum: sign.ucum,
                decimals: sign.decimals,
                value,
            }),
            Self::BloodPressure { reading, systolic, diastolic, arm } => {
                let pressure = |(code, display), value| Quantity {
                    coding: Coding::snomed(code, display),
                    unit: "millimeter of mercury",
                    ucum: "mm[Hg]",
                    decimals: 0,
                    value,
                };
                let parts =
                    vec![pressure(reading.systolic, systolic), pressure(reading.diastolic, diastolic)];
                Observation::Panel(Coding::snomed(reading.code, reading.display), parts, arm)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_have_the_whole_message_refused_has_no_code_here() {
        // Oxygen saturation, respiratory rate, pain score, AVPU, NEWS2.
        let refused = ["431314004", "86290005", "225908003", "1104441000000107", "1104051000000101"];
        let taken: Vec<_> = refused.into_iter().filter(|code| Measurement::of(code, 1.0).is_some()).collect();
        assert!(taken.is_empty(), "{taken:?}");
    }

    #[test]
    fn what_is_not_published_is_marked_and_nothing_else() {
        let unverified: Vec<&str> =
            SIGNS.iter().filter(|sign| sign.source == Source::SnomedCt).map(|sign| sign.display).collect();
        assert_eq!(unverified, ["Body height measure", "Body weight", "Body mass index"]);
    }

    #[test]
    fn every_code_has_a_right_check_digit() {
        let readings = READINGS.iter().flat_map(|one| [one.code, one.systolic.0, one.diastolic.0]);
        let arms = [Arm::Left, Arm::Right].map(|arm| arm.coding().code);
        let codes = SIGNS.iter().map(|sign| sign.code).chain(readings).chain(arms);
        let wrong: Vec<&str> = codes.filter(|code| !verhoeff(code)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    /// SNOMED CT's own check (Verhoeff): slips of a digit and swapped digits do not pass.
    fn verhoeff(code: &str) -> bool {
        const PERMUTED: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        // The dihedral group of the pentagon.
        let times = |a: usize, b: usize| match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => 5 + (a + b - 5) % 5,
            (false, true) => 5 + (a - 5 + 5 - b) % 5,
            (false, false) => (5 + a - b) % 5,
        };
        let digits = code.bytes().rev().map(|digit| usize::from(digit - b'0'));
        let sum = digits.enumerate().fold(0, |sum, (place, digit)| {
            let permuted = (0..place).fold(digit, |digit, _| PERMUTED[digit]);
            times(sum, permuted)
        });
        sum == 0
    }
}
