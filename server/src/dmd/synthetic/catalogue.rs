//! What is in the synthetic release: real generic products first, then invented ones until it is as large as asked.

use super::forms::{
    APPLIANCE, DOSE, FORMS, GRAM, INVENTED, MG, MICROGRAM, ML, PERCENT_VOLUME, PERCENT_WEIGHT, UNIT, form,
};
use super::{Drawn, Size, Sort, Synthetic, id};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Numbers of rows of the real release of November 2025 (medicines.md 1.5), and of the small one.
struct Targets {
    vtm: usize,
    vmp: usize,
    appliances: usize,
    amp: usize,
    vmpp: usize,
    ampp: usize,
    gtin: usize,
    suppliers: usize,
}

const FULL: Targets = Targets {
    vtm: 3_223,
    vmp: 24_390,
    appliances: 3_000,
    amp: 164_893,
    vmpp: 36_932,
    ampp: 184_331,
    gtin: 97_633,
    suppliers: 1_818,
};
const SMALL: Targets = Targets {
    vtm: 120,
    vmp: 600,
    appliances: 40,
    amp: 1_800,
    vmpp: 900,
    ampp: 2_200,
    gtin: 1_000,
    suppliers: 40,
};

#[derive(Deserialize)]
struct File {
    generic: Vec<Generic>,
}

#[derive(Deserialize)]
struct Generic {
    vtm: String,
    #[serde(default)]
    called: String,
    substances: Vec<String>,
    #[serde(default)]
    bases: Vec<String>,
    #[serde(default)]
    bnf: String,
    #[serde(default)]
    brands: Vec<String>,
    products: Vec<String>,
}

/// Value and unit, and per what.
#[derive(Debug, Clone)]
pub struct Strength {
    pub substance: usize,
    pub base: Option<usize>,
    pub amount: (String, u64),
    pub per: Option<(String, u64)>,
}

/// A virtual product.
#[derive(Debug, Clone)]
pub struct Vmp {
    pub id: u64,
    pub former: Option<u64>,
    pub name: String,
    pub former_name: Option<String>,
    /// What stands after the moiety in the name: an invented brand has the same.
    pub rest: String,
    pub vtm: Option<usize>,
    pub form: usize,
    pub strengths: Vec<Strength>,
    /// LEGAL_CATEGORY of its packs.
    pub legal: &'static str,
    /// CONTROL_DRUG_CATEGORY.
    pub schedule: u8,
    pub bnf: String,
    pub sizes: Vec<String>,
    pub brands: Vec<String>,
    /// Left out of this week's release.
    pub withdrawn: bool,
}

/// An actual product: number of its virtual one, of its supplier, and its brand's name.
#[derive(Debug, Clone)]
pub struct Amp {
    pub vmp: usize,
    pub supplier: usize,
    pub brand: Option<String>,
}

/// Everything of one release.
#[derive(Default)]
pub struct Catalogue {
    pub vtms: Vec<String>,
    pub substances: Vec<String>,
    pub suppliers: Vec<String>,
    pub vmps: Vec<Vmp>,
    pub amps: Vec<Amp>,
    /// Virtual product and size.
    pub vmpps: Vec<(usize, String)>,
    /// Actual product and virtual pack.
    pub ampps: Vec<(usize, usize)>,
    /// How many actual packs have a barcode.
    pub gtins: usize,
    /// How many of the virtual products have names of real ones; they come first and stay the same each week.
    pub real: usize,
}

