//! Moieties and virtual products, with their ingredients, forms, routes and controlled-drug categories.

use super::loader::Loader;
use crate::dmd::dictionary::{Ingredient, Moiety, NOWHERE, Name, Virtual};
use crate::dmd::lists::List;
use crate::dmd::part::Part;
use crate::dmd::rows::Row;
use shared::medicines::Product;

pub fn is_moiety(element: &str) -> bool {
    element == "VTM"
}

pub fn moiety(loader: &mut Loader, _: &str, _: &str, row: &Row) {
    let Some(id) = loader.own_id(row, "VTMID") else { return };
    let name = loader.name(row, "NM");
    let place = loader.dictionary.moieties.len() as u32;
    if loader.moieties.insert(id, place).is_some() {
        return loader.twice();
    }
    loader.dictionary.moieties.push(Moiety { id, name, invalid: row.flag("INVALID") });
    loader.replaces(row, "VTMIDPREV", id, "vtm");
}

pub fn is_row(element: &str) -> bool {
    matches!(element, "VMP" | "VPI" | "ONT" | "DFORM" | "DROUTE" | "CONTROL_INFO")
}

pub fn row(loader: &mut Loader, _: &str, kind: &str, row: &Row) {
    if kind == "VMP" {
        return product(loader, row);
    }
    loader.at = 0;
    let Some(place) = loader.place(row, "VPID", |loader| &loader.virtuals, Part::Vmp) else { return };
    let id = loader.dictionary.virtuals[place as usize].id;
    loader.at = id;
    match kind {
        "VPI" => ingredient(loader, place, row),
        "ONT" => {
            let word = loader.word(row, "FORMCD", List::FormRoute);
            loader.dictionary.form_routes.push((place, word));
        }
        "DFORM" => {
            let form = loader.word(row, "FORMCD", List::Form);
            loader.dictionary.virtuals[place as usize].form = form;
            if !loader.formed.insert(id) {
                loader.fault(|| "it has two forms (DFORM), of which there may be one".to_owned());
            }
        }
        "DROUTE" => {
            loader.code(row, "ROUTECD", List::Route);
        }
        _ => {
            let category = loader.code(row, "CATCD", List::Controlled);
            loader.code(row, "CAT_PREVCD", List::Controlled);
            if row.get("CATCD").is_none() {
                loader.fault(|| "its controlled-drug row has no category (CATCD)".to_owned());
            }
            loader.dictionary.virtuals[place as usize].schedule = category as u8;
            if !loader.controlled.insert(id) {
                loader
                    .fault(|| "it has two controlled-drug categories, of which there may be one".to_owned());
            }
        }
    }
}

fn product(loader: &mut Loader, row: &Row) {
    let Some(id) = loader.own_id(row, "VPID") else { return };
    let name = loader.name(row, "NM");
    let moiety = match row.get("VTMID") {
        None => NOWHERE,
        Some(_) => loader.place(row, "VTMID", |loader| &loader.moieties, Part::Vtm).unwrap_or(NOWHERE),
    };
    for (field, list) in [
        ("BASISCD", List::BasisOfName),
        ("BASIS_PREVCD", List::BasisOfName),
        ("NMCHANGECD", List::NameChange),
        ("COMBPRODCD", List::CombinationProduct),
        ("DF_INDCD", List::DoseForm),
        ("UDFS_UOMCD", List::Unit),
        ("UNIT_DOSE_UOMCD", List::Unit),
    ] {
        loader.code(row, field, list);
    }
    let prescribing = loader.code(row, "PRES_STATCD", List::Prescribing) as u8;
    let not_available = loader.code(row, "NON_AVAILCD", List::NotAvailable) == 1;
    let place = loader.dictionary.virtuals.len() as u32;
    if loader.virtuals.insert(id, place).is_some() {
        return loader.twice();
    }
    loader.dictionary.virtuals.push(Virtual {
        id,
        name,
        moiety,
        // Until its row of CONTROL_INFO says so, nobody knows that it is not controlled.
        schedule: Product::SCHEDULE_NOT_KNOWN,
        prescribing,
        invalid: row.flag("INVALID"),
        not_available,
        form: Name::default(),
        bnf: Name::default(),
    });
    loader.replaces(row, "VPIDPREV", id, "vmp");
}

fn ingredient(loader: &mut Loader, product: u32, row: &Row) {
    if row.get("ISID").is_none() {
        return loader.fault(|| "an ingredient of it has no id (ISID)".to_owned());
    }
    let substance = loader.substance(row, "ISID");
    let base = loader.substance(row, "BS_SUBID");
    loader.code(row, "BASIS_STRNTCD", List::BasisOfStrength);
    let unit = loader.word(row, "STRNT_NMRTR_UOMCD", List::Unit);
    let per_unit = loader.word(row, "STRNT_DNMTR_UOMCD", List::Unit);
    let mut amount = |field: &'static str| match row.get(field) {
        None => Name::default(),
        Some(text) if is_decimal(text) => loader.dictionary.names.add(text),
        Some(text) => {
            let text = text.chars().take(40).collect::<String>();
            loader.fault(|| format!("{field} must be a number, not “{text}”"));
            Name::default()
        }
    };
    let (amount, per) = (amount("STRNT_NMRTR_VAL"), amount("STRNT_DNMTR_VAL"));
    loader.dictionary.ingredients.push(Ingredient { product, substance, base, amount, unit, per, per_unit });
}

/// `28`, `0.5`, `.5`: digits with at most one point.
pub fn is_decimal(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let points = text.bytes().filter(|b| *b == b'.').count();
    digits > 0 && points <= 1 && digits + points == text.len()
}
