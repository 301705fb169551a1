//! The audit log's stable words, as people read them.

/// Every action this program writes, with its words.
const WORDS: &[(&str, &str)] = &[
    ("access-set", "Set when somebody’s access ends"),
    ("address-book-imported", "Imported an address book"),
    ("address-changed", "Wrote an address into the address book"),
    ("address-confirmed", "Confirmed an address in the address book"),
    ("address-proposed", "Took an address from the Directory of Services as a proposal"),
    ("address-removed", "Removed an address from the address book"),
    ("address-tested", "Sent a test message to an address"),
    ("alert-addresses-set", "Set where the pharmacy is alerted"),
    ("audit-chain-begun", "The log’s chain began"),
    ("audit-exported", "Exported the audit log"),
    ("audit-read", "Read the audit log"),
    ("authorisation-filed", "Filed a PGD authorisation"),
    ("authorisation-withdrawn", "Withdrew a PGD authorisation"),
    ("backed-up", "Made a backup"),
    ("certificate-read", "Opened a certificate"),
    ("checked-exemption", "Checked an exemption from charges"),
    ("checked-number-with-pds", "Checked the NHS number with PDS"),
    ("claim-evidence-printed", "Printed the evidence behind a month’s claims"),
    ("claim-month-read", "Read a month’s claims"),
    ("claim-month-told", "Said what Manage Your Service shows of a month"),
    ("contact-limit-set", "Set how long devices may be without contact"),
    ("copied-nhs-number", "Copied the NHS number"),
    ("delivery-done", "Marked a message as done by hand"),
    ("delivery-next-way", "Sent a message another way"),
    ("delivery-retried", "Sent a message again"),
    ("device-added", "Added a device"),
    ("device-log-taken", "Took what a removed device had not sent"),
    ("device-renamed", "Renamed a device"),
    ("device-revoked", "Removed a device"),
    ("dmd-imported", "Imported a release of the dictionary of medicines"),
    ("earlier-supplies-read", "Looked at a patient’s earlier supplies"),
    ("enrolled", "Enrolled"),
    ("enrolled-by-cis2", "Enrolled by CIS2"),
    ("evidence-filed", "Filed evidence of competence"),
    ("evidence-withdrawn", "Withdrew evidence of competence"),
    ("exported-consultation", "Exported a consultation"),
    ("fetched-consultation", "Fetched a consultation"),
    ("gphc-checked", "Checked a GPhC number against the register"),
    ("invitation-withdrawn", "Withdrew an invitation"),
    ("invited", "Invited somebody"),
    ("it-failure-reported", "Made the report of a failure of IT"),
    ("joined", "Joined the pharmacy"),
    ("joined-by-cis2", "Joined the pharmacy by CIS2"),
    ("legal-hold", "Placed a legal hold"),
    ("legal-hold-ended", "Ended a legal hold"),
    ("linked-to-cis2", "Linked to CIS2"),
    ("listed-consultations", "Listed consultations"),
    ("log-after-restore", "The log goes on after a restore"),
    ("looked-at-set-aside", "Looked at what was set aside"),
    ("looked-for-prescriptions", "Looked for a patient’s prescriptions"),
    ("looked-up-patient", "Looked a patient up"),
    ("opened-consultation", "Opened a consultation"),
    ("opened-history", "Opened a consultation’s history"),
    ("opened-ncrs", "Opened the National Care Records Service"),
    ("opened-tracker", "Opened the prescription tracker’s website"),
    ("outbox-released", "Released the messages held after a restore"),
    ("passkey-added", "Added a passkey"),
    ("passkey-removed", "Removed a passkey"),
    ("passkey-renamed", "Renamed a passkey"),
    ("person-removed", "Removed somebody"),
    ("pharmacy-set", "Set what is known of the pharmacy"),
    ("pom-register-read", "Read the register of prescription-only medicines"),
    ("practice-routes-set", "Set by which ways a practice is told"),
    ("printed", "Printed"),
    ("quarantine-closed", "Closed what was set aside"),
    ("quarantine-released", "Released what was set aside"),
    ("recall-searched", "Searched for everyone given a batch"),
    ("record-destroyed", "Destroyed a record"),
    ("records-exported", "Exported signed consultations"),
    ("referral-read-back", "The sender of a referral read it back"),
    ("register-imported", "Imported a register"),
    ("responsible-pharmacist-named", "Named the responsible pharmacist"),
    ("restored", "Restored a backup"),
    ("searched-patient-in-pds", "Searched for the patient in PDS"),
    ("sign-in-refused", "A sign-in was refused"),
    ("signed", "Signed a consultation"),
    ("signed-in", "Signed in"),
    ("signed-in-with-cis2", "Signed in with CIS2"),
    ("signed-out", "Signed out"),
    ("signed-out-by-cis2", "Signed out by CIS2"),
    ("started-without-evidence", "Started a service without evidence of competence"),
    ("stepped-up-with-cis2", "Signed in with CIS2 as well"),
    ("tokens-read", "Read the tokens of a month"),
    ("vault-key-returned", "Got a device’s key back"),
    ("vault-key-taken-over", "Got a device’s key back, as somebody who had one there"),
    ("waiting-listed", "Listed messages that wait for a person"),
    ("waiting-original-read", "Opened a waiting message as it came"),
    ("waiting-read", "Read a waiting message"),
    ("waiting-settled", "Said what a waiting message is"),
];

/// An action in words; one that another release writes is shown as it is.
pub fn in_words(action: &str) -> String {
    match WORDS.binary_search_by_key(&action, |(known, _)| known) {
        Ok(place) => WORDS[place].1.to_owned(),
        Err(_) => action.replace('-', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_in_its_place() {
        assert!(WORDS.is_sorted_by_key(|(action, _)| action));
        assert_eq!(in_words("signed-in"), "Signed in");
        assert_eq!(in_words("looked-at-stars"), "looked at stars");
    }
}
