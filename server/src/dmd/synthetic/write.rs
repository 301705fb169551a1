//! Writes the synthetic release as TRUD publishes one: a zip with zips in it, or a folder.

use super::catalogue::{Catalogue, Strength};
use super::forms::{APPLIANCE, FORMS, ROUTES, UNITS};
use super::lists::LISTS;
use super::xml::File;
use super::{Sort, Synthetic, id};
use crate::dmd::part::{Part, name_of};
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Cursor, Seek, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Writes it to a zip where the path ends so, and otherwise into a folder, which is made.
pub fn write(asked: &Synthetic, path: &Path) -> io::Result<()> {
    let release = Release { catalogue: asked.catalogue(), asked: *asked };
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
        let mut outer = ZipWriter::new(BufWriter::new(std::fs::File::create(path)?));
        for part in Part::ALL.into_iter().filter(|part| part.required()) {
            release.entry(&mut outer, part)?;
        }
        // As TRUD does: zips in the zip.
        for (name, parts) in [
            ("gtin.zip", &[Part::Gtin][..]),
            ("bonus.zip", &[Part::Bnf, Part::History, Part::VtmIngredients][..]),
        ] {
            let mut inner = ZipWriter::new(Cursor::new(Vec::new()));
            for part in parts {
                release.entry(&mut inner, *part)?;
            }
            let inner = inner.finish()?.into_inner();
            outer.start_file(
                name,
                SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
            )?;
            outer.write_all(&inner)?;
        }
        return outer.finish()?.flush();
    }
    std::fs::create_dir_all(path)?;
    for part in Part::ALL {
        let mut file = BufWriter::new(std::fs::File::create(path.join(name_of(part, asked.date())))?);
        release.part(part, &mut file)?;
        file.flush()?;
    }
    Ok(())
}

struct Release {
    catalogue: Catalogue,
    asked: Synthetic,
}

/// A number as text, for a field.
fn text(number: u64) -> String {
    number.to_string()
}

