//! Who approved a pathway, shown by a signature over what the file says (practice 35). A word or a number that is changed
//! afterwards, in the file or in a shared question that it includes, and the approval counts for nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::elliptic_curve::Generate as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use shared::consultation::hex;
use shared::pathway::{Approval, Clinical};
use std::collections::{BTreeMap, BTreeSet};

/// Begins what is signed, so that a signature says nothing else anywhere.
const STATEMENT: &str = "satchel pathway approval v1";

/// Why an approval does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    #[error("nobody has signed its approval: satchel pathway approve")]
    Unsigned,
    #[error("it was changed after it was approved: have it approved again")]
    Changed,
    #[error("its signature is not by the key that it names")]
    Forged,
    #[error("its approver’s key is not in SATCHEL_PATHWAY_APPROVERS")]
    Unknown,
}

/// SHA-256 in hex over everything that the file and the shared questions in it say, but for who approved it. Spaces,
/// comments and the order of keys make no difference.
pub fn digest(file: &Value, common: &Value) -> String {
    let mut file = file.clone();
    if let Some(clinical) = file.get_mut("clinical").and_then(Value::as_object_mut) {
        for own in ["status", "approver", "approval"] {
            clinical.remove(own);
        }
    }
    let mut included = BTreeSet::new();
    let empty = Vec::new();
    let groups = common.get("group").and_then(Value::as_array).unwrap_or(&empty);
    gather(&file, groups, &mut included);
    let mut hash = Sha256::new();
    hash.update(canonical(&file));
    for group in groups.iter().filter(|group| included.contains(&name(group))) {
        hash.update(b"\n");
        hash.update(canonical(group));
    }
    hex(&hash.finalize())
}

fn name(group: &Value) -> String {
    format!("{}@{}", group["id"].as_str().unwrap_or_default(), group["version"])
}

