//! Barcodes, and the supplementary release: BNF codes, replaced ids, ingredients of moieties.
//!
//! The supplementary release is of another day: what of it points to nothing is a warning.

use super::loader::Loader;
use crate::dmd::dictionary::Replacement;
use crate::dmd::rows::Row;

pub fn is_gtin(element: &str) -> bool {
    element == "AMPP"
}

/// The barcodes of a pack.
pub fn gtin(loader: &mut Loader, _: &str, _: &str, row: &Row) {
    loader.at = 0;
    // The file says AMPPID where the others say APPID.
    let Some(id) = loader.id(row, "AMPPID") else { return };
    loader.at = id;
    if !loader.actual_packs.contains_key(&id) {
        loader.fault(|| "this pack (AMPPID) is not in the ampp file".to_owned());
    }
    for gtin in row.all("GTIN") {
        loader.dictionary.gtins += 1;
        if !(8..=14).contains(&gtin.len()) || !gtin.bytes().all(|b| b.is_ascii_digit()) {
            let gtin = gtin.chars().take(40).collect::<String>();
            loader.warning(|| format!("“{gtin}” is not a barcode number of 8 to 14 digits"));
        }
    }
}

pub fn is_bnf(element: &str) -> bool {
    matches!(element, "VMP" | "AMP")
}

pub fn bnf(loader: &mut Loader, _: &str, kind: &str, row: &Row) {
    if kind != "VMP" {
        return;
    }
    loader.at = 0;
    let Some(id) = row.get("VPID").and_then(crate::dmd::sctid::parse) else { return };
    loader.at = id;
    let Some(place) = loader.virtuals.get(&id).copied() else {
        return loader.warning(|| "this product is not in the release".to_owned());
    };
    if let Some(code) = row.get("BNF") {
        let name = loader.dictionary.names.add(code);
        loader.dictionary.virtuals[place as usize].bnf = name;
    }
}

const SECTIONS: [(&str, &str); 7] = [
    ("VTMS", "vtm"),
    ("VMPS", "vmp"),
    ("INGS", "ingredient"),
    ("SUPPS", "supplier"),
    ("FORMS", "form"),
    ("ROUTES", "route"),
    ("UOMS", "unit"),
];

/// Whatever stands in one of the sections.
pub fn is_history(element: &str) -> bool {
    !SECTIONS.iter().any(|(section, _)| *section == element)
}

/// One step of an id's history.
pub fn history(loader: &mut Loader, section: &str, _: &str, row: &Row) {
    loader.at = 0;
    let Some((_, kind)) = SECTIONS.iter().find(|(name, _)| *name == section) else { return };
    let (new, old) = (row.get("IDCURRENT"), row.get("IDPREVIOUS"));
    let (Some(new), Some(old)) = (new, old) else { return };
    match (new.parse(), old.parse()) {
        (Ok(new), Ok(old)) if new != old => loader.dictionary.replaced.push(Replacement { old, new, kind }),
        (Ok(_), Ok(_)) => {}
        _ => loader.warning(|| "IDCURRENT and IDPREVIOUS must be numbers".to_owned()),
    }
}

pub fn is_vtm_ingredient(element: &str) -> bool {
    element == "VTM_ING"
}

/// Checked and not kept: the products of a moiety name its ingredients with their strengths.
pub fn vtm_ingredient(loader: &mut Loader, _: &str, _: &str, row: &Row) {
    loader.at = 0;
    let id = |field: &str| row.get(field).and_then(crate::dmd::sctid::parse);
    let (Some(moiety), Some(substance)) = (id("VTMID"), id("ISID")) else {
        return loader.warning(|| "VTMID and ISID must be ids".to_owned());
    };
    loader.at = moiety;
    if !loader.moieties.contains_key(&moiety) || !loader.dictionary.substances.contains_key(&substance) {
        loader.warning(|| format!("this moiety or its ingredient {substance} is not in the release"));
    }
}