impl Release {
    fn entry<W: Write + Seek>(&self, zip: &mut ZipWriter<W>, part: Part) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(3));
        zip.start_file(name_of(part, self.asked.date()), options)?;
        let mut buffered = BufWriter::with_capacity(256 * 1024, zip);
        self.part(part, &mut buffered)?;
        buffered.flush()
    }

    fn part(&self, part: Part, out: &mut dyn Write) -> io::Result<()> {
        let mut file = File::begin(out, part.root(), &format!("{}_v2_3.xsd", part.stem()))?;
        match part {
            Part::Lookup => self.lookups(&mut file),
            Part::Ingredient => self.ingredients(&mut file),
            Part::Vtm => self.moieties(&mut file),
            Part::Vmp => self.virtuals(&mut file),
            Part::Vmpp => self.virtual_packs(&mut file),
            Part::Amp => self.actuals(&mut file),
            Part::Ampp => self.actual_packs(&mut file),
            Part::Gtin => self.gtins(&mut file),
            Part::Bnf => self.bnf(&mut file),
            Part::History => self.history(&mut file),
            Part::VtmIngredients => self.vtm_ingredients(&mut file),
        }?;
        file.end()
    }

    fn lookups(&self, file: &mut File<'_>) -> io::Result<()> {
        for (name, codes) in LISTS {
            file.section(name, |file| codes.iter().try_for_each(|(code, words)| info(file, code, words)))?;
        }
        file.section("UNIT_OF_MEASURE", |file| {
            UNITS.iter().try_for_each(|(code, word)| info(file, &text(*code), word))
        })?;
        file.section("ROUTE", |file| {
            ROUTES.iter().try_for_each(|(code, word)| info(file, &text(*code), word))
        })?;
        let forms: BTreeSet<_> = FORMS.iter().map(|form| (form.code, form.name)).collect();
        file.section("FORM", |file| {
            forms.iter().try_for_each(|(code, word)| info(file, &text(*code), word))
        })?;
        let words: BTreeSet<_> =
            FORMS.iter().filter(|form| !form.ont.is_empty()).map(|form| (form.ont, form.ont_name)).collect();
        file.section("ONT_FORM_ROUTE", |file| {
            words.iter().try_for_each(|(code, word)| info(file, code, word))
        })?;
        file.section("SUPPLIER", |file| {
            let suppliers = self.catalogue.suppliers.iter().enumerate();
            suppliers
                .into_iter()
                .try_for_each(|(number, name)| info(file, &text(id(Sort::Supplier, number)), name))
        })?;
        file.section("FLAVOUR", |file| info(file, "0003", "Apple"))?;
        file.section("COLOUR", |file| info(file, "0001", "Beige"))
    }

    fn ingredients(&self, file: &mut File<'_>) -> io::Result<()> {
        let mut substances = self.catalogue.substances.iter().enumerate();
        substances.try_for_each(|(number, name)| {
            file.row("ING", &[("ISID", &text(id(Sort::Ingredient, number))), ("NM", name)])
        })
    }

    fn moieties(&self, file: &mut File<'_>) -> io::Result<()> {
        let mut moieties = self.catalogue.vtms.iter().enumerate();
        moieties.try_for_each(|(number, name)| {
            file.row("VTM", &[("VTMID", &text(id(Sort::Vtm, number))), ("NM", name)])
        })
    }

    fn kept(&self) -> impl Iterator<Item = &super::catalogue::Vmp> {
        self.catalogue.vmps.iter().filter(|vmp| !vmp.withdrawn)
    }

    fn virtuals(&self, file: &mut File<'_>) -> io::Result<()> {
        let day = self.asked.date().to_string();
        file.section("VMPS", |file| {
            self.kept().try_for_each(|vmp| {
                let (own, moiety) =
                    (text(vmp.id), vmp.vtm.map(|vtm| text(id(Sort::Vtm, vtm))).unwrap_or_default());
                let former = vmp.former.map(text).unwrap_or_default();
                file.row(
                    "VMP",
                    &[
                        ("VPID", &own),
                        ("VPIDDT", if vmp.former.is_some() { &day } else { "" }),
                        ("VPIDPREV", &former),
                        ("VTMID", &moiety),
                        ("NM", &vmp.name),
                        ("BASISCD", "0001"),
                        ("NMPREV", vmp.former_name.as_deref().unwrap_or_default()),
                        ("PRES_STATCD", "0001"),
                        // Flags are written as NHSBSA does: padded.
                        ("SUG_F", if vmp.name.contains("sugar free") { "0001" } else { "" }),
                        ("DF_INDCD", FORMS[vmp.form].indicator),
                    ],
                )
            })
        })?;
        file.section("VIRTUAL_PRODUCT_INGREDIENT", |file| {
            self.kept()
                .try_for_each(|vmp| vmp.strengths.iter().try_for_each(|one| ingredient(file, vmp.id, one)))
        })?;
        let of_form =
            |file: &mut File<'_>, section: &str, row: &str, field: &str, code: &dyn Fn(usize) -> String| {
                file.section(section, |file| {
                    self.kept().try_for_each(|vmp| match code(vmp.form) {
                        code if code.is_empty() => Ok(()),
                        code => file.row(row, &[("VPID", &text(vmp.id)), (field, &code)]),
                    })
                })
            };
        of_form(file, "ONT_DRUG_FORM", "ONT", "FORMCD", &|form| FORMS[form].ont.to_owned())?;
        of_form(file, "DRUG_FORM", "DFORM", "FORMCD", &|form| text(FORMS[form].code))?;
        let route =
            |form: usize| if FORMS[form].route == 0 { String::new() } else { text(FORMS[form].route) };
        of_form(file, "DRUG_ROUTE", "DROUTE", "ROUTECD", &route)?;
        file.section("CONTROL_DRUG_INFO", |file| {
            self.kept().try_for_each(|vmp| {
                file.row(
                    "CONTROL_INFO",
                    &[("VPID", &text(vmp.id)), ("CATCD", &format!("{:04}", vmp.schedule))],
                )
            })
        })
    }

    /// Numbers of the actual products that are in this week's release.
    fn made(&self) -> impl Iterator<Item = usize> {
        (0..self.catalogue.amps.len())
            .filter(|amp| !self.catalogue.vmps[self.catalogue.amps[*amp].vmp].withdrawn)
    }

    fn actuals(&self, file: &mut File<'_>) -> io::Result<()> {
        let catalogue = &self.catalogue;
        file.section("AMPS", |file| {
            self.made().try_for_each(|number| {
                let amp = &catalogue.amps[number];
                let vmp = &catalogue.vmps[amp.vmp];
                let (supplier, code) = (&catalogue.suppliers[amp.supplier], id(Sort::Supplier, amp.supplier));
                let name = match &amp.brand {
                    // An invented brand of one word takes the rest of its name from the generic.
                    Some(brand) if !brand.contains(' ') => format!("{brand} {}", vmp.rest),
                    Some(brand) => brand.clone(),
                    None => vmp.name.clone(),
                };
                let licence = if vmp.form == APPLIANCE { "0002" } else { "0001" };
                file.row(
                    "AMP",
                    &[
                        ("APID", &text(id(Sort::Amp, number))),
                        ("VPID", &text(vmp.id)),
                        ("NM", &name),
                        ("DESC", &format!("{name} ({supplier})")),
                        ("SUPPCD", &text(code)),
                        ("LIC_AUTHCD", licence),
                        // Here and there one that is hospital only, or gone.
                        (
                            "AVAIL_RESTRICTCD",
                            ["0001", "0008", "0009"]
                                [usize::from(number % 97 == 96) + usize::from(number % 194 == 193)],
                        ),
                    ],
                )
            })
        })?;
        file.empty("AP_INGREDIENT")?;
        file.section("LICENSED_ROUTE", |file| {
            self.made().try_for_each(|number| {
                match FORMS[catalogue.vmps[catalogue.amps[number].vmp].form].route {
                    0 => Ok(()),
                    route => file.row(
                        "LIC_ROUTE",
                        &[("APID", &text(id(Sort::Amp, number))), ("ROUTECD", &text(route))],
                    ),
                }
            })
        })?;
        file.empty("AP_INFORMATION")
    }

    fn pack_name(&self, vmpp: usize) -> (String, String, u64) {
        let (vmp, size) = &self.catalogue.vmpps[vmpp];
        let vmp = &self.catalogue.vmps[*vmp];
        let unit = FORMS[vmp.form].unit;
        let word = UNITS.iter().find(|(code, _)| *code == unit).map_or("", |(_, word)| *word);
        (format!("{size} {word}"), vmp.name.clone(), unit)
    }

    fn virtual_packs(&self, file: &mut File<'_>) -> io::Result<()> {
        let kept = || {
            let all = self.catalogue.vmpps.iter().enumerate();
            all.filter(|(_, (vmp, _))| !self.catalogue.vmps[*vmp].withdrawn)
        };
        file.section("VMPPS", |file| {
            kept().try_for_each(|(number, (vmp, size))| {
                let (pack, name, unit) = self.pack_name(number);
                file.row(
                    "VMPP",
                    &[
                        ("VPPID", &text(id(Sort::Vmpp, number))),
                        ("NM", &format!("{name} {pack}")),
                        ("VPID", &text(self.catalogue.vmps[*vmp].id)),
                        ("QTYVAL", size),
                        ("QTY_UOMCD", &text(unit)),
                    ],
                )
            })
        })?;
        file.section("DRUG_TARIFF_INFO", |file| {
            kept().filter(|(number, _)| number % 3 == 0).try_for_each(|(number, _)| {
                file.row(
                    "DTINFO",
                    &[
                        ("VPPID", &text(id(Sort::Vmpp, number))),
                        ("PAY_CATCD", "0011"),
                        ("PRICE", &(95 + number % 900).to_string()),
                        ("DT", "2026-11-01"),
                    ],
                )
            })
        })
    }

    /// Actual packs that are in this week's release.
    fn sold(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let all = self.catalogue.ampps.iter().enumerate();
        all.map(|(number, (amp, vmpp))| (number, *amp, *vmpp))
            .filter(|(_, amp, _)| !self.catalogue.vmps[self.catalogue.amps[*amp].vmp].withdrawn)
    }

    fn actual_packs(&self, file: &mut File<'_>) -> io::Result<()> {
        let catalogue = &self.catalogue;
        let vmp = |amp: usize| &catalogue.vmps[catalogue.amps[amp].vmp];
        file.section("AMPPS", |file| {
            self.sold().try_for_each(|(number, amp, vmpp)| {
                let (pack, name, _) = self.pack_name(vmpp);
                let supplier = &catalogue.suppliers[catalogue.amps[amp].supplier];
                let gone = number % 53 == 52;
                file.row(
                    "AMPP",
                    &[
                        ("APPID", &text(id(Sort::Ampp, number))),
                        ("NM", &format!("{name} ({supplier}) {pack}")),
                        ("VPPID", &text(id(Sort::Vmpp, vmpp))),
                        ("APID", &text(id(Sort::Amp, amp))),
                        ("LEGAL_CATCD", vmp(amp).legal),
                        ("DISCCD", if gone { "0001" } else { "" }),
                        ("DISCDT", if gone { "2026-10-01" } else { "" }),
                    ],
                )
            })
        })?;
        let own = |number: usize| text(id(Sort::Ampp, number));
        file.section("APPLIANCE_PACK_INFO", |file| {
            self.sold().filter(|(_, amp, _)| vmp(*amp).form == APPLIANCE).try_for_each(|(number, ..)| {
                file.row(
                    "PACK_INFO",
                    &[("APPID", &own(number)), ("REIMB_STATCD", "0001"), ("REIMB_STATDT", "2020-01-01")],
                )
            })
        })?;
        file.section("DRUG_PRODUCT_PRESCRIB_INFO", |file| {
            self.sold().filter(|(number, ..)| number % 4 == 0).try_for_each(|(number, amp, _)| {
                let schedule = if vmp(amp).schedule == 2 { "1" } else { "" };
                file.row("PRESCRIB_INFO", &[("APPID", &own(number)), ("SCHED_2", schedule), ("NURSE_F", "1")])
            })
        })?;
        file.section("MEDICINAL_PRODUCT_PRICE", |file| {
            self.sold().try_for_each(|(number, ..)| {
                file.row(
                    "PRICE_INFO",
                    &[
                        ("APPID", &own(number)),
                        ("PRICE", &(120 + number % 4000).to_string()),
                        ("PRICEDT", "2026-04-01"),
                        ("PRICE_PREV", &(110 + number % 4000).to_string()),
                        ("PRICE_BASISCD", "0001"),
                    ],
                )
            })
        })?;
        file.section("REIMBURSEMENT_INFO", |file| {
            self.sold().try_for_each(|(number, ..)| {
                file.row(
                    "REIMB_INFO",
                    &[("APPID", &own(number)), ("PX_CHRGS", "1"), ("DISP_FEES", "1"), ("DND", "0001")],
                )
            })
        })?;
        file.empty("COMB_CONTENT")
    }

    fn gtins(&self, file: &mut File<'_>) -> io::Result<()> {
        file.section("AMPPS", |file| {
            self.sold().take(self.catalogue.gtins).try_for_each(|(number, ..)| {
                let barcode = barcode(number);
                let fields = [("GTIN", barcode.as_str()), ("STARTDT", "2020-01-01")];
                file.nested("AMPP", ("AMPPID", &text(id(Sort::Ampp, number))), "GTINDATA", &fields)
            })
        })
    }

    fn bnf(&self, file: &mut File<'_>) -> io::Result<()> {
        file.section("VMPS", |file| {
            let mut known = self.kept().filter(|vmp| !vmp.bnf.is_empty());
            known.try_for_each(|vmp| file.row("VMP", &[("VPID", &text(vmp.id)), ("BNF", &vmp.bnf)]))
        })?;
        file.empty("AMPS")
    }

    fn history(&self, file: &mut File<'_>) -> io::Result<()> {
        file.empty("VTMS")?;
        file.section("VMPS", |file| {
            let mut moved = self.kept().filter_map(|vmp| Some((vmp.id, vmp.former?)));
            moved.try_for_each(|(now, before)| {
                let (now, before) = (text(now), text(before));
                file.row("VMP", &[("IDCURRENT", &now), ("IDPREVIOUS", &before), ("STARTDT", "2026-01-01")])
            })
        })?;
        ["INGS", "SUPPS", "FORMS", "ROUTES", "UOMS"].iter().try_for_each(|section| file.empty(section))
    }

    fn vtm_ingredients(&self, file: &mut File<'_>) -> io::Result<()> {
        let pairs: BTreeSet<(usize, usize)> = self
            .kept()
            .filter_map(|vmp| Some((vmp.vtm?, vmp)))
            .flat_map(|(vtm, vmp)| vmp.strengths.iter().map(move |one| (vtm, one.substance)))
            .collect();
        pairs.iter().try_for_each(|(vtm, substance)| {
            let (vtm, substance) = (text(id(Sort::Vtm, *vtm)), text(id(Sort::Ingredient, *substance)));
            file.row("VTM_ING", &[("VTMID", &vtm), ("ISID", &substance)])
        })
    }
}

