//! A referral to whom the patient is sent on, by secure e-mail: the letter as PDF, to a confirmed address alone.

use super::email::{Covering, with_letter};
use super::{NotPrepared, Preparing};
use crate::outbox::onward::{Recipient, recipient};
use crate::store::FrozenMessage;
use shared::letter::{Letterhead, onward_referral};

/// The referral of the record as it was signed.
pub async fn by_email(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let (pharmacy, onward) = (&preparing.sender.pharmacy, &preparing.signed.onward);
    if let Some(first_do) = preparing.signed.onward_waits_for() {
        return Err(NotPrepared::Held(format!("Held: {first_do} Amend the record and sign again.")));
    }
    let letterhead = Letterhead {
        name: &pharmacy.name,
        ods: pharmacy.ods.as_str(),
        address: &pharmacy.address,
        phone: &pharmacy.phone,
        email: preparing.app.mail.as_ref().map_or("", |mail| mail.from()),
    };
    let signature = Some(preparing.signature);
    let letter = onward_referral(preparing.summary, preparing.signed, &letterhead, signature);
    let letter = letter.ok_or_else(|| {
        NotPrepared::Held("Not sent: the patient does not want the record to go there.".to_owned())
    })?;
    let to = match recipient(preparing.app, &pharmacy.ods, onward).await? {
        Recipient::Confirmed(entry) => entry,
        Recipient::None(words) => return Err(NotPrepared::NextWay(words)),
    };
    let urgent = if onward.is_urgent() { "URGENT. " } else { "" };
    let text = [
        format!("{urgent}A referral of a patient by {} to {} is attached.", pharmacy.name, onward.name),
        "Please phone the pharmacy if you cannot take the patient.".to_owned(),
    ];
    let covering = Covering {
        letter: &letter,
        to: &to,
        subject: "Referral of a patient by a pharmacy",
        text: &text,
        name: "referral",
        in_reply_to: "",
        also: Vec::new(),
    };
    with_letter(preparing, covering).await
}

#[cfg(test)]
mod tests {
    use super::super::tests::Bench;
    use super::*;
    use crate::store::{AddressEntry, DeliveryKind};
    use shared::consultation::Onward;
    use shared::ids::OdsCode;
    use uuid::Uuid;

    async fn bench() -> Bench {
        let mut bench = Bench::new().await;
        bench.row.kind = DeliveryKind::OnwardReferral;
        bench.signed.onward = Onward {
            service: "dentist".into(),
            urgency: "routine".into(),
            ods: "V00001".into(),
            name: "Molar Street Dental Practice".into(),
            reason: "Broken tooth".into(),
            consent: "yes".into(),
            ..Onward::default()
        };
        bench
    }

    async fn knows(bench: &Bench, confirmed_at: Option<i64>) {
        let ods: OdsCode = "V00001".parse().expect("an ODS code");
        let entry = AddressEntry {
            id: Uuid::from_u128(77),
            pharmacy: bench.sender.pharmacy.ods.clone(),
            ods: Some(ods),
            kind: "other".into(),
            name: "Molar Street Dental Practice".into(),
            email: "molar.street@nhs.net".into(),
            phone: String::new(),
            note: String::new(),
            source: "screen".into(),
            code_hash: None,
            confirmed_at,
            confirmed_by: None,
            confirmed_with: String::new(),
            changed_at: 1,
        };
        bench.app.store.put_address(&entry).await.expect("written");
    }

    #[tokio::test]
    async fn a_referral_goes_to_the_confirmed_address_and_its_subject_names_nobody() {
        let bench = bench().await;
        knows(&bench, Some(1)).await;
        let message = bench.prepared().await.expect("a message");
        assert_eq!(message.target, "molar.street@nhs.net");
        assert!(message.subject.starts_with("Referral of a patient by a pharmacy, reference "));
        let all = String::from_utf8_lossy(&message.payload);
        for secret in ["Sample", "Siân", "9990548609", "SECRET", "Broken tooth"] {
            assert!(!all.contains(secret), "{secret} outside the PDF");
        }
        assert!(all.contains("referral-") && all.contains("application/pdf"));
    }

    #[tokio::test]
    async fn an_unconfirmed_address_is_passed_over_and_an_unagreed_referral_waits() {
        let mut bench = bench().await;
        knows(&bench, None).await;
        assert!(matches!(bench.prepared().await, Err(NotPrepared::NextWay(_))));
        knows(&bench, Some(1)).await;
        bench.signed.onward.urgency = "urgent".into();
        assert!(matches!(bench.prepared().await, Err(NotPrepared::Held(_))));
        bench.signed.onward.urgency = "routine".into();
        bench.signed.onward.consent = "no".into();
        assert!(matches!(bench.prepared().await, Err(NotPrepared::Held(_))));
    }
}
