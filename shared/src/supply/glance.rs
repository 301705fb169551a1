//! What a search hit says at once: may this be supplied in an emergency, and if not, why not.

use super::circumstances::Circumstances;
use super::maximum::Limit;
use super::review::facts;
use super::rules::Rules;
use crate::medicines::{Level, Product};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Up to the usual maximum, once everything has been asked.
    Yes,
    /// Less than usual, only for some patients, or not known from the dictionary alone.
    Limited,
    No,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    pub may_be_supplied: Verdict,
    /// Why not, or how much; `None` where there is nothing to add.
    pub words: Option<String>,
    /// Where the rule stands; empty where there is none.
    pub source: &'static str,
}

/// What the newest rules say of a product, before anything is known of the patient. Never more than [`super::review`]
/// would say later.
pub fn at_a_glance(product: &Product) -> Glance {
    let glance = |may_be_supplied, words: &str, source| Glance {
        may_be_supplied,
        words: (!words.is_empty()).then(|| words.to_owned()),
        source,
    };
    let Some(rules) = Rules::all().iter().max_by_key(|rules| rules.from) else {
        return glance(Verdict::No, "No rules are held.", "");
    };
    let line = product.to_line("");
    let circumstances = Circumstances { today: rules.from, ..Circumstances::default() };
    let (facts, maximum) = facts(&line, &circumstances, rules);
    let mut of_product = rules.refusals.iter().filter(|rule| rule.product);
    if let Some(rule) = of_product.find(|rule| facts.holds(&rule.when) == Some(true)) {
        return glance(Verdict::No, &rule.words, &rule.source);
    }
    if product.level == Level::Vtm {
        return glance(Verdict::Limited, "Choose strength and form.", "");
    }
    let mut usual = rules.maxima.iter().filter(|rule| matches!(rule.limit, Limit::Days(_)));
    let usual = usual.next_back().map(|rule| rule.limit);
    match maximum {
        None => glance(Verdict::Limited, "The dictionary does not say enough: you are asked.", ""),
        Some(maximum) => {
            let asks = facts
                .put
                .iter()
                .any(|put| rules.product_questions.iter().any(|question| question.id == put.question.id));
            let certain = !asks && Some(maximum.limit) == usual;
            let verdict = if certain { Verdict::Yes } else { Verdict::Limited };
            glance(verdict, maximum.words, maximum.source)
        }
    }
}
