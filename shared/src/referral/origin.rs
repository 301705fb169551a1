//! From whom a referral comes, and which of it a person may write down.

/// Channels of the records that people make on a device (`Referral::channel`). Every other one says that this server
/// took a message, which only the server can say.
pub const PERSONS_CHANNELS: [&str; 3] = ["walkin", "phone", "email"];

/// Who refers to a pharmacy: `Referral::referrer_type` as the record keeps it, and what people read
/// (Pharmacy First service specification).
pub const REFERRER_TYPES: [(&str, &str); 8] = [
    ("GP", "GP practice"),
    ("NHS111", "NHS 111"),
    ("IUC_CAS", "Clinical assessment service (111 clinicians)"),
    ("OOH", "GP out of hours"),
    ("UTC", "Urgent treatment centre"),
    ("ED", "Emergency department"),
    ("999", "Ambulance service (999)"),
    ("PHARMACY", "Another pharmacy"),
];

/// Urgent medicine supply is commissioned for referrals from NHS 111, urgent and emergency care, not for those from
/// general practice (Pharmacy First service specification): whoever takes one down is told.
pub fn supply_is_unusual(strand: &str, referrer_type: &str) -> bool {
    strand == "UMS" && referrer_type == "GP"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_supply_that_a_practice_asks_for_is_unusual() {
        assert!(supply_is_unusual("UMS", "GP"));
        assert!(!supply_is_unusual("UMS", "NHS111") && !supply_is_unusual("MI", "GP"));
    }
}
