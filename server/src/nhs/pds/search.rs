//! A search as PDS takes it (PDS FHIR API, patient-search): which parameters, and the smallest sets of them.

use shared::api::LookUpDetails;
use shared::patient::Postcode;

/// What a worker may be given at most.
const MOST: &str = "50";

/// Query parameters that satisfy PDS; there is no other way to one than through a check of what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search(Vec<(&'static str, String)>);

impl Search {
    /// As a healthcare worker searches, exactly or fuzzily. The error is what to tell whoever typed it.
    pub fn by_worker(details: &LookUpDetails) -> Result<Self, String> {
        if let Some(problem) = details.problem() {
            return Err(problem);
        }
        let mut query = Vec::new();
        push(&mut query, "family", details.family_name.trim());
        for given in details.given_name.split_whitespace() {
            push(&mut query, "given", given);
        }
        push(&mut query, "gender", &details.sex);
        query.push(("birthdate", format!("eq{}", details.birth_date.trim())));
        if let Ok(postcode) = details.postcode.parse::<Postcode>() {
            push(&mut query, "address-postalcode", postcode.as_str());
        }
        if details.fuzzy {
            push(&mut query, "_fuzzy-match", "true");
        }
        push(&mut query, "_max-results", MOST);
        Ok(Self(query))
    }

    /// The search that PDS advises for one unique match in application-restricted mode: the beginnings of given name
    /// and postcode, and former names and addresses as well. `None` where too little is known.
    pub fn unique(details: &LookUpDetails) -> Option<Self> {
        let exact = LookUpDetails { fuzzy: false, sex: String::new(), ..details.clone() };
        let known = exact.problem().is_none();
        let given = exact.given_name.split_whitespace().next().unwrap_or_default();
        let postcode: Postcode = exact.postcode.parse().ok()?;
        if !known || given.is_empty() {
            return None;
        }
        let mut query = Vec::new();
        push(&mut query, "family", exact.family_name.trim());
        let beginning: String = given.chars().take(3).collect();
        // PDS takes no wild card among the first two characters.
        let wild = if beginning.chars().count() < 2 { beginning } else { format!("{beginning}*") };
        push(&mut query, "given", &wild);
        query.push(("birthdate", format!("eq{}", exact.birth_date.trim())));
        query.push(("address-postalcode", format!("{}*", &postcode.as_str()[..2])));
        push(&mut query, "_history", "true");
        push(&mut query, "_max-results", "1");
        Some(Self(query))
    }

    pub(super) fn query(&self) -> &[(&'static str, String)] {
        &self.0
    }
}

fn push(query: &mut Vec<(&'static str, String)>, name: &'static str, value: &str) {
    if !value.is_empty() {
        query.push((name, value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details() -> LookUpDetails {
        LookUpDetails {
            family_name: "Samplewick".into(),
            given_name: "Obadiah".into(),
            birth_date: "1968-09-23".into(),
            postcode: "zz993vz".into(),
            ..LookUpDetails::default()
        }
    }

    fn text(search: &Search) -> String {
        search.query().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    #[test]
    fn a_worker_searches_with_what_was_typed() {
        assert_eq!(
            text(&Search::by_worker(&details()).expect("enough")),
            "family=Samplewick&given=Obadiah&birthdate=eq1968-09-23&address-postalcode=ZZ99 3VZ&_max-results=50"
        );
    }

    #[test]
    fn a_unique_match_is_searched_for_as_pds_advises() {
        assert_eq!(
            text(&Search::unique(&details()).expect("enough")),
            "family=Samplewick&given=Oba*&birthdate=eq1968-09-23&address-postalcode=ZZ*&_history=true&_max-results=1"
        );
    }

    #[test]
    fn a_unique_match_is_not_searched_for_with_too_little() {
        for without in [
            LookUpDetails { postcode: String::new(), ..details() },
            LookUpDetails { given_name: String::new(), ..details() },
            LookUpDetails { birth_date: "1968".into(), ..details() },
            LookUpDetails { family_name: " ".into(), ..details() },
        ] {
            assert_eq!(Search::unique(&without), None);
        }
    }

    #[test]
    fn two_given_names_are_two() {
        let two = LookUpDetails { given_name: "Mary  Ann".into(), ..details() };
        assert!(text(&Search::by_worker(&two).expect("enough")).contains("given=Mary&given=Ann&"));
    }
}
