//! `Label: value` lines, read into fields. Table-driven: what no label names stays in the text, and nothing is guessed.

use jiff::civil::Date;
use shared::api::WaitingField;
use shared::ids::OdsCode;
use shared::patient::{NhsNumber, Postcode};
use std::collections::BTreeMap;

/// What may stand before the colon, in small letters, and which field it names. As seen on practices' own forms; there
/// is no published list.
const LABELS: [(&str, &str); 79] = [
    ("patient name", "name"),
    ("name of patient", "name"),
    ("patient's name", "name"),
    ("patient full name", "name"),
    ("full name", "name"),
    ("name", "name"),
    ("patient", "name"),
    ("surname", "family_name"),
    ("family name", "family_name"),
    ("last name", "family_name"),
    ("patient surname", "family_name"),
    ("forename", "given_name"),
    ("forenames", "given_name"),
    ("first name", "given_name"),
    ("first names", "given_name"),
    ("given name", "given_name"),
    ("patient forename", "given_name"),
    ("dob", "birth_date"),
    ("d.o.b", "birth_date"),
    ("d.o.b.", "birth_date"),
    ("date of birth", "birth_date"),
    ("birth date", "birth_date"),
    ("patient dob", "birth_date"),
    ("patient date of birth", "birth_date"),
    ("sex", "sex"),
    ("gender", "sex"),
    ("nhs number", "nhs_number"),
    ("nhs no", "nhs_number"),
    ("nhs no.", "nhs_number"),
    ("nhs num", "nhs_number"),
    ("nhs", "nhs_number"),
    ("patient nhs number", "nhs_number"),
    ("address", "address"),
    ("patient address", "address"),
    ("home address", "address"),
    ("postcode", "postcode"),
    ("post code", "postcode"),
    ("patient postcode", "postcode"),
    ("phone", "phone"),
    ("telephone", "phone"),
    ("tel", "phone"),
    ("mobile", "phone"),
    ("phone number", "phone"),
    ("telephone number", "phone"),
    ("contact number", "phone"),
    ("mobile number", "phone"),
    ("patient phone", "phone"),
    ("patient telephone", "phone"),
    ("patient contact number", "phone"),
    ("gp practice", "gp_name"),
    ("registered practice", "gp_name"),
    ("registered gp practice", "gp_name"),
    ("surgery", "gp_name"),
    ("practice", "gp_name"),
    ("practice name", "gp_name"),
    ("practice code", "gp_ods"),
    ("practice ods code", "gp_ods"),
    ("gp practice code", "gp_ods"),
    ("ods code", "gp_ods"),
    ("presenting complaint", "complaint"),
    ("presenting problem", "complaint"),
    ("complaint", "complaint"),
    ("symptoms", "complaint"),
    ("condition", "complaint"),
    ("reason for referral", "complaint"),
    ("reason for referring", "complaint"),
    ("referral reason", "complaint"),
    ("referring organisation", "referrer_name"),
    ("referring practice", "referrer_name"),
    ("referred by", "referrer_person"),
    ("referring clinician", "referrer_person"),
    ("referrer", "referrer_person"),
    ("referrer contact", "referrer_contact"),
    ("practice telephone", "referrer_contact"),
    ("case reference", "case_reference"),
    ("case reference number", "case_reference"),
    ("case number", "case_reference"),
    ("disposition", "disposition"),
    ("disposition code", "disposition"),
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The most lines that are looked at.
const MOST_LINES: usize = 2000;
/// A longer value is a paragraph, which only a complaint may be.
const LONGEST_VALUE: usize = 300;

/// What was read, and what whoever reads it should know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Read {
    pub fields: Vec<WaitingField>,
    pub notes: Vec<String>,
}

