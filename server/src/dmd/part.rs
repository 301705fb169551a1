//! The files of a release by their names: which part of dm+d each is, and of which day (medicines.md 1.2).

use jiff::civil::Date;

/// One file of a release, in the order in which they are read: each refers only to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Lookup,
    Ingredient,
    Vtm,
    Vmp,
    Vmpp,
    Amp,
    Ampp,
    Gtin,
    Bnf,
    History,
    VtmIngredients,
}

impl Part {
    pub const ALL: [Self; 11] = [
        Self::Lookup,
        Self::Ingredient,
        Self::Vtm,
        Self::Vmp,
        Self::Vmpp,
        Self::Amp,
        Self::Ampp,
        Self::Gtin,
        Self::Bnf,
        Self::History,
        Self::VtmIngredients,
    ];

    /// What stands between `f_` and the version in the name.
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::Ingredient => "ingredient",
            Self::Vtm => "vtm",
            Self::Vmp => "vmp",
            Self::Vmpp => "vmpp",
            Self::Amp => "amp",
            Self::Ampp => "ampp",
            Self::Gtin => "gtin",
            Self::Bnf => "bnf",
            Self::History => "history",
            Self::VtmIngredients => "vtm_ing",
        }
    }

    /// Without it a release is none. GTINs and the supplementary files may be absent.
    pub const fn required(self) -> bool {
        !matches!(self, Self::Gtin | Self::Bnf | Self::History | Self::VtmIngredients)
    }

    /// From the supplementary release (TRUD item 25), which has days of its own.
    pub const fn supplementary(self) -> bool {
        matches!(self, Self::Bnf | Self::History | Self::VtmIngredients)
    }

    /// The root element of the file.
    pub const fn root(self) -> &'static str {
        match self {
            Self::Lookup => "LOOKUP",
            Self::Ingredient => "INGREDIENT_SUBSTANCES",
            Self::Vtm => "VIRTUAL_THERAPEUTIC_MOIETIES",
            Self::Vmp => "VIRTUAL_MED_PRODUCTS",
            Self::Vmpp => "VIRTUAL_MED_PRODUCT_PACK",
            Self::Amp => "ACTUAL_MEDICINAL_PRODUCTS",
            Self::Ampp => "ACTUAL_MEDICINAL_PROD_PACKS",
            Self::Gtin => "GTIN_DETAILS",
            Self::Bnf => "BNF_DETAILS",
            Self::History => "HISTORY",
            Self::VtmIngredients => "VTM_INGREDIENTS",
        }
    }
}

/// Part and day of a file such as `f_vmp2_3161126.xml`; `None` for any other name.
pub fn of_name(name: &str) -> Option<(Part, Date)> {
    let middle = name.strip_prefix("f_")?.strip_suffix(".xml")?;
    let (versioned, tail) = middle.rsplit_once('_')?;
    let stem = versioned.trim_end_matches(|c: char| c.is_ascii_digit());
    let part = Part::ALL.into_iter().find(|part| part.stem() == stem)?;
    // The minor version stands before the day without a separator.
    if versioned.len() == stem.len() || tail.len() < 7 || !tail.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let day = &tail[tail.len() - 6..];
    let number = |at: usize| day[at..at + 2].parse::<i8>().ok();
    let date = Date::new(2000 + i16::from(number(4)?), number(2)?, number(0)?).ok()?;
    Some((part, date))
}

/// The name of a part of a day, as NHSBSA writes it.
pub fn name_of(part: Part, date: Date) -> String {
    let version = match part {
        Part::Gtin => "2_0",
        Part::Bnf | Part::History | Part::VtmIngredients => "1_0",
        _ => "2_3",
    };
    let (day, month, year) = (date.day(), date.month(), date.year() % 100);
    format!("f_{}{version}{day:02}{month:02}{year:02}.xml", part.stem())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_name_says_what_is_in_the_file_and_of_which_day() {
        let day = date(2019, 4, 1);
        assert_eq!(of_name("f_vmp2_3010419.xml"), Some((Part::Vmp, day)));
        assert_eq!(of_name("f_gtin2_0010419.xml"), Some((Part::Gtin, day)));
        assert_eq!(of_name("f_vtm_ing1_0010419.xml"), Some((Part::VtmIngredients, day)));
        for part in Part::ALL {
            assert_eq!(of_name(&name_of(part, day)), Some((part, day)));
        }
    }

    #[test]
    fn other_names_are_no_parts() {
        for name in [
            "f_vmp2_3320419.xml",
            "f_vmp2_3.xml",
            "vmp.xml",
            "f_vmp2_3010419.xsd",
            "f_x1_0010419.xml",
            "f_.xml",
        ] {
            assert_eq!(of_name(name), None, "{name}");
        }
    }
}
