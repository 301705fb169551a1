//! Times searching a dictionary of full size: one JSON object on standard output for `script/bench`.
//!
//! `search_medicines` makes up 3,200 moieties, 24,400 generics and 165,000 brands from words that occur in such names.
//! `search_medicines FILE` takes a medicines file as the server writes it instead.

use shared::medicines::file::{self, Builder, Scope};
use shared::medicines::{Availability, LegalClass, Level, Pack, Product, Substance};
use std::collections::BTreeSet;
use std::time::Instant;

const MOIETIES: u64 = 3_200;
const GENERICS: u64 = 24_400;
const BRANDS: u64 = 165_000;
/// Typed letter by letter, as people do, with every stop between counted.
const TYPED: [&str; 40] = [
    "amox 500 cap",
    "co-amox",
    "salb inh",
    "amoxicillin 500mg capsules",
    "500 amox",
    "para",
    "paracetamol 500 tab",
    "pred 5",
    "prednisolone 5mg tab",
    "ventolin",
    "omep 20",
    "lanso 30 cap",
    "ator 40",
    "simva 20mg tablets",
    "metf 500 mr",
    "insulin asp",
    "levothyroxine 100",
    "ram 5 cap",
    "amlo 5",
    "bisop 2.5",
    "co-cod 30/500",
    "tab",
    "t",
    "a",
    "5",
    "500 mg",
    "cap 20",
    "inh 100",
    "cream 1%",
    "eye drops",
    "nitro 100 cap",
    "doxy 100",
    "fluclox 500",
    "pen v 250",
    "clarith sus",
    "susp 5ml",
    "mod rel",
    "ltd",
    "tablets (a",
    "elm pharma 500 tablets",
];

#[expect(clippy::disallowed_methods, reason = "this example measures, and reads the file it is given")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = match std::env::args().nth(1) {
        Some(name) => std::fs::read(name)?,
        None => made_up().bytes(Scope::Full),
    };
    let start = Instant::now();
    let checked = file::check(&bytes)?;
    let check = start.elapsed();
    let start = Instant::now();
    let index = file::read(&bytes)?;
    let read = start.elapsed();

    let mut times: Vec<(u128, String)> = Vec::new();
    for typed in TYPED {
        for (end, letter) in typed.char_indices() {
            let so_far = &typed[..end + letter.len_utf8()];
            // The middle of five, so that a machine busy with something else is not measured.
            let mut tries: Vec<(u128, usize)> = (0..5)
                .map(|_| {
                    let start = Instant::now();
                    let hits = index.search(so_far, 21).len();
                    (start.elapsed().as_nanos(), hits)
                })
                .collect();
            tries.sort_unstable();
            let (nanos, hits) = tries[2];
            times.push((nanos, format!("{so_far} ({hits})")));
        }
    }
    times.sort();
    let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100].0 as f64 / 1e6;
    let (_, slowest) = &times[times.len() - 1];
    println!(
        r#"{{"bench":"medicines-search","products":{},"file_bytes":{},"check_ms":{:.1},"read_ms":{:.1},"keystrokes":{},"p50_ms":{:.3},"p99_ms":{:.3},"max_ms":{:.3},"slowest":{slowest:?}}}"#,
        checked.products,
        bytes.len(),
        check.as_secs_f64() * 1e3,
        read.as_secs_f64() * 1e3,
        times.len(),
        at(50),
        at(99),
        at(100),
    );
    if let Some(to) = std::env::args().nth(2) {
        std::fs::write(to, &bytes)?;
    }
    Ok(())
}

