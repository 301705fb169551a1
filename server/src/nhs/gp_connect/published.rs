//! Every message that we send to practices, held against the STU3 profiles that NHS England publishes.

use super::tests::with_everything;
use crate::nhs::{emergency_supply, send_document};
use crate::samples::samples;
use roxmltree::{Document, Node};
use std::collections::{BTreeMap, BTreeSet};

const FHIR: &str = "http://hl7.org/fhir";

/// One rule of a profile: how often an element stands in each of its parents, and what it must say.
#[derive(Debug)]
struct Rule {
    /// Below the resource: `identifier`, `system`.
    path: Vec<String>,
    /// The one kind of extension that is meant; empty for any.
    slice: String,
    /// Only inside that kind of extension: how many steps down it stands, and its kind.
    within: Option<(usize, String)>,
    min: usize,
    max: Option<usize>,
    fixed: Option<String>,
}

/// A published profile: the address that messages name it by, and its rules.
struct Profile {
    url: String,
    kind: String,
    rules: Vec<Rule>,
}

fn value<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.has_tag_name((FHIR, name)))?.attribute("value")
}

fn profile(text: &str) -> Option<Profile> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    let differential = root.children().find(|node| node.has_tag_name((FHIR, "differential")))?;
    let elements = differential.children().filter(Node::is_element);
    // Rules for what is inside a kind of extension follow the rule that names the kind.
    let mut slices: BTreeMap<Vec<String>, String> = BTreeMap::new();
    let rules = elements.filter_map(|element| {
        let path: Vec<String> = value(element, "path")?.split('.').skip(1).map(str::to_owned).collect();
        let slice = value(element, "sliceName").unwrap_or_default().to_owned();
        let within =
            (1..path.len()).rev().find_map(|depth| Some((depth, slices.get(&path[..depth])?.clone())));
        if !slice.is_empty() && path.last().is_some_and(|last| last == "extension") {
            slices.insert(path.clone(), slice.clone());
        }
        let fixed = element.children().find(|child| child.tag_name().name().starts_with("fixed"));
        Some(Rule {
            path,
            slice,
            within,
            min: value(element, "min").and_then(|min| min.parse().ok()).unwrap_or_default(),
            max: value(element, "max").and_then(|max| max.parse().ok()),
            fixed: fixed.and_then(|fixed| fixed.attribute("value")).map(str::to_owned),
        })
    });
    let rules: Vec<Rule> = rules.collect();
    Some(Profile {
        url: value(root, "url")?.to_owned(),
        kind: value(root, "type")?.to_owned(),
        rules: rules.into_iter().filter(|rule| !rule.path.is_empty()).collect(),
    })
}

fn named<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Vec<Node<'a, 'input>> {
    parent.children().filter(|child| child.has_tag_name((FHIR, name))).collect()
}

/// Whether an extension is of this kind, by the end of its address.
fn is_of(extension: Node<'_, '_>, kind: &str) -> bool {
    extension.attribute("url").is_some_and(|url| url.replace('-', "").contains(kind))
}

/// Everything in which `resource` breaks `profile`.
fn broken(resource: Node<'_, '_>, profile: &Profile) -> Vec<String> {
    let mut broken = Vec::new();
    for rule in &profile.rules {
        let Some((last, before)) = rule.path.split_last() else { continue };
        // Choices of type are told apart by their own rules.
        if rule.path.iter().any(|step| step.ends_with("[x]")) {
            continue;
        }
        let mut parents = vec![resource];
        for (depth, step) in (1..).zip(before) {
            parents = parents.into_iter().flat_map(|parent| named(parent, step)).collect();
            if let Some((_, kind)) = rule.within.as_ref().filter(|(within, _)| *within == depth) {
                parents.retain(|parent| is_of(*parent, kind));
            }
        }
        for parent in parents {
            let mut found = named(parent, last);
            if last == "extension" && !rule.slice.is_empty() {
                found.retain(|node| is_of(*node, &rule.slice));
            }
            let said = |node: &Node<'_, '_>| node.attribute("value").map(str::to_owned);
            let wrong = found
                .iter()
                .filter_map(said)
                .any(|value| rule.fixed.as_ref().is_some_and(|fixed| *fixed != value));
            if found.len() < rule.min || rule.max.is_some_and(|max| found.len() > max) || wrong {
                broken.push(format!("{}: {rule:?} has {}", profile.url, found.len()));
            }
        }
    }
    broken
}

#[test]
fn every_message_has_what_the_published_profiles_ask_for() {
    let Some(folder) = samples("gp-connect") else { return };
    let files = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
    let profiles: Vec<Profile> = files
        .filter(|path| path.to_string_lossy().contains("StructureDefinition-"))
        .filter_map(|path| profile(&std::fs::read_to_string(path).expect("a profile")))
        .collect();
    assert!(profiles.len() >= 7, "{}", profiles.len());
    let messages = [
        with_everything().body,
        emergency_supply::tests::message().body,
        send_document::tests::message().body,
    ];
    let mut held = BTreeSet::new();
    for message in messages {
        let text = String::from_utf8(message).expect("text");
        let document = Document::parse(&text).expect("well-formed");
        for node in document.descendants().filter(Node::is_element) {
            let claimed = named(node, "meta").into_iter().find_map(|meta| value(meta, "profile"));
            let url = claimed.or_else(|| node.attribute("url"));
            for profile in profiles.iter().filter(|profile| Some(profile.url.as_str()) == url) {
                held.insert(profile.kind.clone());
                let broken = broken(node, profile);
                assert!(broken.is_empty(), "{broken:#?}");
            }
        }
    }
    // Otherwise nothing was looked at.
    let kinds = ["Bundle", "ClinicalImpression", "Extension", "MedicationDispense", "MessageHeader"];
    assert_eq!(held.iter().map(String::as_str).collect::<Vec<_>>(), kinds);
}