/// Reads the fields out of a text. `today`, in England, bounds dates of birth.
pub fn read_fields(text: &str, today: Date) -> Read {
    let mut said: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let lines: Vec<&str> = text.lines().take(MOST_LINES).map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((field, value)) = labelled(line) else { continue };
        let value = if value.is_empty() { below(&lines, at) } else { value };
        if !value.is_empty() && (value.len() <= LONGEST_VALUE || field == "complaint") {
            said.entry(field).or_default().push(value.to_owned());
        }
    }
    let mut read = Read::default();
    for (field, values) in said {
        let mut values: Vec<Vec<WaitingField>> = values
            .iter()
            .map(|value| understood(field, value, today))
            .filter(|read| !read.is_empty())
            .collect();
        values.dedup();
        match values.len() {
            0 => {}
            1 => read.fields.extend(values.remove(0)),
            // Which of them is right, only a person can say.
            _ => read.notes.push(format!("It gives more than one {}: none was taken over.", words(field))),
        }
    }
    settle(&mut read);
    read
}

/// What was taken out of something longer gives way to what stands under its own label.
fn settle(read: &mut Read) {
    let sure: Vec<String> =
        read.fields.iter().filter(|field| field.sure).map(|field| field.field.clone()).collect();
    read.fields.retain(|field| field.sure || !sure.contains(&field.field));
}

fn words(field: &str) -> String {
    match field {
        "nhs_number" => "NHS number".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Field and value of a line that begins with a known label.
fn labelled(line: &str) -> Option<(&'static str, &str)> {
    let line = line.trim_start_matches(['-', '*', '•', '>', ' ', '\t']);
    let (label, value) = line.split_once([':', '\t', '='])?;
    if label.len() > 40 {
        return None;
    }
    let label = label.to_lowercase().replace(['*', '_'], "");
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, field) = LABELS.iter().find(|(known, _)| *known == label)?;
    Some((field, value.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '_')))
}

/// The next line, of a label that stands alone, unless that has a label of its own.
fn below<'a>(lines: &[&'a str], at: usize) -> &'a str {
    let next = lines.get(at + 1).copied().unwrap_or_default();
    if next.contains(':') || labelled(next).is_some() { "" } else { next }
}

fn one(field: &str, value: String, sure: bool) -> WaitingField {
    WaitingField { field: field.to_owned(), value, sure }
}

/// The value as the record would hold it; nothing where it is not what its label says.
fn understood(field: &'static str, value: &str, today: Date) -> Vec<WaitingField> {
    let tidy = || value.split_whitespace().collect::<Vec<_>>().join(" ");
    let read = match field {
        "name" => return name(&tidy()),
        "address" => return address(&tidy()),
        "birth_date" => birth_date(value).filter(|date| *date <= today).map(|date| date.to_string()),
        "sex" => sex(value).map(str::to_owned),
        "nhs_number" => value.parse::<NhsNumber>().ok().map(String::from),
        "postcode" => value.parse::<Postcode>().ok().map(String::from),
        "phone" | "referrer_contact" => phone(value),
        "gp_ods" => practice_code(value),
        "case_reference" => case_reference(value),
        "disposition" => disposition(value),
        _ => Some(tidy()),
    };
    read.into_iter().map(|value| one(field, value, true)).collect()
}

/// `WINTERS, Hettie` and `Mrs Hettie WINTERS` say which part is the family name; `Hettie Winters` leaves it to be
/// checked.
fn name(value: &str) -> Vec<WaitingField> {
    const TITLES: [&str; 9] = ["mr", "mrs", "miss", "ms", "mx", "dr", "master", "rev", "sir"];
    let letters = |text: &str| text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_numeric);
    if !letters(value) {
        return Vec::new();
    }
    if let Some((family, given)) = value.split_once(',') {
        let given: Vec<&str> = given
            .split_whitespace()
            .filter(|word| !TITLES.contains(&word.trim_matches(['.', '(', ')']).to_lowercase().as_str()))
            .collect();
        return vec![
            one("family_name", family.trim().to_owned(), true),
            one("given_name", given.join(" "), true),
        ];
    }
    let mut parts: Vec<&str> = value.split(' ').collect();
    if parts.len() > 1 && TITLES.contains(&parts[0].trim_end_matches('.').to_lowercase().as_str()) {
        parts.remove(0);
    }
    let Some(last) = parts.pop() else { return Vec::new() };
    let is_shouted = |word: &str| word.chars().all(|c| !c.is_lowercase()) && word.chars().count() > 1;
    let told_apart = is_shouted(last) && parts.iter().all(|part| !is_shouted(part)) && !parts.is_empty();
    let mut read = vec![one("family_name", last.to_owned(), told_apart)];
    if !parts.is_empty() {
        read.push(one("given_name", parts.join(" "), told_apart));
    }
    read
}