const BEGINNINGS: [&str; 24] = [
    "Ab", "Bel", "Cor", "Dal", "Eve", "Fen", "Gal", "Hex", "Iso", "Jor", "Kel", "Lor", "Mav", "Nor", "Ol",
    "Pex", "Qui", "Rov", "Sel", "Tor", "Ur", "Vel", "Xan", "Zel",
];
const MIDDLES: [&str; 24] = [
    "a", "abo", "ace", "adi", "afo", "ago", "ali", "amo", "ane", "apri", "aro", "asti", "ebu", "edo", "efi",
    "egra", "elo", "enti", "era", "ibo", "ico", "ifi", "ola", "uvo",
];
const ENDINGS: [&str; 16] = [
    "pril", "sartan", "olol", "statin", "azole", "mab", "cillin", "floxacin", "tidine", "dipine", "gliptin",
    "oxetine", "triptan", "prazole", "mycin", "dronate",
];
const SALTS: [&str; 6] = ["", "", "", " hydrochloride", " sodium", " mesilate"];
const STRENGTHS: [&str; 14] =
    ["0.5", "1", "2", "2.5", "5", "10", "15", "20", "25", "40", "50", "100", "200", "500"];
const WORDS: [&str; 20] = [
    "Ashdown",
    "Beacon",
    "Cinder",
    "Dunlin",
    "Elderflow",
    "Foxglade",
    "Gannet",
    "Harrow",
    "Inkwell",
    "Juniper",
    "Kestrel",
    "Larkrise",
    "Merle",
    "Nettle",
    "Osprey",
    "Plover",
    "Quillon",
    "Redstart",
    "Siskin",
    "Teasel",
];
const KINDS: [&str; 10] = [
    "Pharma Ltd",
    "Healthcare Ltd",
    "Laboratories UK Ltd",
    "Generics Ltd",
    "Medicines Ltd",
    "Distribution Ltd",
    "Specials Ltd",
    "Medical Devices Ltd",
    "Surgical Ltd",
    "International PLC",
];
const DRESSINGS: [&str; 8] = [
    "Wound dressing absorbent sterile",
    "Hydrocolloid dressing sterile",
    "Catheter male",
    "Stoma pouch closed",
    "Spacer device with mask",
    "Hypodermic insulin needles",
    "Bandage cohesive",
    "Lancets for blood glucose",
];

impl Catalogue {
    pub fn of(asked: Synthetic) -> Self {
        let targets = match asked.size {
            Size::Full => FULL,
            Size::Small => SMALL,
        };
        let mut making = Making::default();
        making.real();
        making.invented(&targets);
        making.appliances(&targets);
        let (mut catalogue, mut drawn) = (making.catalogue, Drawn(7));
        catalogue.suppliers = suppliers(targets.suppliers);
        for (number, vmp) in catalogue.vmps.iter_mut().enumerate() {
            vmp.id = id(Sort::Vmp, number);
        }
        catalogue.actual(&targets, &mut drawn);
        catalogue.packs(&targets);
        catalogue.weeks(asked.week);
        catalogue
    }

    /// Brands first, then one maker after another until there are as many as asked.
    fn actual(&mut self, targets: &Targets, drawn: &mut Drawn) {
        for (number, vmp) in self.vmps.iter().enumerate() {
            for brand in &vmp.brands {
                let supplier = drawn.below(self.suppliers.len());
                self.amps.push(Amp { vmp: number, supplier, brand: Some(brand.clone()) });
            }
            self.amps.push(Amp { vmp: number, supplier: number % self.suppliers.len(), brand: None });
        }
        let mut turn = 0;
        while self.amps.len() < targets.amp {
            let vmp = turn % self.vmps.len();
            let supplier = (vmp + turn / self.vmps.len() * 13 + 1) % self.suppliers.len();
            // Some makers sell under a name of their own.
            let brand = (drawn.below(4) == 0).then(|| brand(drawn));
            self.amps.push(Amp { vmp, supplier, brand });
            turn += 1;
        }
    }

    fn packs(&mut self, targets: &Targets) {
        let mut first = vec![0; self.vmps.len()];
        for (number, vmp) in self.vmps.iter().enumerate() {
            first[number] = self.vmpps.len();
            self.vmpps.extend(vmp.sizes.iter().map(|size| (number, size.clone())));
        }
        let mut vmp = 0;
        while self.vmpps.len() < targets.vmpp {
            self.vmpps.push((vmp, (self.vmpps.len() % 90 + 6).to_string()));
            vmp = (vmp + 1) % self.vmps.len();
        }
        for (number, amp) in self.amps.iter().enumerate() {
            self.ampps.push((number, first[amp.vmp]));
        }
        for (number, amp) in self.amps.iter().enumerate() {
            if self.ampps.len() >= targets.ampp {
                break;
            }
            if self.vmps[amp.vmp].sizes.len() > 1 {
                self.ampps.push((number, first[amp.vmp] + 1));
            }
        }
        self.gtins = targets.gtin.min(self.ampps.len());
    }