fn info(file: &mut File<'_>, code: &str, words: &str) -> io::Result<()> {
    file.row("INFO", &[("CD", code), ("DESC", words)])
}

fn ingredient(file: &mut File<'_>, vmp: u64, one: &Strength) -> io::Result<()> {
    let (value, unit) = &one.amount;
    let (per, per_unit) =
        one.per.clone().map_or((String::new(), String::new()), |(value, unit)| (value, text(unit)));
    let base = one.base.map(|base| text(id(Sort::Ingredient, base))).unwrap_or_default();
    file.row(
        "VPI",
        &[
            ("VPID", &text(vmp)),
            ("ISID", &text(id(Sort::Ingredient, one.substance))),
            ("BASIS_STRNTCD", if base.is_empty() { "0001" } else { "0002" }),
            ("BS_SUBID", &base),
            ("STRNT_NMRTR_VAL", value),
            ("STRNT_NMRTR_UOMCD", &text(*unit)),
            ("STRNT_DNMTR_VAL", &per),
            ("STRNT_DNMTR_UOMCD", &per_unit),
        ],
    )
}

/// A GTIN with its check digit, beginning with 02, which is for use inside a company and never on a pack (GS1 General
/// Specifications, 1.4).
fn barcode(number: usize) -> String {
    let body = format!("020{number:010}");
    let sum: u32 = body
        .bytes()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barcodes_check() {
        for number in [0, 1, 184_331] {
            let code = barcode(number);
            let weights = [3, 1].into_iter().cycle();
            let sum: u32 =
                code.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            assert_eq!((code.len(), sum % 10), (14, 0), "{code}");
        }
    }
}
