//! Messages that go by MESH: the notice, the older supply message and the document to a practice, and answers in ITK3.

use super::{Carrier, Handed, SendError};
use crate::clock::Clock;
use crate::nhs::mesh::{Mailboxes, MeshError, Outgoing, Stamp};
use crate::store::{DeliveryRow, FrozenMessage, Route};
use async_trait::async_trait;
use uuid::Uuid;

/// Sends each pharmacy's messages from its mailbox.
#[derive(Debug, Clone)]
pub struct Mesh {
    pub mailboxes: Mailboxes,
    pub clock: Clock,
}

#[async_trait]
impl Carrier for Mesh {
    fn routes(&self) -> &'static [Route] {
        &[Route::UpdateRecord, Route::EmergencySupply, Route::SendDocument, Route::Itk3]
    }

    /// MESH itself removes no duplicates, but whoever collects the message knows it again by the ids inside.
    fn may_repeat(&self) -> bool {
        true
    }

    async fn send(&self, row: &DeliveryRow, message: &FrozenMessage) -> Result<Handed, SendError> {
        let Some(mailbox) = self.mailboxes.of(&row.pharmacy) else {
            let problem = "This pharmacy has no MESH mailbox on this server. Add one in the MESH settings.";
            return Err(SendError::OursToMend(problem.to_owned()));
        };
        let outgoing = Outgoing {
            to: &message.target,
            workflow: &message.workflow,
            local_id: &message.local_id,
            subject: &message.subject,
            content_type: &message.content_type,
            body: &message.payload,
        };
        let stamp = Stamp { at: self.clock.now(), nonce: Uuid::new_v4() };
        let their_id = mailbox.send(stamp, &outgoing).await.map_err(decided)?;
        // Nothing answers an ITK3 answer.
        let answers = row.route != Route::Itk3;
        let waits = if answers { " The other system has not answered yet." } else { "" };
        Ok(Handed { their_id, answers, settled: false, words: format!("Handed over to MESH.{waits}") })
    }
}

/// What an error of MESH means for the message (MESH API 2.0.0, error codes).
fn decided(error: MeshError) -> SendError {
    match error {
        MeshError::Busy { after } => SendError::Busy { after },
        MeshError::Unreachable(cause) => SendError::Unreachable(Box::new(cause)),
        MeshError::Unreadable(_) | MeshError::TooLarge => SendError::Unknown(Box::new(error)),
        MeshError::Unauthorised | MeshError::Clock { .. } => SendError::OursToMend(error.to_string()),
        MeshError::Refused { code, meaning } => match code.as_str() {
            // No such mailbox: another way may reach the same practice.
            "12" | "EPL-150" | "EPL-151" => SendError::Refused { code, meaning, next: true },
            // Whoever is wrong about the patient is wrong by any way.
            "EPL-152" | "EPL-153" | "EPL-154" => SendError::Refused { code, meaning, next: false },
            // The mailbox itself is not set up for this: the same message passes once it is.
            "07" | "16" | "17" => {
                SendError::OursToMend(format!("MESH refused the message: {meaning} (code {code})."))
            }
            _ => SendError::OurDefect { code, meaning },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_mesh_leads_to_a_decision_and_is_said_in_words() {
        let refused = |code: &str| {
            decided(MeshError::Refused { code: code.to_owned(), meaning: "no mailbox".to_owned() })
        };
        for code in ["12", "EPL-151"] {
            assert!(matches!(refused(code), SendError::Refused { next: true, .. }), "{code}");
        }
        assert!(matches!(refused("EPL-153"), SendError::Refused { next: false, .. }));
        assert!(matches!(refused("16"), SendError::OursToMend(_)));
        for code in ["02", "06", "08", "11", "HTTP 406"] {
            let said = refused(code);
            assert!(matches!(said, SendError::OurDefect { .. }), "{code}");
            assert!(said.to_string().contains("no mailbox"), "{said}");
        }
        let slow = decided(MeshError::Clock { minutes: 180, fast: false });
        assert!(slow.to_string().contains("180 minutes slow"), "{slow}");
    }
}