    /// What is different in each week after the first.
    fn weeks(&mut self, week: u16) {
        let invented =
            self.vmps.iter().position(|vmp| vmp.brands.is_empty() && vmp.bnf.is_empty()).unwrap_or(0);
        for week in 1..=usize::from(week) {
            let at = |step: usize| invented + week * 6 + step;
            if at(5) >= self.vmps.len() {
                return;
            }
            self.vmps[at(0)].withdrawn = true;
            let name = &mut self.vmps[at(1)];
            name.former_name = Some(name.name.clone());
            name.name.push_str(" sugar free");
            self.vmps[at(2)].schedule = 5;
            self.vmps[at(3)].legal = "0002";
            let moved = &mut self.vmps[at(4)];
            moved.former = Some(moved.id);
            moved.id = id(Sort::Former, week);
            let mut added = self.vmps[at(5)].clone();
            (added.id, added.name) =
                (id(Sort::Former, 1000 + week), format!("{} preservative free", added.name));
            added.withdrawn = false;
            let number = self.vmps.len();
            self.vmps.push(added);
            self.amps.push(Amp { vmp: number, supplier: week % self.suppliers.len(), brand: None });
            self.vmpps.push((number, "28".to_owned()));
            self.ampps.push((self.amps.len() - 1, self.vmpps.len() - 1));
        }
    }
}

fn suppliers(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            let (word, kind) = (WORDS[number % WORDS.len()], KINDS[number / WORDS.len() % KINDS.len()]);
            match number / (WORDS.len() * KINDS.len()) {
                0 => format!("{word} {kind}"),
                more => format!("{word} & {} {kind}", WORDS[(number + more) % WORDS.len()]),
            }
        })
        .collect()
}

fn brand(drawn: &mut Drawn) -> String {
    let ending = ["ex", "ia", "on", "ol", "ium", "yl", "va", "ent"];
    format!("{}{}{}", drawn.of(&BEGINNINGS), drawn.of(&MIDDLES), drawn.of(&ending))
}

/// The lists as they grow.
#[derive(Default)]
struct Making {
    catalogue: Catalogue,
    substance_of: BTreeMap<String, usize>,
}

impl Making {
    fn substance(&mut self, name: &str) -> usize {
        if let Some(known) = self.substance_of.get(name) {
            return *known;
        }
        let number = self.catalogue.substances.len();
        self.catalogue.substances.push(name.to_owned());
        self.substance_of.insert(name.to_owned(), number);
        number
    }

    fn real(&mut self) {
        let file: File =
            toml::from_str(include_str!("medicines.toml")).expect("our own file, which tests read");
        for generic in file.generic {
            let vtm = self.catalogue.vtms.len();
            let called = if generic.called.is_empty() { generic.vtm.clone() } else { generic.called.clone() };
            for product in &generic.products {
                let vmp = self.product(&generic, &called, vtm, product);
                self.catalogue.vmps.push(vmp);
            }
            self.catalogue.vtms.push(generic.vtm);
        }
        self.catalogue.real = self.catalogue.vmps.len();
    }

