//! The emergency-supply message, where it is switched on and what was supplied is known by its codes.

use super::letter::replaces_this_way;
use super::mesh::{addressee, frozen, mailbox_for, pharmacist, pharmacy};
use super::{NotPrepared, Preparing};
use crate::nhs::emergency_supply::{EmergencySupply, WORKFLOW, compose};
use crate::nhs::gp_connect::{Addressee, Supply};
use crate::store::{FrozenMessage, Route};
use shared::time::read;

/// The notice to the patient's practice.
pub async fn gp_notice(preparing: &Preparing<'_>) -> Result<FrozenMessage, NotPrepared> {
    let next = |words: &str| Err(NotPrepared::NextWay(words.to_owned()));
    if !preparing.sender.switched_on.contains(&Route::EmergencySupply) {
        return next("The emergency-supply message is not switched on here.");
    }
    if preparing.summary.gp_notice_stopped {
        let words = "Not sent: the patient does not want the practice told.";
        return Err(NotPrepared::Held(words.to_owned()));
    }
    if preparing.signed.pathway.split('@').next() != Some("urgent-medicine-supply") {
        return next("The emergency-supply message tells of urgent medicine supply only.");
    }
    let supplies: Option<Vec<Supply>> = preparing.summary.supplied.iter().map(Supply::of).collect();
    // One line that cannot travel as a code would be missing from the practice's record.
    let Some(supplies) = supplies.filter(|supplies| !supplies.is_empty()) else {
        return next(
            "What was supplied is not recorded with its codes, which the emergency-supply message needs.",
        );
    };
    if preparing.signed.patient.gp_ods.trim().is_empty() {
        return next("It is not known which practice the patient is registered with.");
    }
    let gphc = pharmacist(preparing)?;
    // MESH's routing to the registered practice is not published for this workflow (MESH, enabled workflows).
    let mailbox = mailbox_for(preparing, WORKFLOW).await?;
    let signed_at = read(&preparing.signature.at).unwrap_or(preparing.row.created_at);
    let composed = compose(&EmergencySupply {
        consultation: preparing.row.consultation.0,
        amendment: preparing.signature.amendment,
        replaces: replaces_this_way(preparing.row, preparing.others),
        addressee: mailbox.as_deref().map_or_else(|| addressee(preparing), Addressee::Mailbox),
        pharmacy: pharmacy(preparing),
        pharmacy_address: &preparing.sender.pharmacy.address,
        pharmacist: gphc.named(&preparing.signature.name),
        patient: &preparing.signed.patient,
        summary: preparing.summary,
        supplies: &supplies,
        seen_at: read(&preparing.signed.visit.started_at).unwrap_or(signed_at),
        signed_at,
    });
    composed.map(|message| frozen(message, WORKFLOW)).map_err(|held| NotPrepared::Held(held.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Bench, consultation};
    use super::*;
    use crate::nhs::gp_connect::supplied_line as line;
    use crate::nhs::mesh::Simulator;
    use shared::consultation::Medicine;

    async fn bench(on: &str) -> Bench {
        bench_with(&[("emergency_supply", on)]).await
    }

    async fn bench_with(settings: &[(&str, &str)]) -> Bench {
        let mut bench = Bench::with(settings).await;
        bench.row.route = Route::EmergencySupply;
        bench.signed = consultation("urgent-medicine-supply@1");
        let line = Medicine { supply_type: "emergency-supply".to_owned(), ..line() };
        bench.signed.medicines.insert("1".to_owned(), line);
        bench
    }

    fn next_way(answer: &Result<FrozenMessage, NotPrepared>, words: &str) -> bool {
        matches!(answer, Err(NotPrepared::NextWay(said)) if said.contains(words))
    }

    #[tokio::test]
    async fn it_is_not_sent_unless_it_is_switched_on() {
        assert!(next_way(&bench("false").await.prepared().await, "not switched on"));
    }

    #[tokio::test]
    async fn what_was_supplied_by_its_codes_goes_to_the_practice() {
        let frozen = bench("true").await.prepared().await.expect("a message");
        assert_eq!(frozen.workflow, "DIGMED_EMG_MED");
        assert!(!frozen.subject.contains("Sample"), "{}", frozen.subject);
    }

    /// On a server whose MESH says this of the practice.
    async fn asking(mesh: Simulator) -> Bench {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, mesh.router()).await });
        let secrets = [("mesh_password", "secret"), ("mesh_shared_key", "secret")];
        let settings =
            [("emergency_supply", "true"), ("mesh_url", base.as_str()), ("mesh_mailbox", "FZ999OT001")];
        bench_with(&[settings.as_slice(), secrets.as_slice()].concat()).await
    }

    #[tokio::test]
    async fn it_goes_to_the_mailbox_that_mesh_names_and_the_next_way_where_it_names_none_or_two() {
        let mesh = || Simulator::new("secret").with_mailbox("FZ999OT001", "secret");
        let takes = |mesh: Simulator, mailbox: &str| mesh.with_endpoint("A99999", WORKFLOW, mailbox);
        let one = asking(takes(mesh(), "A99999OT001")).await;
        assert_eq!(one.prepared().await.expect("a message").target, "A99999OT001");
        let two = asking(takes(takes(mesh(), "A99999OT001"), "A99999OT002")).await;
        assert!(next_way(&two.prepared().await, "more than one mailbox"));
        let mut none = asking(mesh().with_endpoint("A99999", "ANOTHER_WORKFLOW", "A99999OT001")).await;
        assert!(next_way(&none.prepared().await, "takes no such messages"));
        none.sender.practice_mailboxes.insert("A99999".parse().expect("a code"), "SET".to_owned());
        assert_eq!(none.prepared().await.expect("a message").target, "SET", "nobody is asked");
    }

    #[tokio::test]
    async fn a_line_without_codes_takes_the_whole_notice_to_the_next_way() {
        let mut bench = bench("true").await;
        let words = Medicine { code: String::new(), ..line() };
        bench.signed.medicines.insert("2".to_owned(), words);
        assert!(next_way(&bench.prepared().await, "codes"));
        bench.signed.medicines.clear();
        assert!(next_way(&bench.prepared().await, "codes"));
    }

    #[tokio::test]
    async fn a_consultation_of_another_service_is_not_told_this_way() {
        let mut bench = bench("true").await;
        bench.signed.pathway = "minor-illness@1".to_owned();
        assert!(next_way(&bench.prepared().await, "urgent medicine supply"));
    }
}
