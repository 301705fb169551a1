//! Decides what becomes of a code that was read: a pack, words about what is wrong, or nothing new.

use jiff::civil::Date;
use shared::scan::{NotAPack, Pack, parse};
use shared::time;

/// A code must be read this often in a row before it is believed: one picture alone may be blurred.
const AGREEING: u8 = 2;

/// What the camera has seen so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    last: String,
    times: u8,
}

/// What one picture came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Look again.
    Nothing,
    Found(Pack),
    /// A code was read that is no pack's: why, in words.
    Wrong(NotAPack),
}

impl Seen {
    /// A picture in which this code was found.
    pub fn look(&mut self, code: &str, today: Date) -> Look {
        if self.last == code {
            self.times = self.times.saturating_add(1);
        } else {
            code.clone_into(&mut self.last);
            self.times = 1;
        }
        if self.times < AGREEING {
            return Look::Nothing;
        }
        match parse(code, today) {
            Ok(pack) => Look::Found(pack),
            Err(wrong) => Look::Wrong(wrong),
        }
    }
}

/// What was read, in a line to be checked against the pack.
pub fn pack_words(pack: &Pack) -> String {
    let mut parts = vec![format!("Product {}", pack.gtin)];
    parts.extend(pack.batch.as_ref().map(|batch| format!("batch {batch}")));
    parts.extend(pack.expiry.map(|expiry| format!("expires {}", time::written_date(expiry.last_day))));
    parts.join(", ")
}

/// Something about the pack that whoever holds it must know; `None` where there is nothing.
pub fn warning(pack: &Pack, today: Date) -> Option<String> {
    match pack.expiry {
        Some(expiry) if expiry.is_over(today) => Some(format!(
            "This pack expired on {}. It must not be supplied.",
            time::written_date(expiry.last_day)
        )),
        None if pack.batch.is_none() => {
            Some("This code holds the product only. Type batch and expiry from the pack.".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const CODE: &str = "]d201050123456789001727033110AB12";

    fn today() -> Date {
        date(2026, 11, 23)
    }

    #[test]
    fn one_blurred_picture_is_not_believed() {
        let mut seen = Seen::default();
        assert_eq!(seen.look(CODE, today()), Look::Nothing);
        assert_eq!(seen.look("]d201050123456789001727033110AB1Z", today()), Look::Nothing);
        assert_eq!(seen.look(CODE, today()), Look::Nothing);
        assert!(matches!(seen.look(CODE, today()), Look::Found(_)));
    }

    #[test]
    fn another_kind_of_code_is_named_and_the_camera_looks_on() {
        let mut seen = Seen::default();
        seen.look("]A0HELLO", today());
        assert_eq!(seen.look("]A0HELLO", today()), Look::Wrong(NotAPack::AnotherKind));
        seen.look(CODE, today());
        assert!(matches!(seen.look(CODE, today()), Look::Found(_)));
    }

    #[test]
    fn an_expired_pack_is_called_so_from_the_day_after() {
        let pack = parse(CODE, today()).expect("a pack");
        assert_eq!(warning(&pack, date(2027, 3, 31)), None);
        assert!(warning(&pack, date(2027, 4, 1)).is_some_and(|words| words.contains("31 Mar 2027")));
        assert_eq!(pack_words(&pack), "Product 05012345678900, batch AB12, expires 31 Mar 2027");
    }

    #[test]
    fn a_code_with_the_product_only_asks_for_the_rest() {
        let pack = parse("4006381333931", today()).expect("a pack");
        assert!(warning(&pack, today()).is_some_and(|words| words.contains("Type batch and expiry")));
    }
}