    fn product(&mut self, generic: &Generic, called: &str, vtm: usize, text: &str) -> Vmp {
        let mut fields = text.split('|');
        let mut next = || fields.next().unwrap_or_default();
        let (name, form_key, strengths, sizes, other) = (next(), next(), next(), next(), next());
        let (mut legal, mut schedule) = ("0003", 0);
        for word in other.split(',') {
            match word.split_once('=') {
                Some((_, category)) => schedule = category.parse().unwrap_or(0),
                None if word == "P" => legal = "0002",
                None if word == "GSL" => legal = "0001",
                None => {}
            }
        }
        let strengths =
            strengths.split('+').zip(&generic.substances).enumerate().map(|(number, (text, name))| {
                let (amount, per) =
                    text.split_once('/').filter(|(_, per)| per.contains(' ')).unwrap_or((text, ""));
                Strength {
                    substance: self.substance(name),
                    base: generic.bases.get(number).map(|base| self.substance(base)),
                    amount: measure(amount),
                    per: (!per.is_empty()).then(|| measure(per)),
                }
            });
        let suffix = name.split(' ').skip(1).collect::<Vec<_>>().join(" ");
        let strengths = strengths.collect();
        let strength_word = name.split(' ').next().unwrap_or_default();
        Vmp {
            id: 0,
            former: None,
            name: format!("{called} {name}"),
            former_name: None,
            rest: name.to_owned(),
            vtm: Some(vtm),
            form: form(form_key).expect("a form of forms.rs, which tests check"),
            strengths,
            legal,
            schedule,
            bnf: if generic.bnf.is_empty() {
                String::new()
            } else {
                format!("{}AA{:02}", generic.bnf, self.catalogue.vmps.len() % 100)
            },
            sizes: sizes.split(',').map(str::to_owned).collect(),
            brands: generic
                .brands
                .iter()
                .map(|brand| format!("{brand} {strength_word} {suffix}").trim().to_owned())
                .collect(),
            withdrawn: false,
        }
    }

    fn invented(&mut self, targets: &Targets) {
        let (mut drawn, mut seen) = (Drawn(1), std::collections::BTreeSet::new());
        let wanted = targets.vmp - targets.appliances;
        while self.catalogue.vtms.len() < targets.vtm {
            let name = format!("{}{}{}", drawn.of(&BEGINNINGS), drawn.of(&MIDDLES), drawn.of(&ENDINGS));
            let name = if seen.insert(name.clone()) { name } else { continue };
            let substance = self.substance(&format!("{name}{}", drawn.of(&SALTS)));
            let vtm = self.catalogue.vtms.len();
            self.catalogue.vtms.push(name.clone());
            // What is left, shared out among the moieties that are left.
            let left = wanted.saturating_sub(self.catalogue.vmps.len());
            let count = left.div_ceil(targets.vtm - vtm);
            for number in 0..count {
                let vmp = invented(&name, vtm, substance, number, &mut drawn);
                self.catalogue.vmps.push(vmp);
            }
        }
    }

    fn appliances(&mut self, targets: &Targets) {
        for number in 0..targets.appliances {
            let (width, height) = (5 + number / DRESSINGS.len() % 40, 4 + number / 320);
            let kind = DRESSINGS[number % DRESSINGS.len()];
            self.catalogue.vmps.push(Vmp {
                id: 0,
                former: None,
                name: format!("{kind} {width}cm x {height}cm"),
                former_name: None,
                rest: format!("{width}cm x {height}cm"),
                vtm: None,
                form: APPLIANCE,
                strengths: Vec::new(),
                legal: "0004",
                schedule: 0,
                bnf: String::new(),
                sizes: vec!["1".to_owned(), "10".to_owned()],
                brands: Vec::new(),
                withdrawn: false,
            });
        }
    }
}

