//! The code lists of `f_lookup` (medicines.md 1.4).

use super::dictionary::{ById, Name};

/// A list that rows of other files refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    CombinationPack,
    CombinationProduct,
    BasisOfName,
    NameChange,
    Prescribing,
    Controlled,
    Licensing,
    Unit,
    Form,
    FormRoute,
    Route,
    Payment,
    Supplier,
    Flavour,
    Colour,
    BasisOfStrength,
    Reimbursement,
    SpecialContainer,
    Discount,
    NotAvailable,
    Discontinued,
    DoseForm,
    PriceBasis,
    Legal,
    Restriction,
    LicensingChange,
}

const NAMES: [(&str, List); 26] = [
    ("COMBINATION_PACK_IND", List::CombinationPack),
    ("COMBINATION_PROD_IND", List::CombinationProduct),
    ("BASIS_OF_NAME", List::BasisOfName),
    ("NAMECHANGE_REASON", List::NameChange),
    ("VIRTUAL_PRODUCT_PRES_STATUS", List::Prescribing),
    ("CONTROL_DRUG_CATEGORY", List::Controlled),
    ("LICENSING_AUTHORITY", List::Licensing),
    ("UNIT_OF_MEASURE", List::Unit),
    ("FORM", List::Form),
    ("ONT_FORM_ROUTE", List::FormRoute),
    ("ROUTE", List::Route),
    ("DT_PAYMENT_CATEGORY", List::Payment),
    ("SUPPLIER", List::Supplier),
    ("FLAVOUR", List::Flavour),
    ("COLOUR", List::Colour),
    ("BASIS_OF_STRNTH", List::BasisOfStrength),
    ("REIMBURSEMENT_STATUS", List::Reimbursement),
    ("SPEC_CONT", List::SpecialContainer),
    ("DND", List::Discount),
    ("VIRTUAL_PRODUCT_NON_AVAIL", List::NotAvailable),
    ("DISCONTINUED_IND", List::Discontinued),
    ("DF_INDICATOR", List::DoseForm),
    ("PRICE_BASIS", List::PriceBasis),
    ("LEGAL_CATEGORY", List::Legal),
    ("AVAILABILITY_RESTRICTION", List::Restriction),
    ("LICENSING_AUTHORITY_CHANGE_REASON", List::LicensingChange),
];

impl List {
    /// As the section of the file is called.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// The list of a section; `None` for one that nothing here refers to.
    pub fn of_section(section: &str) -> Option<Self> {
        NAMES.iter().find(|(name, _)| *name == section).map(|(_, list)| *list)
    }
}

/// All lists as they were read. Codes are compared as numbers: `1` and `0001` are one.
#[derive(Debug)]
pub struct Lists([ById<Name>; NAMES.len()]);

impl Default for Lists {
    fn default() -> Self {
        Self(std::array::from_fn(|_| ById::default()))
    }
}

impl Lists {
    pub fn of(&self, list: List) -> &ById<Name> {
        &self.0[list as usize]
    }

    pub fn of_mut(&mut self, list: List) -> &mut ById<Name> {
        &mut self.0[list as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_found_under_its_own_name() {
        for (place, (name, list)) in NAMES.iter().enumerate() {
            assert_eq!((*list as usize, list.name()), (place, *name));
            assert_eq!(List::of_section(name), Some(*list));
        }
        assert_eq!(List::of_section("WEATHER"), None);
    }
}
