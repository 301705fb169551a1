//! Actual products: one maker's, with what they hold besides, their routes and how they look.

use super::loader::Loader;
use crate::dmd::dictionary::Actual;
use crate::dmd::lists::List;
use crate::dmd::part::Part;
use crate::dmd::rows::Row;

/// LICENSING_AUTHORITY of devices.
const DEVICES: u64 = 2;

pub fn is_row(element: &str) -> bool {
    matches!(element, "AMP" | "AP_ING" | "LIC_ROUTE" | "AP_INFO")
}

pub fn row(loader: &mut Loader, _: &str, kind: &str, row: &Row) {
    if kind == "AMP" {
        return product(loader, row);
    }
    loader.at = 0;
    let Some(place) = loader.place(row, "APID", |loader| &loader.actuals, Part::Amp) else { return };
    loader.at = loader.dictionary.actuals[place as usize].id;
    match kind {
        "AP_ING" => {
            loader.substance(row, "ISID");
            loader.code(row, "UOMCD", List::Unit);
        }
        "LIC_ROUTE" => {
            loader.code(row, "ROUTECD", List::Route);
        }
        _ => {
            loader.code(row, "COLOURCD", List::Colour);
        }
    }
}

fn product(loader: &mut Loader, row: &Row) {
    let Some(id) = loader.own_id(row, "APID") else { return };
    // DESC says the supplier, too.
    let name = if row.get("DESC").is_some() { loader.name(row, "DESC") } else { loader.name(row, "NM") };
    let product = loader.place(row, "VPID", |loader| &loader.virtuals, Part::Vmp);
    for (field, list) in [
        ("SUPPCD", List::Supplier),
        ("LIC_AUTH_PREVCD", List::Licensing),
        ("LIC_AUTHCHANGECD", List::LicensingChange),
        ("COMBPRODCD", List::CombinationProduct),
        ("FLAVOURCD", List::Flavour),
    ] {
        loader.code(row, field, list);
    }
    let appliance = loader.code(row, "LIC_AUTHCD", List::Licensing) == DEVICES;
    let restriction = loader.code(row, "AVAIL_RESTRICTCD", List::Restriction) as u8;
    let Some(product) = product else { return };
    let place = loader.dictionary.actuals.len() as u32;
    if loader.actuals.insert(id, place).is_some() {
        return loader.twice();
    }
    loader.dictionary.actuals.push(Actual {
        id,
        name,
        product,
        invalid: row.flag("INVALID"),
        restriction,
        appliance,
        legal: 0,
        legal_of_all: 0,
        packs: false,
        packs_on_the_market: false,
    });
}
