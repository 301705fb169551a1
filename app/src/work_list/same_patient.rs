//! Whether two entries are of one patient: one rule for lists and for the consultation (practice 6, 18).

use shared::consultation::{self, WorkListRow};

/// What a patient is told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    nhs_number: String,
    /// `FAMILY, Given`.
    name: String,
    birth_date: String,
}

impl Patient {
    pub fn listed(row: &WorkListRow) -> Self {
        Self {
            nhs_number: row.nhs_number.clone(),
            name: row.patient_name.clone(),
            birth_date: row.birth_date.clone(),
        }
    }

    pub fn recorded(patient: &consultation::Patient) -> Self {
        Self {
            nhs_number: patient.nhs_number.clone(),
            name: patient.list_name(),
            birth_date: patient.birth_date.clone(),
        }
    }

    /// By NHS number where both have one; else by name and date of birth, when both are known. Nothing is copied,
    /// since a whole list is asked.
    pub fn is_of(&self, row: &WorkListRow) -> bool {
        if !self.nhs_number.is_empty() && !row.nhs_number.is_empty() {
            return self.nhs_number == row.nhs_number;
        }
        let known = !self.name.is_empty() && !self.birth_date.is_empty();
        known
            && self.birth_date == row.birth_date
            && self.name.to_lowercase() == row.patient_name.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(nhs_number: &str, name: &str, birth_date: &str) -> WorkListRow {
        WorkListRow {
            nhs_number: nhs_number.to_owned(),
            patient_name: name.to_owned(),
            birth_date: birth_date.to_owned(),
            ..WorkListRow::default()
        }
    }

    #[test]
    fn two_numbers_decide_and_without_them_name_and_birth_date_together() {
        let hettie = Patient::listed(&row("9990548609", "WINTERS, Hettie", "1952-03-04"));
        assert!(hettie.is_of(&row("9990548609", "WINTER, H", "")));
        assert!(!hettie.is_of(&row("9990548706", "WINTERS, Hettie", "1952-03-04")));
        assert!(hettie.is_of(&row("", "Winters, Hettie", "1952-03-04")));
        assert!(!hettie.is_of(&row("", "WINTERS, Hettie", "")));
        assert!(!Patient::listed(&row("", "", "")).is_of(&row("", "", "")));
    }
}
