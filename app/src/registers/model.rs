//! What is asked of the registers, and how an answer is said.

use crate::ui::{Slip, words};
use jiff::civil::Date;
use shared::api::{EarlierAsked, EarlierView, RecallView, RegisterView, TokensView};
use shared::consultation::Consultation;
use shared::paper::bundle::BundleRow;
use shared::paper::register::RegisterRow;
use shared::register::{Entry, Given, TokenRow};
use shared::supply::Earlier;
use shared::time::{self, Millis};

/// Parts of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Register,
    Recall,
    Tokens,
}

impl Tab {
    pub const ALL: [Self; 3] = [Self::Register, Self::Recall, Self::Tokens];

    pub fn title(self) -> &'static str {
        match self {
            Self::Register => "Register",
            Self::Recall => "Recall",
            Self::Tokens => "Tokens of the month",
        }
    }
}

/// Whose earlier supplies are asked for: what this device knows of the patient, which may not be with the server yet.
pub fn earlier_asked(record: &Consultation) -> EarlierAsked {
    let patient = &record.patient;
    EarlierAsked {
        consultation: record.id.clone(),
        nhs_number: patient.nhs_number.clone(),
        name: patient.list_name(),
        birth_date: patient.birth_date.clone(),
    }
}

/// The same as the rules of a supply read them.
pub fn for_the_rules(view: &EarlierView) -> Vec<Earlier> {
    let supplies = view.supplies.iter().filter_map(|one| {
        let day = time::day(time::read(&one.at)?);
        let (name, code, ingredients) = (one.name.clone(), one.code.clone(), one.ingredients.clone());
        Some(Earlier { day, name, code, ingredients })
    });
    supplies.collect()
}

/// From the first of this month until today, as the server is asked.
pub fn this_month(now: Millis) -> (String, String) {
    let today = time::day(now);
    (today.first_of_month().to_string(), today.to_string())
}

/// The days to ask for, or what is wrong with them.
pub fn days(from: &str, to: &str) -> Result<(String, String), Vec<Slip>> {
    let slip = |field: &str, words: &str| Slip { field: field.to_owned(), words: words.to_owned() };
    let (first, last) = (from.trim().parse::<Date>(), to.trim().parse::<Date>());
    let mut slips = Vec::new();
    for (field, day) in [("register-from", &first), ("register-to", &last)] {
        if day.is_err() {
            slips.push(slip(field, "Enter a day."));
        }
    }
    match (first, last) {
        (Ok(first), Ok(last)) if first <= last => Ok((first.to_string(), last.to_string())),
        (Ok(_), Ok(_)) => {
            slips.push(slip("register-to", "The last day is before the first. Change one of them."));
            Err(slips)
        }
        _ => Err(slips),
    }
}

/// The batch to look for, or what is wrong with it.
pub fn batch(typed: &str) -> Result<String, Vec<Slip>> {
    if shared::register::batch_key(typed).is_empty() {
        let words = "Type the batch number as it stands on the pack or in the recall.".to_owned();
        return Err(vec![Slip { field: "recall-batch".to_owned(), words }]);
    }
    Ok(typed.trim().to_owned())
}

/// `22 Nov 2026`; as it is, where it is no day.
pub fn day_words(day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), time::written_date)
}

/// `Salbutamol 100micrograms/dose inhaler, 1 inhaler`.
pub fn entry_title(entry: &Entry) -> String {
    joined([entry.name.as_str(), &entry.quantity], ", ")
}

/// What an inspector asks about an entry, each with its label.
pub fn entry_facts(entry: &Entry) -> Vec<(&'static str, String)> {
    let facts = [
        ("Date of supply", day_words(&entry.date)),
        ("Form and strength", joined([entry.form.as_str(), &entry.strength], ", ")),
        ("Patient", entry.patient.clone()),
        ("Address", entry.address.clone()),
        ("Nature of the emergency", entry.nature.clone()),
        ("Exception", entry.exception.clone()),
        ("Signed by", entry.signed_by.clone()),
    ];
    facts.into_iter().filter(|(_, words)| !words.is_empty()).collect()
}

