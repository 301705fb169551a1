//! What a patient pays for what was supplied on the NHS, and who need not: lists by date, one charge an item
//! (medicines.md 4.2, 4.3; practice 23).

mod due;
mod list;
mod reconcile;

#[cfg(test)]
mod tests;

pub(super) use due::confirmed;
pub use due::{AgeExempt, ChargeDue, ItemDue, age_exempt, birth_date, date_of, due, is_hrt, on_the_nhs};
pub use list::{
    Exemption, Price, confirmed_words, exemption, exemptions_on, free_code, in_pounds, is_confirmed, price_on,
};
pub use reconcile::reconcile;
