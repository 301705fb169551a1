//! What a scanned pack says of itself, and whether it fits the line.

use jiff::civil::Date;
use shared::consultation::{Consultation, Medicine};
use shared::scan::Pack;
use shared::time;

/// A scanned pack beside its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Its batch and expiry are recorded.
    pub is_taken: bool,
    /// What is to be known about it, a sentence each.
    pub said: Vec<String>,
    gtin: String,
    batch: String,
    expiry: String,
}

impl Scanned {
    /// Records what the code says. What it does not say stays as it was typed.
    pub fn write(&self, line: &mut Medicine) {
        line.gtin.clone_from(&self.gtin);
        for (part, said) in [(&mut line.batch, &self.batch), (&mut line.expiry, &self.expiry)] {
            if !said.is_empty() {
                part.clone_from(said);
            }
        }
    }
}

/// `None` where there is no such line. `today` is the day in England.
pub fn take_pack(record: &Consultation, id: &str, pack: &Pack, today: Date) -> Option<Scanned> {
    let line = record.medicines.get(id)?;
    let mut scanned = Scanned {
        is_taken: true,
        said: Vec::new(),
        gtin: pack.gtin.clone(),
        batch: pack.batch.clone().unwrap_or_default(),
        expiry: pack.expiry.map(shared::scan::Expiry::recorded).unwrap_or_default(),
    };
    let another = record
        .medicines
        .iter()
        .find(|(other, medicine)| *other != id && medicine.gtin == pack.gtin && medicine.code != line.code);
    if let Some((_, other)) = another {
        scanned.is_taken = false;
        scanned.said.push(format!(
            "This pack was scanned for {} before, so it is not {}. Nothing was recorded. Take the right pack, or correct \
             the other line.",
            other.name, line.name
        ));
    }
    if let Some(expiry) = pack.expiry.filter(|expiry| expiry.is_over(today)) {
        scanned.is_taken = false;
        let last = time::written_date(expiry.last_day);
        scanned
            .said
            .push(format!("This pack could be used until {last}. Nothing was recorded. Take another pack."));
    }
    if scanned.is_taken {
        if !line.gtin.is_empty() && line.gtin != pack.gtin {
            let before = &line.gtin;
            scanned.said.push(format!(
                "This is another product than the pack scanned before: {} instead of {before}. Check the box.",
                pack.gtin
            ));
        }
        scanned.said.push(format!(
            "The code holds a number, not a name. Compare the box with “{}” before you supply it.",
            line.name
        ));
    }
    Some(scanned)
}

/// The pack of this line is past its last day; `None` where no expiry can be read.
pub fn is_expired(line: &Medicine, today: Date) -> Option<bool> {
    let day: Option<Date> = line.expiry.parse().ok();
    let month = || format!("{}-01", line.expiry).parse::<Date>().ok().map(Date::last_of_month);
    day.or_else(month).map(|last| today > last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ids::ConsultationId;

    fn record() -> Consultation {
        let ods = "FA123".parse().expect("an ODS code");
        let id = ConsultationId::from_bytes([7; 16]);
        let mut record = Consultation::new(id, &ods, "urgent-medicine-supply@1", 0);
        for (key, name, code, gtin) in
            [("a", "Ramipril 5mg capsules", "1", ""), ("b", "Amlodipine 5mg tablets", "2", "05012345678900")]
        {
            let line = Medicine {
                name: name.into(),
                code: code.into(),
                gtin: gtin.into(),
                batch: "TYPED".into(),
                ..Medicine::default()
            };
            record.medicines.insert(key.into(), line);
        }
        record
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    fn pack(code: &str) -> Pack {
        shared::scan::parse(code, day("2026-11-22")).expect("a code")
    }

    #[test]
    fn batch_and_expiry_of_a_scanned_pack_are_recorded_and_what_it_does_not_say_stays() {
        let found =
            take_pack(&record(), "a", &pack("(01)09506000134352(17)270300(10)AB12"), day("2026-11-22"));
        let found = found.expect("a line");
        let mut line = record().medicines["a"].clone();
        found.write(&mut line);
        let written = (line.gtin.as_str(), line.batch.as_str(), line.expiry.as_str());
        assert_eq!(written, ("09506000134352", "AB12", "2027-03"));
        let found =
            take_pack(&record(), "a", &pack("(01)09506000134352"), day("2026-11-22")).expect("a line");
        let mut line = record().medicines["a"].clone();
        found.write(&mut line);
        assert_eq!(line.batch, "TYPED");
        assert!(found.said[0].contains("Compare the box with “Ramipril"), "{:?}", found.said);
    }

    #[test]
    fn a_pack_scanned_for_another_medicine_is_not_taken_and_the_mismatch_is_said() {
        let mut record = record();
        record.medicines.get_mut("b").expect("a line").gtin = "09506000134352".into();
        let found = take_pack(&record, "a", &pack("(01)09506000134352(10)AB12"), day("2026-11-22"));
        let found = found.expect("a line");
        assert!(!found.is_taken);
        assert!(found.said[0].contains("scanned for Amlodipine"), "{:?}", found.said);
    }

    #[test]
    fn an_expired_pack_is_not_taken() {
        let code = "(01)09506000134352(17)261031(10)AB12";
        let found = take_pack(&record(), "a", &pack(code), day("2026-11-22")).expect("a line");
        assert!(!found.is_taken && found.said[0].contains("31 Oct 2026"), "{:?}", found.said);
        let line = |expiry: &str| Medicine { expiry: expiry.into(), ..Medicine::default() };
        assert_eq!(is_expired(&line("2026-11"), day("2026-11-30")), Some(false));
        assert_eq!(is_expired(&line("2026-11"), day("2026-12-01")), Some(true));
        assert_eq!(is_expired(&line("2026-11-21"), day("2026-11-22")), Some(true));
        assert_eq!(is_expired(&line("soon"), day("2026-11-22")), None);
    }
}
