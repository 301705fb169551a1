//! The way to the NHS's own tracker website. It takes a prescription id or an NHS number, never both; neither an
//! address nor its history ever holds an NHS number.

use super::{Id, rules::rules};
use crate::patient::NhsNumber;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    Id(Id),
    Number(NhsNumber),
}

/// Where to go, and what to take along on the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Opened in another window. No NHS number is in it.
    pub address: String,
    /// Copied, to be pasted there; empty where the address says all.
    pub copied: String,
    /// What was copied, for the line under the button: `The NHS number`.
    pub what: &'static str,
}

/// The website's front page, for whoever has neither an id nor a number.
pub fn website() -> String {
    rules().tracker.website.clone()
}

/// The link for a search. The id stands in the address where the site is known to take it, and is copied where not.
pub fn link(by: &By) -> Link {
    build(&rules().tracker.website, &rules().tracker.id_parameter, by)
}

fn build(website: &str, id_parameter: &str, by: &By) -> Link {
    match by {
        By::Number(number) => {
            Link { address: website.to_owned(), copied: number.to_string(), what: "The NHS number" }
        }
        By::Id(id) if id_parameter.is_empty() => {
            Link { address: website.to_owned(), copied: id.short(), what: "The prescription id" }
        }
        By::Id(id) => {
            let separator = if website.contains('?') { '&' } else { '?' };
            Link {
                address: format!("{website}{separator}{id_parameter}={}", id.url_encoded()),
                copied: String::new(),
                what: "The prescription id",
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_nhs_number_is_never_in_an_address() {
        let number: NhsNumber = "9990523185".parse().expect("a number");
        for parameter in ["", "prescriptionId"] {
            let to = build("https://tracker.example", parameter, &By::Number(number.clone()));
            assert_eq!((to.address.as_str(), to.copied.as_str()), ("https://tracker.example", "9990523185"));
        }
    }

    #[test]
    fn an_id_is_copied_or_stands_encoded_in_the_address_and_never_beside_a_number() {
        let id = Id::parse("A3B4D9-Z42475-11E6B+").expect("an id");
        let copied = build("https://tracker.example", "", &By::Id(id.clone()));
        assert_eq!(
            (copied.address.as_str(), copied.copied.as_str()),
            ("https://tracker.example", "A3B4D9-Z42475-11E6B+")
        );
        let there = build("https://tracker.example?a=b", "prescriptionId", &By::Id(id));
        assert_eq!(there.address, "https://tracker.example?a=b&prescriptionId=A3B4D9-Z42475-11E6B%2B");
        assert_eq!(there.copied, "");
    }

    #[test]
    fn the_website_of_the_data_is_the_nhs_s_and_encrypted() {
        let to = link(&By::Id(Id::parse("A3B4D9-Z42475-11E6B+").expect("an id")));
        let host = to.address.strip_prefix("https://").and_then(|rest| rest.split('/').next());
        assert!(host.is_some_and(|host| host.ends_with(".nhs.uk")), "{}", to.address);
    }
}
