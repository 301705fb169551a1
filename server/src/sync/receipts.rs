//! Whether a receipt holds by itself: the key that signed it, and the passkey that answered.

use super::signature::PublicKey;
use crate::app::App;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use shared::authorship::{PasskeyAssertion, Receipt};
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PublicKeyCredential};

/// The key a receipt names; `None` where it is none.
pub fn signing_key(receipt: &Receipt) -> Option<PublicKey> {
    PublicKey::from_point(&URL_SAFE_NO_PAD.decode(&receipt.signing_key).ok()?)
}

/// Whether the key signed everything that the receipt claims.
pub fn proved(receipt: &Receipt, key: &PublicKey) -> bool {
    let signature = URL_SAFE_NO_PAD.decode(&receipt.proof);
    signature.is_ok_and(|signature| key.verifies(&receipt.challenge(), &signature))
}

/// Whether the passkey itself answered this challenge, for this site, with the person verified.
///
/// The library that guards sign-in checks it; it is handed a ceremony with our challenge. The counter starts from 0,
/// because a receipt made offline may well be older than the latest sign-in (design 6).
pub fn asserted(app: &App, passkey: &str, assertion: &PasskeyAssertion, challenge: &[u8; 32]) -> bool {
    let check = || -> Result<bool, Box<dyn std::error::Error>> {
        let passkey: Passkey = serde_json::from_str(passkey)?;
        let (_, ceremony) = app.webauthn.start_passkey_authentication(&[passkey])?;
        let mut state = serde_json::to_value(&ceremony)?;
        state["ast"]["challenge"] = json!(URL_SAFE_NO_PAD.encode(challenge));
        for credential in state["ast"]["credentials"].as_array_mut().into_iter().flatten() {
            credential["counter"] = json!(0);
        }
        let ceremony: PasskeyAuthentication = serde_json::from_value(state)?;
        let answer: PublicKeyCredential = serde_json::from_value(json!({
            "id": assertion.credential_id,
            "rawId": assertion.credential_id,
            "type": "public-key",
            "response": {
                "authenticatorData": assertion.authenticator_data,
                "clientDataJSON": assertion.client_data_json,
                "signature": assertion.signature,
                "userHandle": null,
            },
        }))?;
        Ok(app.webauthn.finish_passkey_authentication(&answer, &ceremony)?.user_verified())
    };
    check().unwrap_or_else(|cause| {
        tracing::info!(%cause, "a receipt's passkey answer did not hold");
        false
    })
}
