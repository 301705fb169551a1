//! The lists of `f_lookup` and the substances of `f_ingredient`.

use super::loader::Loader;
use crate::dmd::lists::List;
use crate::dmd::rows::Row;

pub fn is_row(element: &str) -> bool {
    element == "INFO"
}

/// One code of a list. Lists that nothing refers to are passed over.
pub fn entry(loader: &mut Loader, section: &str, _: &str, row: &Row) {
    let Some(list) = List::of_section(section) else { return };
    loader.at = 0;
    let Some(code) = row.get("CD").and_then(|code| code.parse::<u64>().ok()) else {
        return loader.fault(|| format!("a row of {section} has no code (CD)"));
    };
    loader.at = code;
    // A description may be a single blank.
    let name = loader.dictionary.names.add(row.get("DESC").unwrap_or_default());
    if loader.lists.of_mut(list).insert(code, name).is_some() {
        loader.fault(|| format!("the list {section} has this code twice"));
    }
    let kind = match list {
        List::Unit => "unit",
        List::Form => "form",
        List::Route => "route",
        List::Supplier => "supplier",
        _ => return,
    };
    loader.replaces(row, "CDPREV", code, kind);
}

pub fn is_substance(element: &str) -> bool {
    element == "ING"
}

pub fn substance(loader: &mut Loader, _: &str, _: &str, row: &Row) {
    let Some(id) = loader.own_id(row, "ISID") else { return };
    let name = loader.name(row, "NM");
    if loader.dictionary.substances.insert(id, name).is_some() {
        loader.twice();
    }
    loader.replaces(row, "ISIDPREV", id, "ingredient");
}
