//! The author's signature at push, version 1: one person vouches for everything up to one change.

use super::Actor;
use crate::ids::ConsultationId;

/// ECDSA P-256 with SHA-256, `r ‖ s`, as WebCrypto makes it.
pub const AUTHOR_SIGNATURE_LENGTH: usize = 64;

/// What is signed: a version tag, the document, the actor and the actor's newest change; the hash chain covers the rest.
pub fn author_statement(document: &ConsultationId, actor: &Actor, newest_change: &[u8; 32]) -> Vec<u8> {
    let mut statement = b"satchel author v1\n".to_vec();
    statement.extend_from_slice(document.as_bytes());
    statement.extend_from_slice(actor);
    statement.extend_from_slice(newest_change);
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_released_statement_never_changes() {
        let statement = author_statement(&ConsultationId::from_bytes([1; 16]), &[2; 16], &[3; 32]);
        assert_eq!(
            crate::consultation::hex(&statement),
            include_str!("../../fixtures/author-statement-v1.txt").trim()
        );
    }
}