/// Groups that something includes, and those that they include.
fn gather(value: &Value, groups: &[Value], into: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| gather(one, groups, into)),
        Value::Object(all) => {
            for (key, one) in all {
                gather(one, groups, into);
                let named = one.as_array().filter(|_| key == "include").into_iter().flatten();
                for named in named.filter_map(Value::as_str) {
                    if into.insert(named.to_owned())
                        && let Some(group) = groups.iter().find(|group| name(group) == named)
                    {
                        gather(group, groups, into);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The same bytes for the same content.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(all) => {
            let sorted: BTreeMap<&String, &Value> = all.iter().collect();
            let parts: Vec<String> = sorted
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(all) => format!("[{}]", all.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// A new key, as it is kept in a file.
pub fn new_key() -> String {
    STANDARD.encode(SigningKey::generate_from_rng(&mut rand::rng()).to_bytes())
}

/// The key of a file; `None` where it holds none.
pub fn read_key(text: &str) -> Option<SigningKey> {
    SigningKey::from_slice(&STANDARD.decode(text.trim()).ok()?).ok()
}

/// What others know the key by.
pub fn public(key: &SigningKey) -> String {
    STANDARD.encode(key.verifying_key().to_sec1_point(true).as_bytes())
}

fn statement(digest: &str, approver: &str, at: &str) -> String {
    format!("{STATEMENT}\n{digest}\n{approver}\n{at}")
}

/// Signs what the digest stands for.
pub fn sign(key: &SigningKey, digest: &str, approver: &str, at: &str) -> Approval {
    let signature: Signature = key.sign(statement(digest, approver, at).as_bytes());
    Approval {
        at: at.to_owned(),
        digest: digest.to_owned(),
        key: public(key),
        signature: STANDARD.encode(signature.to_bytes()),
    }
}

/// Whether the approval that a file carries is for what it says now, by somebody who is trusted.
pub fn verify(clinical: &Clinical, digest: &str, trusted: &BTreeSet<String>) -> Result<(), NotApproved> {
    let approval = clinical.approval.as_ref().ok_or(NotApproved::Unsigned)?;
    if approval.digest != digest {
        return Err(NotApproved::Changed);
    }
    let bytes = |text: &str| STANDARD.decode(text).unwrap_or_default();
    let key = VerifyingKey::from_sec1_bytes(&bytes(&approval.key)).map_err(|_| NotApproved::Forged)?;
    let signature = Signature::from_slice(&bytes(&approval.signature)).map_err(|_| NotApproved::Forged)?;
    key.verify(statement(digest, &clinical.approver, &approval.at).as_bytes(), &signature)
        .map_err(|_| NotApproved::Forged)?;
    if trusted.contains(&approval.key) { Ok(()) } else { Err(NotApproved::Unknown) }
}

/// The file's text with the approval in it, in the place of one that was there; everything else stays as it is written.
/// `None` where the file has no `[clinical]` table with status and approver on lines of their own.
pub fn written(text: &str, approver: &str, approval: &Approval) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    let (mut table, mut status, mut named, mut end) = (String::new(), false, false, None);
    for line in text.lines() {
        let bare = line.trim();
        if bare.starts_with('[') {
            if table == "[clinical]" {
                end = Some(lines.len());
            }
            bare.clone_into(&mut table);
        }
        if table == "[clinical.approval]" {
            continue;
        }
        let key = bare.split('=').next().unwrap_or_default().trim();
        let line = match (table.as_str(), key) {
            ("[clinical]", "status") => {
                status = true;
                "status = \"approved\"".to_owned()
            }
            ("[clinical]", "approver") => {
                named = true;
                format!("approver = {}", quoted(approver))
            }
            _ => line.to_owned(),
        };
        lines.push(line);
    }
    if !status || !named {
        return None;
    }
    let mut place = end.unwrap_or(lines.len());
    while place > 0 && lines[place - 1].trim().is_empty() {
        place -= 1;
    }
    let Approval { at, digest, key, signature } = approval;
    let table = [
        String::new(),
        "[clinical.approval]".to_owned(),
        format!("at = {}", quoted(at)),
        format!("digest = {}", quoted(digest)),
        format!("key = {}", quoted(key)),
        format!("signature = {}", quoted(signature)),
    ];
    lines.splice(place..place, table);
    Some(lines.join("\n") + "\n")
}

/// A basic string of TOML is written as one of JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::pathway::{all, common_text, file_text};

    const APPROVER: &str = "Dr Wren Fixture, clinical lead";
    const AT: &str = "2026-11-22T14:05:00Z";

    fn json(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    fn sore_throat() -> (Value, Value) {
        (json(file_text("sore-throat@1").expect("in the catalogue")), json(common_text()))
    }

    fn approved(digest: &str) -> (Clinical, BTreeSet<String>) {
        let key = read_key(&new_key()).expect("a key");
        let mut clinical = all()[0].clinical.clone();
        clinical.approver = APPROVER.to_owned();
        clinical.approval = Some(sign(&key, digest, APPROVER, AT));
        (clinical, BTreeSet::from([public(&key)]))
    }

    #[test]
    fn an_approval_counts_for_what_was_approved_by_somebody_who_is_trusted() {
        let (file, common) = sore_throat();
        let digest = digest(&file, &common);
        let (mut clinical, trusted) = approved(&digest);
        assert_eq!(verify(&clinical, &digest, &trusted), Ok(()));
        assert_eq!(verify(&clinical, &digest, &BTreeSet::new()), Err(NotApproved::Unknown));
        clinical.approver = "Somebody else".to_owned();
        assert_eq!(verify(&clinical, &digest, &trusted), Err(NotApproved::Forged));
        clinical.approval = None;
        assert_eq!(verify(&clinical, &digest, &trusted), Err(NotApproved::Unsigned));
    }

    #[test]
    fn one_word_changed_in_the_file_or_in_a_shared_question_ends_the_approval() {
        let (mut file, mut common) = sore_throat();
        let before = digest(&file, &common);
        let (clinical, trusted) = approved(&before);
        let outcome = file["outcome"][0]["label"].clone();
        file["outcome"][0]["label"] = "Something else".into();
        assert_eq!(verify(&clinical, &digest(&file, &common), &trusted), Err(NotApproved::Changed));
        file["outcome"][0]["label"] = outcome;
        assert_eq!(digest(&file, &common), before);
        let groups = common["group"].as_array_mut().expect("groups");
        let consent = groups.iter_mut().find(|group| group["id"] == "consent").expect("a shared group");
        consent["field"][0]["label"] = "Something else?".into();
        assert_ne!(digest(&file, &common), before);
    }

    #[test]
    fn who_approved_it_and_unrelated_groups_are_not_part_of_what_is_approved() {
        let (mut file, mut common) = sore_throat();
        let before = digest(&file, &common);
        file["clinical"]["status"] = "approved".into();
        file["clinical"]["approver"] = APPROVER.into();
        common["group"]
            .as_array_mut()
            .expect("groups")
            .push(serde_json::json!({ "id": "other", "version": 1 }));
        assert_eq!(digest(&file, &common), before);
    }

    #[test]
    fn an_approval_is_written_into_the_file_and_a_new_one_takes_its_place() {
        let text = "id = \"x\"\n\n[clinical]\nstatus = \"draft\" # so far\napprover = \"\"\nsources = []\n\n[medicines]\na = 1\n";
        let key = read_key(&new_key()).expect("a key");
        let once =
            written(text, "Dr \"W\" Fixture", &sign(&key, "aa", "Dr \"W\" Fixture", AT)).expect("a table");
        let again = written(&once, APPROVER, &sign(&key, "bb", APPROVER, AT)).expect("a table");
        for (text, digest, approver) in [(&once, "aa", "Dr \"W\" Fixture"), (&again, "bb", APPROVER)] {
            let table: toml::Table = text.parse().expect("TOML");
            assert_eq!(table["clinical"]["status"].as_str(), Some("approved"));
            assert_eq!(table["clinical"]["approver"].as_str(), Some(approver));
            assert_eq!(table["clinical"]["approval"]["digest"].as_str(), Some(digest));
            assert_eq!(table["medicines"]["a"].as_integer(), Some(1));
            assert_eq!(text.matches("[clinical.approval]").count(), 1);
        }
        assert_eq!(written("id = \"x\"\n", APPROVER, &sign(&key, "aa", APPROVER, AT)), None);
    }
}
