//! The dispensing label of each line (Human Medicines Regulations 2012, regulation 258 and Schedule 26).

use crate::consultation::{Consultation, Medicine};
use crate::paper::pdf::{Page, Pdf, Style, has_unprintable};
use crate::paper::record::{self, PatientOnPaper, PharmacyOnPaper};
use crate::supply::{self, Basis, Circumstances};
use crate::time;
use jiff::civil::Date;
use serde::Deserialize;
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

/// Sizes and fixed words: `rules/label.toml`.
#[derive(Debug, Deserialize)]
struct Rules {
    width: f64,
    height: f64,
    margin: f64,
    words: Words,
}

#[derive(Debug, Deserialize)]
struct Words {
    emergency: String,
    children: String,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/label.json"))).expect("a test reads it")
});

/// Smaller letters cannot be read without glasses; what then has no room goes on to a further label.
const SIZES: [f64; 4] = [9.0, 8.5, 8.0, 7.5];
const FOOT: Style = Style::regular(5.5);

/// The labels of these lines, in their order, each as often as its words need room. Lines that the record does not
/// have are left out.
pub fn pdf(record: &Consultation, lines: &[&str], pharmacy: &PharmacyOnPaper<'_>, today: Date) -> Vec<u8> {
    let patient = PatientOnPaper::of(record, today);
    let mut pdf = Pdf::new("Labels");
    for line in lines.iter().filter_map(|id| record.medicines.get(*id)) {
        let body = Body { line, besides: besides(record, line, today) };
        for page in label(&body, &patient, pharmacy, today) {
            pdf.add(page);
        }
    }
    pdf.into_bytes()
}

/// What the law wants on the label of that line and nobody has recorded, in words. Empty: nothing is missing.
pub fn missing(
    record: &Consultation,
    line: &Medicine,
    pharmacy: &PharmacyOnPaper<'_>,
    today: Date,
) -> Vec<&'static str> {
    let patient = PatientOnPaper::of(record, today);
    let asked = [
        ("the patient's name", patient.name.is_empty()),
        ("the name of the medicine", line.name.trim().is_empty()),
        ("the quantity", line.quantity.trim().is_empty()),
        ("the directions", line.directions.trim().is_empty()),
        ("the pharmacy's name", pharmacy.name.trim().is_empty()),
        ("the pharmacy's address", pharmacy.address.trim().is_empty()),
    ];
    asked.into_iter().filter(|(_, gone)| *gone).map(|(what, _)| what).collect()
}

/// What of the label cannot be printed with the letters that there are, and must be written by hand, in words.
pub fn by_hand(record: &Consultation, line: &Medicine, today: Date) -> Vec<&'static str> {
    let patient = PatientOnPaper::of(record, today);
    let asked = [
        ("the patient's name", &patient.name),
        ("the name of the medicine", &line.name),
        ("the directions", &line.directions),
    ];
    asked.into_iter().filter(|(_, text)| has_unprintable(text)).map(|(what, _)| what).collect()
}

/// What the rules want on this label besides the usual words. A line that they do not know has what it is called.
fn besides(record: &Consultation, line: &Medicine, today: Date) -> Option<String> {
    let day = record::supplied_on(line, today);
    let review = supply::review(line, &Circumstances::of(record, day));
    match review.basis {
        Basis::Unknown => record::is_emergency_supply(line).then(|| RULES.words.emergency.clone()),
        _ => review.label_words,
    }
}

/// What is said of the medicine itself.
struct Body<'a> {
    line: &'a Medicine,
    besides: Option<String>,
}

/// What stands above the foot of the label, part by part.
fn body(body: &Body<'_>, size: f64) -> Vec<(String, Style)> {
    let line = body.line;
    let quantity = record::quantity(line);
    let name = record::full_name(line);
    let head = if quantity.is_empty() { name } else { format!("{quantity}  {name}") };
    let mut parts =
        vec![(head, Style::bold(size)), (line.directions.trim().to_owned(), Style::regular(size))];
    parts.extend(body.besides.iter().map(|words| (words.clone(), Style::bold(size))));
    parts.retain(|(text, _)| !text.is_empty());
    parts
}

fn label(
    said: &Body<'_>,
    patient: &PatientOnPaper,
    pharmacy: &PharmacyOnPaper<'_>,
    today: Date,
) -> Vec<Page> {
    let room = RULES.width - 2.0 * RULES.margin;
    let foot = foot(pharmacy, room);
    let patient_style = Style::bold(8.0);
    let date = time::written_date(record::supplied_on(said.line, today));
    let name_room = room - patient_style.width_of(&date) - 2.0;
    let name = patient_style.wrap(&patient.name, name_room);
    let foot_height =
        foot.len() as f64 * FOOT.line_height() + name.len() as f64 * patient_style.line_height() + 1.0;
    let height = RULES.height - 2.0 * RULES.margin - foot_height;
    let chunks = chunks(said, room, height);
    let count = chunks.len();
    let mut pages = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        let mut page = Page::new(RULES.width, RULES.height);
        let mut y = RULES.margin;
        for (text, style) in chunk {
            page.text(RULES.margin, y + style.line_height() * 0.8, *style, text);
            y += style.line_height();
        }
        y = RULES.height - RULES.margin - foot_height + 0.5;
        page.line((RULES.margin, y), (RULES.width - RULES.margin, y), 0.1);
        y += 0.5 + patient_style.line_height() * 0.8;
        page.text_until(RULES.width - RULES.margin, y, patient_style, &date);
        y = page.lines(RULES.margin, y, patient_style, name.iter().map(String::as_str));
        y = y - patient_style.line_height() * 0.8 + FOOT.line_height() * 0.8;
        page.lines(RULES.margin, y, FOOT, foot.iter().map(String::as_str));
        if count > 1 {
            let which = format!("Label {} of {count}", at + 1);
            page.text_until(RULES.width - RULES.margin, RULES.height - 1.0, FOOT, &which);
        }
        pages.push(page);
    }
    pages
}

fn foot(pharmacy: &PharmacyOnPaper<'_>, room: f64) -> Vec<String> {
    let parts = [pharmacy.name, pharmacy.address, pharmacy.phone];
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut foot = FOOT.wrap(&RULES.words.children, room);
    foot.extend(FOOT.wrap(&parts.join(", "), room));
    foot
}

type Lines = Vec<(String, Style)>;

/// The body's lines: on one label in the largest letters that fit, or on as many as it takes.
fn chunks(said: &Body<'_>, room: f64, height: f64) -> Vec<Lines> {
    let wrapped = |size: f64| -> Lines {
        let parts = body(said, size).into_iter();
        parts
            .flat_map(|(text, style)| style.wrap(&text, room).into_iter().map(move |text| (text, style)))
            .collect()
    };
    let tall = |lines: &Lines| lines.iter().map(|(_, style)| style.line_height()).sum::<f64>();
    for size in SIZES {
        let lines = wrapped(size);
        if tall(&lines) <= height {
            return vec![lines];
        }
    }
    let [.., smallest] = SIZES;
    let fit = ((height / Style::regular(smallest).line_height()) as usize).max(1);
    wrapped(smallest).chunks(fit).map(<[_]>::to_vec).collect()
}
