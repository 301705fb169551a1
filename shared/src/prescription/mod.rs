//! Prescriptions, charges and exemptions: ids, what trackers answer, who pays what and who need not.