/// What a pharmacist should look at in an entry.
pub fn entry_marks(entry: &Entry) -> Vec<String> {
    let mut marks = Vec::new();
    if !entry.exception.is_empty() {
        marks.push("Exception".to_owned());
    }
    if entry.unsound {
        marks.push("Not shown to be within the rules".to_owned());
    }
    if entry.late {
        marks.push(format!("Entered after {}", day_words(&entry.by)));
    }
    if !entry.missing.is_empty() {
        marks.push(format!("Not recorded: {}", entry.missing.join(", ")));
    }
    marks
}

/// The register as it is printed for an inspector.
pub fn register_rows(view: &RegisterView) -> Vec<RegisterRow> {
    let row = |entry: &Entry| {
        let entered = time::read(&entry.entered_at).map(time::day_and_time).unwrap_or_default();
        let mut remarks = entry_marks(entry);
        if !entry.exception.is_empty() {
            remarks.push(entry.exception.clone());
        }
        RegisterRow {
            date: entry.date.clone(),
            medicine: joined([entry.name.as_str(), &entry.form, &entry.strength], ", "),
            quantity: entry.quantity.clone(),
            patient: entry.patient.clone(),
            address: joined(entry.address.lines(), ", "),
            nature: entry.nature.clone(),
            entered: joined([entry.signed_by.as_str(), &entered], ", "),
            remarks,
        }
    };
    view.entries.iter().map(row).collect()
}

/// The month's tokens as they are listed for the bundle.
pub fn bundle_rows(view: &TokensView) -> Vec<BundleRow> {
    let row = |token: &TokenRow| BundleRow {
        date: token.date.clone(),
        patient: token.patient.clone(),
        mark: token.mark.clone(),
        items: u32::try_from(token.items.len()).unwrap_or(u32::MAX),
        forms: token.forms,
        charge: token.charge.clone(),
        not_sent: token.not_sent.clone(),
        open: token.open().unwrap_or_default().to_owned(),
    };
    view.tokens.iter().map(row).collect()
}

/// `TESTERTON, Wilhelmina, born 11 May 1944, NHS number 999 054 8609`.
pub fn given_title(given: &Given) -> String {
    let born = labelled("born", &day_words(&given.birth_date));
    joined([given.patient.as_str(), &born, &labelled("NHS number", &given.nhs_number)], ", ")
}

/// How to reach somebody, and what they were given.
pub fn given_facts(given: &Given) -> Vec<(&'static str, String)> {
    let when = time::read(&given.when).map(time::day_and_time).unwrap_or_default();
    let batch = if given.batch.is_empty() { "Not recorded" } else { &given.batch };
    let facts = [
        ("Phone", given.phone.clone()),
        ("Address", given.address.clone()),
        ("Given", joined([given.product.as_str(), &given.quantity], ", ")),
        ("When", when),
        ("Batch and expiry", joined([batch, &given.expiry], ", ")),
        ("Collected by", given.collected_by.clone()),
    ];
    facts.into_iter().filter(|(_, words)| !words.is_empty()).collect()
}

/// What a search for a batch found. Never *nobody was given it*: only signed records that are with the server are
/// searched.
pub fn recall_words(view: &RecallView, batch: &str) -> String {
    let limits = "Only signed consultations that are with the server are searched.";
    let found = match view.given.len() {
        0 => format!("No consultation says that batch {batch} was given to anybody."),
        many => format!("Batch {batch} was given {}.", words::count(many, "time", "times")),
    };
    let unknown = match view.batch_unknown.len() {
        0 => String::new(),
        many => format!(
            " The product was given {} more with no batch recorded: it may have been this one.",
            words::count(many, "time", "times")
        ),
    };
    let lacking = unreadable_words(view.unreadable).map(|words| format!(" {words}")).unwrap_or_default();
    format!("{found}{unknown}{lacking} {limits}")
}

/// That a list is not whole because signed records could not be opened; `None` where all could.
pub fn unreadable_words(unreadable: u32) -> Option<String> {
    match unreadable {
        0 => None,
        1 => Some("1 signed record could not be read and is not in this list: tell support.".to_owned()),
        many => {
            Some(format!("{many} signed records could not be read and are not in this list: tell support."))
        }
    }
}

