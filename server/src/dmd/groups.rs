//! Which group of regulation 225 a product belongs to, by the rules of `groups.toml`.

use serde::Deserialize;
use shared::medicines::Group;
use std::collections::BTreeSet;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for people, and checked to be there")]
    source: String,
    #[expect(dead_code, reason = "for people, and checked to be there")]
    date: String,
    #[expect(dead_code, reason = "for people, and checked to be there")]
    verified: bool,
    rule: Vec<Rule>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Rule {
    group: String,
    form_routes: Vec<String>,
    any_substance: Vec<String>,
    substances: Option<usize>,
    other: Vec<String>,
    names: Vec<String>,
    bnf: Vec<String>,
}

static RULES: LazyLock<Vec<(Group, Rule)>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("groups.toml")).expect("the groups' own file, which a test reads");
    let group = |code: &str| Group::ALL.into_iter().find(|group| group.code() == code);
    file.rule.into_iter().filter_map(|rule| Some((group(&rule.group)?, rule))).collect()
});

/// What is known of a virtual product that decides its groups.
#[derive(Debug, Clone, Default)]
pub struct Described<'a> {
    pub name: &'a str,
    /// ONT_FORM_ROUTE: `tablet.oral`.
    pub form_routes: Vec<&'a str>,
    /// Names of its ingredient substances; bases are not counted as others.
    pub substances: Vec<&'a str>,
    /// Empty where it is not known.
    pub bnf: &'a str,
}

/// The groups of a virtual product; its brands have the same.
pub fn of(product: &Described<'_>) -> BTreeSet<Group> {
    RULES.iter().filter(|(_, rule)| rule.matches(product)).map(|(group, _)| *group).collect()
}

fn begins(text: &str, beginning: &str) -> bool {
    text.as_bytes()
        .get(..beginning.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
}

fn is_form_route(word: &str, pattern: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => word.ends_with(end),
        (None, Some(start)) => word.starts_with(start),
        (None, None) => word == pattern,
    }
}

impl Rule {
    fn matches(&self, product: &Described<'_>) -> bool {
        let route = |word: &&str| self.form_routes.iter().any(|pattern| is_form_route(word, pattern));
        let with = |list: &[String], text: &str| list.iter().any(|beginning| begins(text, beginning));
        let named = |substance: &&&str| with(&self.any_substance, substance);
        (self.form_routes.is_empty() || product.form_routes.iter().any(route))
            && (self.any_substance.is_empty() || product.substances.iter().any(|one| named(&one)))
            && self.substances.is_none_or(|count| product.substances.len() == count)
            && (self.other.is_empty()
                || product.substances.iter().filter(|one| !named(one)).any(|one| with(&self.other, one)))
            && (self.names.is_empty() || with(&self.names, product.name))
            && (self.bnf.is_empty() || with(&self.bnf, product.bnf))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(name: &str, form_route: &str, substances: &[&str], bnf: &str) -> Vec<&'static str> {
        let product = Described { name, form_routes: vec![form_route], substances: substances.to_vec(), bnf };
        of(&product).into_iter().map(Group::code).collect()
    }

    #[test]
    fn every_rule_names_a_group_and_says_something() {
        let file: File = toml::from_str(include_str!("groups.toml")).expect("read");
        assert_eq!(file.rule.len(), RULES.len(), "a group that there is not");
        for (group, rule) in RULES.iter() {
            let says = [&rule.form_routes, &rule.any_substance, &rule.names, &rule.bnf];
            assert!(says.iter().any(|list| !list.is_empty()), "{group:?}");
        }
        for group in Group::ALL {
            assert!(RULES.iter().any(|(of, _)| *of == group), "{group:?}");
        }
    }

    #[test]
    fn a_product_is_in_the_groups_that_regulation_225_gives_a_maximum() {
        let inhalation = "pressurizedinhalation.inhalation";
        assert_eq!(
            groups("Salbutamol 100micrograms/dose inhaler", inhalation, &["Salbutamol"], ""),
            ["inhaler"]
        );
        assert_eq!(
            groups("Hydrocortisone 1% cream", "cream.cutaneous", &["Hydrocortisone"], ""),
            ["topical"]
        );
        let insulin = ["Insulin glargine"];
        assert_eq!(groups("Insulin glargine", "solutioninjection.subcutaneous", &insulin, ""), ["insulin"]);
        let suspension = "suspension.oral";
        assert_eq!(groups("Amoxicillin", suspension, &["Amoxicillin trihydrate"], ""), ["liquid-antibiotic"]);
        assert_eq!(groups("Zelvoxin", suspension, &["Zelvoxin"], "0501010"), ["liquid-antibiotic"]);
        assert_eq!(groups("Amoxicillin", "capsule.oral", &["Amoxicillin trihydrate"], "0501013B0"), [""; 0]);
        assert_eq!(groups("Paracetamol", suspension, &["Paracetamol"], "0407010"), [""; 0]);
        let sodium = ["Phenobarbital sodium"];
        assert_eq!(groups("Phenobarbital", "tablet.oral", &sodium, ""), ["phenobarbital"]);
    }

    #[test]
    fn a_hormone_is_a_contraceptive_only_where_it_is_used_as_one() {
        let tablet = "tablet.oral";
        let combined = ["Ethinylestradiol", "Levonorgestrel"];
        assert_eq!(groups("Combined", tablet, &combined, ""), ["oral-contraceptive"]);
        assert_eq!(
            groups("Desogestrel 75microgram tablets", tablet, &["Desogestrel"], ""),
            ["oral-contraceptive"]
        );
        let progestogen = ["Norethisterone"];
        let mini = "Norethisterone 350microgram tablets";
        assert_eq!(groups(mini, tablet, &progestogen, ""), ["oral-contraceptive"]);
        assert_eq!(groups("Norethisterone 5mg tablets", tablet, &progestogen, ""), [""; 0]);
        assert_eq!(groups("Ethinylestradiol", tablet, &["Ethinylestradiol"], ""), [""; 0]);
        let replacement = ["Estradiol", "Drospirenone"];
        assert_eq!(groups("Estradiol / Drospirenone", tablet, &replacement, ""), [""; 0]);
    }
}
