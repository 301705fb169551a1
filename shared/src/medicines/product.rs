//! One product of dm+d as the search file holds it and a record copies it (medicines.md 1).

use crate::consultation::Medicine;
use std::collections::BTreeSet;

/// What a hit is: a moiety to narrow the search, a generic product, or a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Virtual therapeutic moiety: a substance, never supplied as such.
    Vtm,
    /// Virtual medicinal product: substance, strength and form.
    Vmp,
    /// Actual medicinal product: one maker's.
    Amp,
}

impl Level {
    /// As `record::Medicine::level` has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vtm => "VTM",
            Self::Vmp => "VMP",
            Self::Amp => "AMP",
        }
    }
}

/// Who may have it without a prescription; of an AMP the strictest of its packs, of a VMP that of its AMPs' least
/// strict one is shown as `P or POM` and counts as the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegalClass {
    Unknown,
    NotApplicable,
    GeneralSale,
    Pharmacy,
    PrescriptionOnly,
}

impl LegalClass {
    /// As `record::Medicine::legal_class` has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::NotApplicable => "none",
            Self::GeneralSale => "GSL",
            Self::Pharmacy => "P",
            Self::PrescriptionOnly => "POM",
        }
    }
}

/// Can it be had? A product that cannot is shown and marked, not hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    Available,
    /// AVAILABILITY_RESTRICTION other than none.
    Restricted,
    /// No actual product available, discontinued, or not available.
    Unavailable,
}

/// What decides the maximum of an emergency supply, so far as the dictionary can tell (regulation 225 condition B).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Aerosol or breath-actuated inhaler.
    Inhaler,
    /// Ointment or cream.
    Topical,
    Insulin,
    OralContraceptive,
    /// Liquid antibiotic taken by mouth.
    LiquidAntibiotic,
    /// Phenobarbital or its sodium salt.
    Phenobarbital,
}

impl Group {
    pub const ALL: [Self; 6] = [
        Self::Inhaler,
        Self::Topical,
        Self::Insulin,
        Self::OralContraceptive,
        Self::LiquidAntibiotic,
        Self::Phenobarbital,
    ];

    /// As `record::Medicine::groups` has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Inhaler => "inhaler",
            Self::Topical => "topical",
            Self::Insulin => "insulin",
            Self::OralContraceptive => "oral-contraceptive",
            Self::LiquidAntibiotic => "liquid-antibiotic",
            Self::Phenobarbital => "phenobarbital",
        }
    }
}

/// An ingredient by its dm+d code, with its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Substance {
    pub code: u64,
    pub name: String,
}

/// A pack as it is sold: how much of what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pack {
    /// Decimal as dm+d writes it: `28`, `0.5`.
    pub quantity: String,
    pub unit: String,
    /// SNOMED code of the unit.
    pub unit_code: u64,
}

/// Everything a screen shows of a hit, and a record copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub code: u64,
    pub level: Level,
    pub name: String,
    /// The generic product of a brand, the moiety of a generic one.
    pub parent: Option<u64>,
    /// `tablet`, `pressurised inhalation`; empty for a VTM.
    pub form: String,
    /// `500 mg`, `100 microgram/1 dose`; empty where there is none.
    pub strength: String,
    /// CONTROL_DRUG_CATEGORY as a number: 0 none to 10 Schedule 5 (medicines.md 1.4); or
    /// [`Self::SCHEDULE_NOT_KNOWN`].
    pub schedule: u8,
    pub legal_class: LegalClass,
    pub availability: Availability,
    /// VIRTUAL_PRODUCT_PRES_STATUS as a number: 1 valid to 8.
    pub prescribing: u8,
    pub appliance: bool,
    pub groups: BTreeSet<Group>,
    pub ingredients: Vec<Substance>,
    /// Smallest first.
    pub packs: Vec<Pack>,
}

impl Product {
    /// The dictionary does not say whether it is a controlled drug: never read as *it is none*.
    pub const SCHEDULE_NOT_KNOWN: u8 = u8::MAX;

    /// A line of a record about this product. `release`: of the dictionary, `2026-11-16`.
    pub fn to_line(&self, release: &str) -> Medicine {
        let unit = self.packs.first();
        let groups: Vec<&str> = self.groups.iter().map(|group| group.code()).collect();
        let ingredients: Vec<String> =
            self.ingredients.iter().map(|one| format!("{}|{}", one.code, one.name)).collect();
        Medicine {
            name: self.name.clone(),
            code: self.code.to_string(),
            level: self.level.code().to_owned(),
            form: self.form.clone(),
            strength: self.strength.clone(),
            release: release.to_owned(),
            legal_class: self.legal_class.code().to_owned(),
            schedule: match self.schedule {
                Self::SCHEDULE_NOT_KNOWN => String::new(),
                known => format!("{known:04}"),
            },
            product_kind: if self.appliance { "appliance" } else { "medicine" }.to_owned(),
            groups: groups.join(" "),
            ingredients: ingredients.join("\n"),
            unit: unit.map(|pack| pack.unit.clone()).unwrap_or_default(),
            unit_code: unit.map(|pack| pack.unit_code.to_string()).unwrap_or_default(),
            ..Medicine::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_all_that_an_old_record_must_still_say() {
        let product = Product {
            code: 322_236_009,
            level: Level::Vmp,
            name: "Paracetamol 500mg tablets".to_owned(),
            parent: None,
            form: "tablet".to_owned(),
            strength: "500 mg".to_owned(),
            schedule: 0,
            legal_class: LegalClass::GeneralSale,
            availability: Availability::Available,
            prescribing: 1,
            appliance: false,
            groups: BTreeSet::new(),
            ingredients: vec![Substance { code: 387_517_004, name: "Paracetamol".to_owned() }],
            packs: vec![Pack {
                quantity: "16".to_owned(),
                unit: "tablet".to_owned(),
                unit_code: 428_673_006,
            }],
        };
        let line = product.to_line("2026-11-16");
        assert_eq!(
            (line.code.as_str(), line.level.as_str(), line.schedule.as_str()),
            ("322236009", "VMP", "0000")
        );
        assert_eq!((line.legal_class.as_str(), line.unit_code.as_str()), ("GSL", "428673006"));
        assert_eq!(line.ingredients, "387517004|Paracetamol");
        let unsaid = Product { schedule: Product::SCHEDULE_NOT_KNOWN, ..product };
        assert_eq!(unsaid.to_line("2026-11-16").schedule, "", "left open, not written as uncontrolled");
    }
}