/// `2 tokens on 3 forms. 1 is not ready for the bundle.`
pub fn tokens_words(view: &TokensView) -> String {
    if view.tokens.is_empty() {
        return "No tokens in this month.".to_owned();
    }
    let goes: Vec<&TokenRow> = view.tokens.iter().filter(|token| token.not_sent.is_empty()).collect();
    let tokens = words::count(goes.len(), "token", "tokens");
    let forms: u32 = goes.iter().map(|token| token.forms).sum();
    let forms = words::count(usize::try_from(forms).unwrap_or(usize::MAX), "form", "forms");
    let open = view.tokens.iter().filter(|token| token.open().is_some()).count();
    match open {
        0 => format!("{tokens} on {forms}."),
        1 => format!("{tokens} on {forms}. 1 is not ready for the bundle."),
        many => format!("{tokens} on {forms}. {many} are not ready for the bundle."),
    }
}

/// `22 Nov 2026, TESTERTON, Wilhelmina`.
pub fn token_title(token: &TokenRow) -> String {
    joined([day_words(&token.date).as_str(), &token.patient], ", ")
}

/// What stands on a token, and what is known of its charge.
pub fn token_facts(token: &TokenRow) -> Vec<(&'static str, String)> {
    let charge = match token.charge.as_str() {
        "exempt" => joined(["Exempt", &labelled("code", &token.exemption)], ", "),
        "paid" => "Paid".to_owned(),
        "free" => "Free of charge".to_owned(),
        _ => "Not asked".to_owned(),
    };
    let evidence = match token.evidence.as_str() {
        "seen" => "Seen",
        "not-seen" => "Not seen",
        _ => "",
    };
    let declared = match token.declared_by.as_str() {
        "patient" => "The patient",
        "representative" => "A representative",
        _ => "",
    };
    let facts = [
        ("Mark", token.mark.clone()),
        ("Items", token.items.join("\n")),
        ("Forms", token.forms.to_string()),
        ("Charge", charge),
        ("Evidence", evidence.to_owned()),
        ("Declared by", declared.to_owned()),
        ("Not sent", token.not_sent.clone()),
    ];
    facts.into_iter().filter(|(_, words)| !words.is_empty()).collect()
}