const STEMS: [&str; 40] = [
    "amoxi", "salbu", "para", "predni", "omepra", "lanso", "ator", "simva", "met", "levo", "rami", "amlodi",
    "biso", "code", "nitro", "doxy", "fluclo", "pheno", "clari", "ery", "tri", "sulfa", "cefa", "tetra",
    "oxy", "hydro", "chlor", "dexa", "beclo", "flutica", "tiotro", "warfa", "rivaro", "apixa", "digo",
    "furose", "spirono", "losar", "cande", "gaba",
];
const ENDINGS: [&str; 20] = [
    "cillin",
    "tamol",
    "cetamol",
    "solone",
    "zole",
    "prazole",
    "vastatin",
    "formin",
    "thyroxine",
    "pril",
    "dipine",
    "prolol",
    "furantoin",
    "cycline",
    "thromycin",
    "methoprim",
    "lexin",
    "sone",
    "xaban",
    "sartan",
];
const FORMS: [&str; 12] = [
    "tablets",
    "capsules",
    "oral suspension sugar free",
    "modified-release tablets",
    "gastro-resistant capsules",
    "cream",
    "ointment",
    "eye drops",
    "solution for injection ampoules",
    "inhaler CFC free",
    "oral solution",
    "effervescent tablets",
];
const STRENGTHS: [&str; 16] = [
    "1mg",
    "2.5mg",
    "5mg",
    "10mg",
    "20mg",
    "25mg",
    "40mg",
    "50mg",
    "100mg",
    "250mg",
    "500mg",
    "1g",
    "100micrograms/dose",
    "125mg/5ml",
    "250mg/5ml",
    "1%",
];
const MAKERS: [&str; 20] = [
    "A A H Pharmaceuticals Ltd",
    "Alliance Healthcare (Distribution) Ltd",
    "Elm Pharma Ltd",
    "Heron Healthcare",
    "Sycamore Laboratories Ltd",
    "Teasel UK Ltd",
    "Kestrel Generics",
    "Sandpiper Ltd",
    "Willow Medicines Ltd",
    "Otter Pharma",
    "Medihealth (Northern) Ltd",
    "DE Pharmaceuticals",
    "Phoenix Healthcare Distribution Ltd",
    "Waymade Healthcare Plc",
    "Almus Pharmaceuticals Ltd",
    "Zentiva Pharma UK Ltd",
    "Sigma Pharmaceuticals Plc",
    "Mawdsley-Brooks & Company Ltd",
    "Lexon (UK) Ltd",
    "CST Pharma Ltd",
];

fn pick<'a>(from: &[&'a str], number: u64) -> &'a str {
    from[(number % from.len() as u64) as usize]
}

/// The same every time; codes look like those of the dictionary: a number, a namespace, a last digit.
fn made_up() -> Builder {
    let code = |number: u64| (number * 97 + 13) * 100_000_000_000 + 10_000_011_000 + number % 10;
    let mut builder = Builder::new("2026-11-16", "2026-11-16T04:30:00Z");
    let moiety = |number: u64| {
        let stem = pick(&STEMS, number);
        let mut name = format!("{stem}{}", pick(&ENDINGS, number / STEMS.len() as u64));
        if number >= 800 {
            name.push_str(pick(&["", " hydrochloride", " sodium", " maleate"], number / 800));
        }
        name[..1].make_ascii_uppercase();
        if number.is_multiple_of(11) { format!("Co-{}", name.to_lowercase()) } else { name }
    };
    let product = |number: u64, level, name: String, parent: Option<u64>| Product {
        code: code(number),
        level,
        name,
        parent: parent.map(code),
        form: if level == Level::Vtm { String::new() } else { pick(&FORMS, number / 3).to_owned() },
        strength: if level == Level::Vtm { String::new() } else { pick(&STRENGTHS, number / 7).to_owned() },
        schedule: if number.is_multiple_of(40) { 5 } else { 0 },
        legal_class: LegalClass::PrescriptionOnly,
        availability: if number.is_multiple_of(9) {
            Availability::Unavailable
        } else {
            Availability::Available
        },
        prescribing: 1,
        appliance: false,
        groups: BTreeSet::new(),
        ingredients: vec![Substance { code: number % MOIETIES + 1, name: moiety(number % MOIETIES) }],
        packs: vec![Pack {
            quantity: (7 * (1 + number % 8)).to_string(),
            unit: "tablet".to_owned(),
            unit_code: 428_673_006,
        }],
    };
    for number in 0..MOIETIES {
        builder.push(&product(number, Level::Vtm, moiety(number), None));
    }
    let generic = |number: u64| {
        let (strength, form) = (pick(&STRENGTHS, number / 7), pick(&FORMS, number / 3));
        format!("{} {strength} {form}", moiety(number % MOIETIES))
    };
    for number in 0..GENERICS {
        builder.push(&product(MOIETIES + number, Level::Vmp, generic(number), Some(number % MOIETIES)));
    }
    for number in 0..BRANDS {
        let of = number % GENERICS;
        let maker = pick(&MAKERS, number / 3);
        let name = if number.is_multiple_of(5) {
            // A brand name of its own, as a fifth of them have.
            let invented = format!(
                "{}{}{}",
                pick(&STEMS, number / 5),
                pick(&["lex", "vin", "ol", "ra", "zin"], number),
                number % 97
            );
            format!("{invented} {} {} ({maker})", pick(&STRENGTHS, of / 7), pick(&FORMS, of / 3))
        } else {
            format!("{} ({maker})", generic(of))
        };
        builder.push(&product(MOIETIES + GENERICS + number, Level::Amp, name, Some(MOIETIES + of)));
    }
    builder
}
