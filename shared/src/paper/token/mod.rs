//! The dispensing token (FP10DT): what is printed over official stock, or copied onto it by hand (practice 23).
//!
//! The declaration's wording is the stock's. Satchel prints what fills it in, and never the form itself.

mod layout;

#[cfg(test)]
mod tests;

pub use layout::{FURTHEST, Layout};

use super::code128::{Area, Code128};
use super::pdf::{Page, Pdf, Style};
use super::record::{self, PatientOnPaper, PharmacyOnPaper};
use crate::consultation::{Consultation, Medicine};
use crate::prescription::{Id, charge};
use crate::time;
use jiff::civil::Date;
use layout::Field;

/// What stands on the token of one consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub patient: PatientOnPaper,
    /// Name of the patient's practice, and its code.
    pub practice: Vec<String>,
    /// Name, address and code of the pharmacy.
    pub pharmacy: Vec<String>,
    pub prescription: Option<Id>,
    pub forms: Vec<Form>,
    pub declaration: Declaration,
}

/// One sheet of stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// `PF UMS` or `PF CP` (NHSBSA: Pharmacy First tokens are kept apart and marked).
    pub mark: &'static str,
    pub items: Vec<Item>,
    /// Its items are paid for, and those of other forms are covered by a certificate for some items only (HRT).
    pub is_paid_for: bool,
    /// `22 Nov 2026`, of the first item.
    pub supplied_on: String,
    pub page: usize,
    pub pages: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub quantity: String,
    pub directions: String,
}

/// What the patient or their representative declares, as far as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declaration {
    /// The letter of the box to be ticked; empty: none.
    pub exempt_box: String,
    /// `19.80`; empty: nothing was paid.
    pub paid: String,
    pub evidence_not_seen: bool,
    /// `patient`, `representative`; empty: nobody has declared yet.
    pub by: String,
    pub name: String,
}

/// Whether a token is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    Needed,
    /// Why not, in a sentence.
    NotNeeded(String),
    /// What must be known first, in a sentence.
    Unknown(String),
}

/// Whether this record's supplies need a declaration on a token (practice 23; NHSBSA node/15060).
pub fn need(record: &Consultation, today: Date) -> Need {
    if claimed(record).is_empty() {
        return Need::NotNeeded("Nothing was supplied on the NHS, so there is no token.".to_owned());
    }
    let due = charge::due(record, today);
    if !due.needs_declaration {
        return Need::NotNeeded(format!("No token is needed. {}", due.why));
    }
    match record.charge.status.as_str() {
        "" => Need::Unknown(
            "First record whether the patient pays or is exempt: the token says which.".to_owned(),
        ),
        _ => Need::Needed,
    }
}

/// Lines that were supplied on the NHS as the law allows. A sale has no token; an exception is never claimed
/// (practice 14).
fn claimed(record: &Consultation) -> Vec<(&str, &Medicine)> {
    let mut lines = record::supplied(record);
    lines.retain(|(_, line)| mark(line).is_some() && line.exception.trim().is_empty());
    lines
}

fn mark(line: &Medicine) -> Option<&'static str> {
    match line.supply_type.as_str() {
        "emergency-supply" => Some("PF UMS"),
        "patient-group-direction" => Some("PF CP"),
        _ => None,
    }
}