fn labelled(label: &str, words: &str) -> String {
    if words.trim().is_empty() { String::new() } else { format!("{label} {}", words.trim()) }
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 22 Nov 2026, 14:13 in England.
    const NOW: Millis = 1_795_356_800_000;

    #[test]
    fn the_register_is_asked_for_by_whole_days_in_order() {
        assert_eq!(this_month(NOW), ("2026-11-01".to_owned(), "2026-11-22".to_owned()));
        assert!(days("2026-11-01", "2026-11-22").is_ok());
        let fields = |from, to| -> Vec<String> {
            days(from, to).expect_err("slips").into_iter().map(|slip| slip.field).collect()
        };
        assert_eq!(fields("", "x&y=1"), ["register-from", "register-to"]);
        assert_eq!(fields("2026-11-22", "2026-11-21"), ["register-to"]);
    }

    #[test]
    fn an_entry_says_what_is_late_and_what_nobody_recorded() {
        let entry = Entry {
            date: "2026-11-20".to_owned(),
            by: "2026-11-21".to_owned(),
            late: true,
            missing: vec!["nature of the emergency".to_owned()],
            ..Entry::default()
        };
        assert_eq!(
            entry_marks(&entry),
            ["Entered after 21 Nov 2026", "Not recorded: nature of the emergency"]
        );
        assert_eq!(entry_facts(&entry), [("Date of supply", "20 Nov 2026".to_owned())]);
        assert_eq!(entry_marks(&Entry::default()), [""; 0]);
    }

    #[test]
    fn a_recall_that_finds_nobody_does_not_say_that_nobody_was_given_it() {
        let nobody = recall_words(&RecallView::default(), "AB12");
        assert!(nobody.starts_with("No consultation says"), "{nobody}");
        assert!(nobody.ends_with("with the server are searched."), "{nobody}");
        let unknown = RecallView {
            given: vec![Given::default()],
            batch_unknown: vec![Given::default(), Given::default()],
            unreadable: 2,
        };
        let words = recall_words(&unknown, "AB12");
        assert!(words.contains("2 signed records could not be read and are not in this list"), "{words}");
        assert!(
            words.contains("was given 1 time.") && words.contains("2 times more with no batch"),
            "{words}"
        );
    }

    #[test]
    fn a_batch_without_a_letter_or_digit_is_none() {
        assert_eq!(batch(" - ").expect_err("slips")[0].field, "recall-batch");
        assert_eq!(batch(" AB-12 ").expect("a batch"), "AB-12");
    }

    #[test]
    fn the_month_says_how_many_forms_there_are_and_what_is_not_ready() {
        let token = |made: &str, forms| TokenRow {
            made: made.to_owned(),
            signed: "yes".to_owned(),
            forms,
            ..TokenRow::default()
        };
        let mut view = TokensView { month: "2026-11".to_owned(), tokens: vec![token("printed", 2)] };
        assert_eq!(tokens_words(&view), "1 token on 2 forms.");
        view.tokens.push(token("", 1));
        assert_eq!(tokens_words(&view), "2 tokens on 3 forms. 1 is not ready for the bundle.");
        let facts = token_facts(&TokenRow {
            charge: "exempt".to_owned(),
            exemption: "0005".to_owned(),
            ..TokenRow::default()
        });
        assert!(facts.contains(&("Charge", "Exempt, code 0005".to_owned())));
    }

    #[test]
    fn an_earlier_supply_reaches_the_rules_with_its_day_in_england() {
        let one = shared::api::EarlierSupply {
            at: "2026-06-30T23:30:00Z".to_owned(),
            ingredients: "1|Salbutamol".to_owned(),
            ..shared::api::EarlierSupply::default()
        };
        let dayless = shared::api::EarlierSupply::default();
        let view = EarlierView { supplies: vec![one, dayless], ..EarlierView::default() };
        let read = for_the_rules(&view);
        assert_eq!((read.len(), read[0].day.to_string()), (1, "2026-07-01".to_owned()));
        assert_eq!(read[0].ingredients, "1|Salbutamol");
    }

    #[test]
    fn what_is_printed_says_what_is_wrong_with_it() {
        let entry = Entry {
            date: "2026-11-20".to_owned(),
            address: "1 Elm Road\nZettington".to_owned(),
            exception: "It happened".to_owned(),
            ..Entry::default()
        };
        let view = RegisterView { entries: vec![entry], ..RegisterView::default() };
        let row = register_rows(&view).remove(0);
        assert_eq!(
            (row.address.as_str(), row.remarks),
            ("1 Elm Road, Zettington", vec!["Exception".to_owned(), "It happened".to_owned()])
        );
        let kept = TokenRow { not_sent: "60 or over".to_owned(), ..TokenRow::default() };
        let tokens = TokensView { month: "2026-11".to_owned(), tokens: vec![kept, TokenRow::default()] };
        let rows = bundle_rows(&tokens);
        assert_eq!((rows[0].not_sent.as_str(), rows[0].open.as_str()), ("60 or over", ""));
        assert_eq!(rows[1].open, "Nobody has asked about the charge.");
    }

    #[test]
    fn whose_supplies_are_asked_for_is_what_this_device_knows() {
        let id = shared::ids::ConsultationId::from_bytes([1; 16]);
        let mut record = Consultation::new(id, &"FA123".parse().expect("a code"), "minor-illness@1", 0);
        record.patient.family_name = "Testerton".to_owned();
        record.patient.birth_date = "1944-05-11".to_owned();
        let asked = earlier_asked(&record);
        assert_eq!((asked.consultation, asked.name.as_str()), (id.to_string(), "TESTERTON"));
        assert_eq!((asked.nhs_number.as_str(), asked.birth_date.as_str()), ("", "1944-05-11"));
    }
}