fn invented(name: &str, vtm: usize, substance: usize, number: usize, drawn: &mut Drawn) -> Vmp {
    let form = number % INVENTED.min(4 + vtm % 6);
    let amount = STRENGTHS[(number / INVENTED + number + vtm) % STRENGTHS.len()];
    let plural = FORMS[form].plural;
    let (strength, amount, per) = match FORMS[form].key {
        "solution" | "suspension" => {
            (format!("{amount}mg/5ml"), measure(&format!("{amount} mg")), Some(measure("5 ml")))
        }
        "cream" => (format!("{amount}%"), measure(&format!("{amount} %w/w")), None),
        "eye-drops" => (format!("{amount}%"), measure(&format!("{amount} %w/v")), None),
        "injection" => (format!("{amount}mg/1ml"), measure(&format!("{amount} mg")), Some(measure("1 ml"))),
        _ => (format!("{amount}mg"), measure(&format!("{amount} mg")), None),
    };
    // A second product of one strength and form is told by what it is free of.
    let other = match number / (INVENTED * 2) {
        0 => "",
        1 => " sugar free",
        _ => " gluten free",
    };
    let mut sizes = match FORMS[form].unit {
        ML => vec!["100".to_owned(), "200".to_owned()],
        GRAM => vec!["15".to_owned(), "30".to_owned()],
        _ => vec!["28".to_owned(), "56".to_owned()],
    };
    // Every other one comes in one size only.
    sizes.truncate(1 + number % 2);
    let schedule = if drawn.below(40) == 0 { [2, 4, 5, 8, 9, 10][drawn.below(6)] } else { 0 };
    Vmp {
        id: 0,
        former: None,
        name: format!("{name} {strength} {plural}{other}"),
        former_name: None,
        rest: format!("{strength} {plural}{other}"),
        vtm: Some(vtm),
        form,
        strengths: vec![Strength { substance, base: None, amount, per }],
        legal: if drawn.below(12) == 0 { "0002" } else { "0003" },
        schedule,
        bnf: String::new(),
        sizes,
        brands: Vec::new(),
        withdrawn: false,
    }
}

/// `500 mg`.
fn measure(text: &str) -> (String, u64) {
    let (value, unit) = text.trim().split_once(' ').unwrap_or((text, ""));
    let unit = match unit {
        "mg" => MG,
        "microgram" => MICROGRAM,
        "ml" => ML,
        "gram" => GRAM,
        "dose" => DOSE,
        "unit" => UNIT,
        "%w/w" => PERCENT_WEIGHT,
        "%w/v" => PERCENT_VOLUME,
        _ => 0,
    };
    (value.to_owned(), unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    fn small(week: u16) -> Catalogue {
        Catalogue::of(Synthetic { size: Size::Small, first: date(2026, 11, 16), week })
    }

    #[test]
    fn every_real_product_is_understood() {
        let catalogue = small(0);
        let real = &catalogue.vmps[..catalogue.real];
        assert!(real.len() > 100);
        for vmp in real {
            assert!(
                !vmp.strengths.is_empty() && vmp.strengths.iter().all(|one| one.amount.1 != 0),
                "{}",
                vmp.name
            );
            assert!(
                vmp.strengths.iter().filter_map(|one| one.per.as_ref()).all(|per| per.1 != 0),
                "{}",
                vmp.name
            );
            assert!(vmp.sizes.iter().all(|size| size.parse::<u32>().is_ok()), "{}", vmp.name);
        }
    }

    #[test]
    fn it_is_as_large_as_asked_and_names_and_ids_are_told_apart() {
        let full = Catalogue::of(Synthetic { size: Size::Full, first: date(2026, 11, 16), week: 1 });
        assert_eq!((full.vtms.len(), full.amps.len(), full.ampps.len()), (3_223, 164_894, 184_332));
        assert!((24_300..24_500).contains(&full.vmps.len()), "{}", full.vmps.len());
        let ids: BTreeSet<_> = full.vmps.iter().map(|vmp| vmp.id).collect();
        assert_eq!(ids.len(), full.vmps.len());
        let names: BTreeSet<_> = full.vmps.iter().map(|vmp| &vmp.name).collect();
        assert!(names.len() * 10 > full.vmps.len() * 9, "{} names for {}", names.len(), full.vmps.len());
    }

    #[test]
    fn the_same_is_made_each_time() {
        let (one, other) = (small(2), small(2));
        let names =
            |catalogue: &Catalogue| catalogue.vmps.iter().map(|vmp| vmp.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&one), names(&other));
        assert_ne!(names(&one), names(&small(1)));
    }
}
