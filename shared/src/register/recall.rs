//! Everyone who was given a batch (practice 29).

use super::supplied::Supplied;
use serde::{Deserialize, Serialize};

/// One patient who was given something, and how to reach them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    pub consultation: String,
    /// Empty where nobody recorded one.
    pub batch: String,
    pub expiry: String,
    /// Name and dm+d code.
    pub product: String,
    pub code: String,
    pub quantity: String,
    pub patient: String,
    pub birth_date: String,
    pub nhs_number: String,
    pub address: String,
    pub phone: String,
    /// Who took it, when not the patient.
    pub collected_by: String,
    /// RFC 3339.
    pub when: String,
}

impl Given {
    pub fn of(supplied: &Supplied) -> Self {
        Self {
            consultation: supplied.consultation.clone(),
            batch: supplied.batch.clone(),
            expiry: supplied.expiry.clone(),
            product: supplied.name.clone(),
            code: supplied.code.clone(),
            quantity: supplied.amount(),
            patient: supplied.patient.clone(),
            birth_date: supplied.birth_date.clone(),
            nhs_number: supplied.nhs_number.clone(),
            address: supplied.address.clone(),
            phone: supplied.phone.clone(),
            collected_by: supplied.collected_by.clone(),
            when: supplied.supplied_at.clone(),
        }
    }
}

/// A batch as it is compared: letters and digits in capitals. Two people write `ab-12 3` and `AB123` off one box.
pub fn batch_key(batch: &str) -> String {
    batch.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Is this what a recall names? By dm+d code, or by every word of the name. Anything is, where nothing is named.
pub fn is_product(supplied: &Supplied, named: &str) -> bool {
    let named = named.trim().to_lowercase();
    let name = supplied.name.to_lowercase();
    let coded = !supplied.code.is_empty() && supplied.code == named;
    coded || named.split_whitespace().all(|word| name.contains(word))
}