/// An address that ends in a postcode says that, too.
fn address(value: &str) -> Vec<WaitingField> {
    let value = value.trim_end_matches(['.', ',']);
    let mut words = value.rsplitn(3, [' ', ',']);
    let (last, before) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut read = vec![one("address", value.to_owned(), true)];
    if let Ok(postcode) = format!("{before} {last}").parse::<Postcode>().or_else(|_| last.parse()) {
        read.push(one("postcode", String::from(postcode), false));
    }
    read
}

/// `4/3/1952`, `04-03-1952`, `4 March 1952`, `1952-03-04`. A year of two digits is not taken: it may be two years.
fn birth_date(value: &str) -> Option<Date> {
    let parts: Vec<&str> =
        value.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).take(4).collect();
    let [first, second, third, ..] = parts.as_slice() else { return None };
    let day_of = |text: &str| text.trim_end_matches(|c: char| c.is_alphabetic()).parse::<i8>().ok();
    let month_of = |text: &str| match text.get(..3) {
        Some(letters) if text.chars().all(char::is_alphabetic) => {
            let place = MONTHS.iter().position(|month| letters.eq_ignore_ascii_case(month))?;
            i8::try_from(place + 1).ok()
        }
        _ => text.parse::<i8>().ok(),
    };
    let year_of = |text: &str| text.parse::<i16>().ok().filter(|year| text.len() == 4 && *year > 1850);
    let (year, month, day) = match year_of(first) {
        Some(year) => (year, month_of(second)?, day_of(third)?),
        None => (year_of(third)?, month_of(second)?, day_of(first)?),
    };
    Date::new(year, month, day).ok()
}

fn sex(value: &str) -> Option<&'static str> {
    match value.trim().to_lowercase().as_str() {
        "m" | "male" | "man" | "boy" => Some("male"),
        "f" | "female" | "woman" | "girl" => Some("female"),
        "other" | "indeterminate" => Some("other"),
        _ => None,
    }
}

fn phone(value: &str) -> Option<String> {
    let kept: String = value.chars().filter(|c| c.is_ascii_digit() || matches!(c, '+' | ' ')).collect();
    let digits = kept.chars().filter(char::is_ascii_digit).count();
    let only_a_number = value.chars().all(|c| c.is_ascii_digit() || " +()-.".contains(c));
    (only_a_number && (10..=15).contains(&digits))
        .then(|| kept.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A letter and five digits (ODS).
fn practice_code(value: &str) -> Option<String> {
    let code = value.trim().to_uppercase();
    let digits = code.strip_prefix(|c: char| c.is_ascii_uppercase())?;
    let fits = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    (fits && code.parse::<OdsCode>().is_ok()).then_some(code)
}

/// Short numbers are no case reference: too many cases would share one.
fn case_reference(value: &str) -> Option<String> {
    let fits = (6..=40).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/.".contains(&byte))
        && value.bytes().any(|byte| byte.is_ascii_digit());
    fits.then(|| value.to_owned())
}

fn disposition(value: &str) -> Option<String> {
    let words = value.split(|c: char| !c.is_ascii_alphanumeric());
    let mut codes = words.filter_map(|word| {
        let digits = word.strip_prefix("Dx").or_else(|| word.strip_prefix("DX"))?;
        let fits = (2..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| format!("Dx{digits}"))
    });
    codes.next()
}