/// Prescriptions that a look found for this patient, newest first: the token may belong to one of them.
pub fn prescriptions_found(record: &Consultation) -> Vec<Id> {
    let mut found: Vec<(&str, Id)> = record
        .lookups
        .values()
        .filter(|look| look.kind == "prescription" && look.result == "found")
        .filter_map(|look| Some((look.at.as_str(), Id::parse(&look.prescription).ok()?)))
        .collect();
    found.sort_by(|one, other| other.0.cmp(one.0));
    let mut ids: Vec<Id> = Vec::new();
    for (_, id) in found {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

impl Token {
    /// The token of what this record says was supplied on the NHS. `prescription`: the one it belongs to, if any.
    pub fn of(
        record: &Consultation,
        prescription: Option<Id>,
        pharmacy: &PharmacyOnPaper<'_>,
        today: Date,
    ) -> Self {
        let lines = claimed(record);
        let due = charge::due(record, today);
        // Where a certificate covers some items only, the others go on forms of their own.
        let is_exempt = record.charge.status == "exempt";
        let covers_some = is_exempt && due.items.iter().any(|item| item.charges == 0);
        let is_paid_for =
            |id: &str| covers_some && due.items.iter().any(|item| item.line == id && item.charges > 0);
        let mut forms = Vec::new();
        for (wanted, paid_for) in [("PF UMS", false), ("PF UMS", true), ("PF CP", false), ("PF CP", true)] {
            let marked: Vec<&Medicine> = lines
                .iter()
                .filter(|(id, line)| mark(line) == Some(wanted) && is_paid_for(id) == paid_for)
                .map(|(_, line)| *line)
                .collect();
            let pages = marked.chunks(Layout::official().items_a_form);
            let count = pages.len();
            for (at, chunk) in pages.enumerate() {
                let day = chunk.first().map_or(today, |line| record::supplied_on(line, today));
                forms.push(Form {
                    mark: wanted,
                    items: chunk.iter().map(|line| Item::of(line)).collect(),
                    is_paid_for: paid_for,
                    supplied_on: time::written_date(day),
                    page: at + 1,
                    pages: count,
                });
            }
        }
        let not_empty = |parts: [&str; 3]| -> Vec<String> {
            parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        Self {
            patient: PatientOnPaper::of(record, today),
            practice: not_empty([&record.patient.gp_name, &record.patient.gp_ods, ""]),
            pharmacy: not_empty([pharmacy.name, pharmacy.address, pharmacy.ods]),
            prescription,
            forms,
            declaration: Declaration::of(record, today),
        }
    }

    /// The front of each form, in order.
    pub fn pdf(&self, layout: &Layout) -> Vec<u8> {
        let mut pdf = Pdf::new("Token");
        for form in &self.forms {
            pdf.add(self.front(form, layout));
        }
        pdf.into_bytes()
    }

    /// The declaration side of each form: printed after the paper was turned over.
    pub fn back_pdf(&self, layout: &Layout) -> Vec<u8> {
        let mut pdf = Pdf::new("Token, declaration side");
        for form in &self.forms {
            pdf.add(self.declaration_of(form).page(layout));
        }
        pdf.into_bytes()
    }

    /// Of one form, where not all of them are declared alike.
    fn declaration_of(&self, form: &Form) -> Declaration {
        let mut declaration = self.declaration.clone();
        if form.is_paid_for {
            declaration.exempt_box.clear();
            declaration.evidence_not_seen = false;
        } else if self.forms.iter().any(|form| form.is_paid_for) {
            declaration.paid.clear();
        }
        declaration
    }

    fn front(&self, form: &Form, layout: &Layout) -> Page {
        let front = &layout.front;
        let mut page = Page::new(layout.sheet.width, layout.sheet.height);
        let mut put = |field: &Field, text: &str| put(&mut page, layout, field, text);
        put(&front.patient, &self.name_and_address());
        put(&front.age, &self.patient.age.map(|age| age.to_string()).unwrap_or_default());
        put(&front.born, &self.patient.born);
        put(&front.nhs_number, &self.nhs_number());
        put(&front.practice, &self.practice.join("\n"));
        put(&front.pharmacy, &self.pharmacy.join("\n"));
        put(&front.supplied_on, &form.supplied_on);
        put(&front.mark, form.mark);
        put(&front.page, &form.page_words());
        for (at, item) in form.items.iter().enumerate() {
            let field = Field { y: front.items.y + at as f64 * front.items.step, ..front.items };
            put(&field, &item.words());
        }
        if let Some(id) = &self.prescription {
            put(&front.readable_id, &id.short());
            let place = layout.place(front.barcode.x, front.barcode.y);
            let area =
                Area { x: place.0, y: place.1, width: front.barcode.width, height: front.barcode.height };
            // Every id has room: a test of the layout says so.
            let _ =
                Code128::of(id.barcode()).and_then(|code| code.draw(&mut page, area, front.barcode.module));
        }
        page
    }

    fn name_and_address(&self) -> String {
        let name = if self.patient.title.is_empty() {
            self.patient.name.clone()
        } else {
            format!("{} {}", self.patient.title, self.patient.name)
        };
        let mut lines = vec![name];
        lines.extend(self.patient.address.iter().cloned());
        lines.join("\n")
    }

    /// A number that nobody has confirmed is not printed as this patient's (practice 11).
    fn nhs_number(&self) -> String {
        if self.patient.nhs_number_unverified { String::new() } else { self.patient.nhs_number.clone() }
    }

    /// What is copied by hand, in the order of the form.
    pub fn to_copy(&self, form: &Form) -> Vec<Copied> {
        let mut fields = vec![
            Copied::new("patient", "Patient's name and address", self.name_and_address()),
            Copied::new("age", "Age", self.patient.age.map(|age| age.to_string()).unwrap_or_default()),
            Copied::new("born", "Date of birth", self.patient.born.clone()),
            Copied::new("nhs-number", "NHS number", self.nhs_number()),
        ];
        for (at, item) in form.items.iter().enumerate() {
            fields.push(Copied::new(&format!("item-{}", at + 1), &format!("Item {}", at + 1), item.words()));
        }
        fields.push(Copied::new("practice", "GP practice", self.practice.join("\n")));
        fields.push(Copied::new("pharmacy", "Pharmacy", self.pharmacy.join("\n")));
        fields.push(Copied::new("supplied-on", "Date of supply", form.supplied_on.clone()));
        fields.push(Copied::new("mark", "Mark", form.mark.to_owned()));
        fields.push(Copied::new("page", "Page", form.page_words()));
        if let Some(id) = &self.prescription {
            fields.push(Copied::new("prescription", "Prescription id", id.short()));
        }
        fields.extend(self.declaration_of(form).to_copy());
        fields.retain(|field| !field.value.is_empty());
        fields
    }
}

/// One thing to copy onto the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub id: String,
    pub label: String,
    pub value: String,
}

impl Copied {
    fn new(id: &str, label: &str, value: String) -> Self {
        Self { id: id.to_owned(), label: label.to_owned(), value }
    }
}

impl Form {
    fn page_words(&self) -> String {
        format!("Page {} of {}", self.page, self.pages)
    }
}

impl Item {
    fn of(line: &Medicine) -> Self {
        Self {
            name: record::full_name(line),
            quantity: record::quantity(line),
            directions: line.directions.trim().to_owned(),
        }
    }

    /// Name and quantity first: what has no room at the end are directions.
    fn words(&self) -> String {
        let parts = [&self.name, &self.quantity, &self.directions];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl Declaration {
    /// As the record has it. The box is that of the form in use on the day of the supply.
    pub fn of(record: &Consultation, today: Date) -> Self {
        let charge = &record.charge;
        let day = claimed(record).first().map_or(today, |(_, line)| record::supplied_on(line, today));
        let reason = charge::exemption(&charge.exemption).filter(|_| charge.status == "exempt");
        let exempt_box = reason.map(|reason| reason.letter_on(day).to_owned()).unwrap_or_default();
        let pence: u64 = charge.paid.values().filter_map(|pence| pence.parse::<u64>().ok()).sum();
        let paid = !charge.status.is_empty() && pence > 0;
        Self {
            exempt_box,
            paid: if paid { format!("{}.{:02}", pence / 100, pence % 100) } else { String::new() },
            evidence_not_seen: charge.status == "exempt" && charge.evidence == "not-seen",
            by: charge.declared_by.clone(),
            name: charge.declared_name.clone(),
        }
    }

    fn page(&self, layout: &Layout) -> Page {
        let back = &layout.back;
        let mut page = Page::new(layout.sheet.width, layout.sheet.height);
        let mut tick = |x: f64, y: f64| {
            let (x, y) = layout.place(x, y);
            page.text(x, y, Style::bold(back.size), &back.tick);
        };
        if let Some([x, y]) = back.exempt.get(&self.exempt_box) {
            tick(*x, *y);
        }
        if self.evidence_not_seen {
            tick(back.evidence_not_seen.x, back.evidence_not_seen.y);
        }
        match self.by.as_str() {
            "patient" => tick(back.patient.x, back.patient.y),
            "representative" => tick(back.representative.x, back.representative.y),
            _ => {}
        }
        put(&mut page, layout, &back.paid, &self.paid);
        put(&mut page, layout, &back.name, &self.name);
        page
    }

    fn to_copy(&self) -> Vec<Copied> {
        let exempt =
            if self.exempt_box.is_empty() { String::new() } else { format!("Tick box {}", self.exempt_box) };
        let paid = if self.paid.is_empty() { String::new() } else { format!("£{}", self.paid) };
        let evidence = if self.evidence_not_seen { "Tick: evidence not seen" } else { "" };
        let by = match self.by.as_str() {
            "patient" => "Tick: patient",
            "representative" => "Tick: patient's representative",
            _ => "",
        };
        vec![
            Copied::new("exempt", "On the back: exempt", exempt),
            Copied::new("paid", "On the back: amount paid", paid),
            Copied::new("evidence", "On the back: evidence", evidence.to_owned()),
            Copied::new("declared-by", "On the back: who declares", by.to_owned()),
            Copied::new("declared-name", "On the back: name", self.name.clone()),
        ]
    }
}

/// Smallest letters on a form, in points.
const SMALLEST: f64 = 6.0;

/// A text in its field: smaller where it would not fit, and where even that does not help, an ellipsis says that
/// something is missing.
fn put(page: &mut Page, layout: &Layout, field: &Field, text: &str) {
    if text.is_empty() {
        return;
    }
    let mut size = field.size;
    let mut lines = Style::regular(size).wrap(text, field.width);
    while lines.len() > field.lines && size > SMALLEST {
        size = (size - 0.5).max(SMALLEST);
        lines = Style::regular(size).wrap(text, field.width);
    }
    let style = Style::regular(size);
    if lines.len() > field.lines {
        lines.truncate(field.lines);
        if let Some(last) = lines.last_mut() {
            while style.width_of(&format!("{last}…")) > field.width && last.pop().is_some() {}
            last.push('…');
        }
    }
    let (x, y) = layout.place(field.x, field.y);
    page.lines(x, y, style, lines.iter().map(String::as_str));
}
