//! Virtual packs and actual packs: how much is in one, who may have it, whether it is still made.

use super::loader::{ActualPack, Loader};
use super::virtuals::is_decimal;
use crate::dmd::dictionary::{Actual, Name, VirtualPack};
use crate::dmd::lists::List;
use crate::dmd::part::Part;
use crate::dmd::rows::Row;

pub fn is_virtual(element: &str) -> bool {
    matches!(element, "VMPP" | "DTINFO" | "CCONTENT")
}

pub fn virtual_pack(loader: &mut Loader, _: &str, kind: &str, row: &Row) {
    match kind {
        "VMPP" => pack(loader, row),
        "DTINFO" => {
            loader.at = 0;
            loader.place(row, "VPPID", |loader| &loader.virtual_packs, Part::Vmpp);
            loader.code(row, "PAY_CATCD", List::Payment);
            pence(loader, row, "PRICE");
        }
        _ => {
            loader.at = 0;
            loader.place(row, "PRNTVPPID", |loader| &loader.virtual_packs, Part::Vmpp);
            loader.place(row, "CHLDVPPID", |loader| &loader.virtual_packs, Part::Vmpp);
        }
    }
}

fn pack(loader: &mut Loader, row: &Row) {
    let Some(id) = loader.own_id(row, "VPPID") else { return };
    let product = loader.place(row, "VPID", |loader| &loader.virtuals, Part::Vmp);
    loader.code(row, "COMBPACKCD", List::CombinationPack);
    let unit = loader.code(row, "QTY_UOMCD", List::Unit);
    let quantity = match row.get("QTYVAL") {
        None => Name::default(),
        Some(text) if is_decimal(text) => loader.dictionary.names.add(text),
        Some(text) => {
            let text = text.chars().take(40).collect::<String>();
            loader.fault(|| format!("QTYVAL must be a number, not “{text}”"));
            Name::default()
        }
    };
    let Some(product) = product else { return };
    let place = loader.dictionary.virtual_packs.len() as u32;
    if loader.virtual_packs.insert(id, place).is_some() {
        return loader.twice();
    }
    loader.dictionary.virtual_packs.push(VirtualPack { product, quantity, unit });
}

/// Prices are whole pence.
fn pence(loader: &mut Loader, row: &Row, field: &'static str) {
    if let Some(text) = row.get(field)
        && text.parse::<u64>().is_err()
    {
        let text = text.chars().take(40).collect::<String>();
        loader.fault(|| format!("{field} must be whole pence, not “{text}”"));
    }
}

pub fn is_actual(element: &str) -> bool {
    matches!(element, "AMPP" | "PACK_INFO" | "PRESCRIB_INFO" | "PRICE_INFO" | "REIMB_INFO" | "CCONTENT")
}

pub fn actual_pack(loader: &mut Loader, _: &str, kind: &str, row: &Row) {
    match kind {
        "AMPP" => product_pack(loader, row),
        "CCONTENT" => {
            known_pack(loader, row, "PRNTAPPID");
            known_pack(loader, row, "CHLDAPPID");
        }
        _ => {
            let Some(known) = known_pack(loader, row, "APPID") else { return };
            match kind {
                "PACK_INFO" => {
                    // The Drug Tariff knows it as an appliance.
                    if loader.code(row, "REIMB_STATCD", List::Reimbursement) == 1
                        && let Some(actual) = loader.actual_at(known.product)
                    {
                        actual.appliance = true;
                    }
                    loader.code(row, "REIMB_STATPREVCD", List::Reimbursement);
                }
                "PRICE_INFO" => {
                    loader.code(row, "PRICE_BASISCD", List::PriceBasis);
                    pence(loader, row, "PRICE");
                }
                "REIMB_INFO" => {
                    loader.code(row, "SPEC_CONTCD", List::SpecialContainer);
                    loader.code(row, "DND", List::Discount);
                }
                _ => {}
            }
        }
    }
}

fn known_pack(loader: &mut Loader, row: &Row, field: &'static str) -> Option<ActualPack> {
    loader.at = 0;
    let id = loader.id(row, field)?;
    loader.at = id;
    let known = loader.actual_packs.get(&id).copied();
    if known.is_none() {
        loader.fault(|| format!("{field} {id} is not among the packs (AMPP) of the file"));
    }
    known
}

fn product_pack(loader: &mut Loader, row: &Row) {
    let Some(id) = loader.own_id(row, "APPID") else { return };
    let product = loader.place(row, "APID", |loader| &loader.actuals, Part::Amp);
    let pack = loader.place(row, "VPPID", |loader| &loader.virtual_packs, Part::Vmpp);
    loader.code(row, "COMBPACKCD", List::CombinationPack);
    let legal = Actual::rank(loader.code(row, "LEGAL_CATCD", List::Legal));
    let discontinued = loader.code(row, "DISCCD", List::Discontinued) == 1;
    let (Some(product), Some(pack)) = (product, pack) else { return };
    let generic = loader.dictionary.actuals[product as usize].product;
    if loader.dictionary.virtual_packs[pack as usize].product != generic {
        loader
            .fault(|| "its product (APID) and its pack (VPPID) are of different virtual products".to_owned());
    }
    if loader.actual_packs.insert(id, ActualPack { product }).is_some() {
        return loader.twice();
    }
    if row.flag("INVALID") {
        return;
    }
    if let Some(actual) = loader.actual_at(product) {
        actual.packs = true;
        actual.legal_of_all = actual.legal_of_all.max(legal);
        if !discontinued {
            actual.packs_on_the_market = true;
            actual.legal = actual.legal.max(legal);
        }
    }
    if !discontinued {
        loader.dictionary.packs_on_the_market.push((product, pack));
    }
}
