//! Passkeys: making one, using one, and the PRF output that opens the vault and never leaves this page.
//!
//! Answers are written out by hand because the library's conversion prints the extension results, PRF output
//! included, on the console.

use super::js::{self, object};
use super::trouble::Trouble;
use js_sys::{Array, Object};
use serde_json::{Value, json};
use shared::authorship::PasskeyAssertion;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CredentialCreationOptions, CredentialRequestOptions};
use webauthn_rs_proto::{CreationChallengeResponse, RequestChallengeResponse};

/// A passkey just made.
#[derive(Debug)]
pub struct Made {
    /// For the server; without any extension result.
    pub answer: Value,
    /// Base64url.
    pub credential_id: String,
    /// The PRF output, where the authenticator evaluates it at once.
    pub prf: Option<Object>,
}

/// A passkey just used.
#[derive(Debug)]
pub struct Used {
    /// For the server; without any extension result.
    pub answer: Value,
    /// For a receipt.
    pub assertion: PasskeyAssertion,
    /// The PRF output, an `ArrayBuffer`.
    pub prf: Option<Object>,
}

/// Does the platform know passkeys at all?
pub fn available() -> bool {
    !js::is_nothing(&js::global("PublicKeyCredential"))
        && !js::is_nothing(&js::get_path(&js_sys::global(), &["navigator", "credentials"]))
}

/// Makes a passkey with the server's options, asking for the PRF of `prf_input` on the way.
pub async fn make(options: Value, prf_input: &[u8]) -> Result<Made, Trouble> {
    let challenge: CreationChallengeResponse =
        serde_json::from_str(&options.to_string()).map_err(|_| Trouble::StrangeAnswer)?;
    let options = CredentialCreationOptions::from(challenge);
    ask_for_prf(&js::get(&options, "publicKey"), prf_input);
    let credential = ask("create", &options).await?;
    let response = js::get(&credential, "response");
    let id = js::bytes(&js::get(&credential, "rawId"));
    let answer = made_answer(
        &id,
        &js::bytes(&js::get(&response, "attestationObject")),
        &js::bytes(&js::get(&response, "clientDataJSON")),
    );
    Ok(Made { answer, credential_id: js::base64url(&id), prf: prf_output(&credential) })
}

/// Uses whichever passkey the person picks, with the server's options.
pub async fn use_any(options: Value, prf_input: &[u8]) -> Result<Used, Trouble> {
    let mut challenge: RequestChallengeResponse =
        serde_json::from_str(&options.to_string()).map_err(|_| Trouble::StrangeAnswer)?;
    // The sheet opens because a button was pressed, not when a field is focused.
    challenge.mediation = None;
    let options = CredentialRequestOptions::from(challenge);
    ask_for_prf(&js::get(&options, "publicKey"), prf_input);
    used(&ask("get", &options).await?)
}

/// Uses one passkey on a challenge made here, for instance an unlock's; needs no network.
pub async fn use_this(credential_id: &str, challenge: &[u8], prf_input: &[u8]) -> Result<Used, Trouble> {
    let id = js::from_base64url(credential_id).ok_or(Trouble::Unsealable)?;
    let allowed = object([("type", "public-key".into()), ("id", js::array(&id).into())]);
    let public_key = object([
        ("challenge", js::array(challenge).into()),
        ("allowCredentials", Array::of1(&allowed).into()),
        ("userVerification", "required".into()),
        ("timeout", 120_000.into()),
    ]);
    ask_for_prf(&public_key, prf_input);
    used(&ask("get", &object([("publicKey", public_key.into())])).await?)
}

async fn ask(method: &str, options: &JsValue) -> Result<JsValue, Trouble> {
    if !available() {
        return Err(Trouble::NoPasskeys);
    }
    let container = js::get_path(&js_sys::global(), &["navigator", "credentials"]);
    let answer = match js::call(&container, method, std::slice::from_ref(options)) {
        Ok(promise) => js::wait_for(promise).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(credential) if !js::is_nothing(&credential) => Ok(credential),
        Err(error) if js::error_name(&error) == "InvalidStateError" => Err(Trouble::PasskeyExists),
        Err(error) if js::error_name(&error) == "NotSupportedError" => Err(Trouble::NoPasskeys),
        _ => Err(Trouble::PasskeyNotUsed),
    }
}

fn used(credential: &JsValue) -> Result<Used, Trouble> {
    let response = js::get(credential, "response");
    let field = |name| js::bytes(&js::get(&response, name));
    let id = js::bytes(&js::get(credential, "rawId"));
    let user = js::get(&response, "userHandle");
    let assertion = PasskeyAssertion {
        credential_id: js::base64url(&id),
        authenticator_data: js::base64url(&field("authenticatorData")),
        client_data_json: js::base64url(&field("clientDataJSON")),
        signature: js::base64url(&field("signature")),
    };
    let user = (!js::is_nothing(&user)).then(|| js::base64url(&js::bytes(&user)));
    if id.is_empty() {
        return Err(Trouble::PasskeyNotUsed);
    }
    Ok(Used { answer: used_answer(&assertion, user.as_deref()), assertion, prf: prf_output(credential) })
}

fn ask_for_prf(public_key: &JsValue, input: &[u8]) {
    let mut extensions = js::get(public_key, "extensions");
    if js::is_nothing(&extensions) {
        extensions = Object::new().into();
        js::set(public_key, "extensions", &extensions);
    }
    let eval = object([("first", js::array(input).into())]);
    js::set(&extensions, "prf", &object([("eval", eval.into())]));
}

fn prf_output(credential: &JsValue) -> Option<Object> {
    let results = js::call(credential, "getClientExtensionResults", &[]).ok()?;
    let first = js::get_path(&results, &["prf", "results", "first"]);
    if js::is_nothing(&first) { None } else { first.dyn_into().ok() }
}

fn made_answer(id: &[u8], attestation: &[u8], client_data: &[u8]) -> Value {
    json!({
        "id": js::base64url(id),
        "rawId": js::base64url(id),
        "type": "public-key",
        "response": {
            "attestationObject": js::base64url(attestation),
            "clientDataJSON": js::base64url(client_data),
        },
        "extensions": {},
    })
}

fn used_answer(assertion: &PasskeyAssertion, user: Option<&str>) -> Value {
    json!({
        "id": assertion.credential_id,
        "rawId": assertion.credential_id,
        "type": "public-key",
        "response": {
            "authenticatorData": assertion.authenticator_data,
            "clientDataJSON": assertion.client_data_json,
            "signature": assertion.signature,
            "userHandle": user,
        },
        "extensions": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_to_the_server_has_no_prf_and_no_extension_result() {
        let assertion = PasskeyAssertion {
            credential_id: "AQ".to_owned(),
            authenticator_data: "Ag".to_owned(),
            client_data_json: "Aw".to_owned(),
            signature: "BA".to_owned(),
        };
        for answer in [made_answer(&[1], &[2], &[3]), used_answer(&assertion, Some("BQ"))] {
            assert!(!answer.to_string().to_lowercase().contains("prf"));
            assert_eq!(answer["extensions"], json!({}));
        }
    }

    #[test]
    fn the_servers_library_reads_what_is_sent() {
        let made = made_answer(&[1], &[2], &[3]);
        serde_json::from_value::<webauthn_rs_proto::RegisterPublicKeyCredential>(made).expect("readable");
    }
}
