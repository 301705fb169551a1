//! Where a browser goes after a sign-in: a path of this app and nothing else.

use shared::api::Cis2Failure;
use webauthn_rs::prelude::Url;

/// Longer ones are none of ours.
const LONGEST: usize = 1000;
/// Any origin will do: whatever leads away from it is refused.
const HERE: &str = "http://here.invalid/";

/// A path with query and fragment, as it may stand in a `Location`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// What was asked for where that is a screen of ours; otherwise the first screen.
    pub fn read(asked: &str) -> Self {
        Self::of(asked).unwrap_or_else(|| Self("/".to_owned()))
    }

    fn of(asked: &str) -> Option<Self> {
        let decoded = decoded(asked);
        let bad = |text: &str| {
            text.len() > LONGEST
                || !text.starts_with('/')
                || text.contains('\\')
                || text.chars().any(char::is_control)
                || text.split(['?', '#']).next().is_some_and(|path| path.contains("//"))
        };
        if bad(asked) || bad(&decoded) {
            return None;
        }
        let here: Url = HERE.parse().ok()?;
        let there = here.join(asked).ok()?;
        if there.origin() != here.origin() {
            return None;
        }
        let path = there.path();
        // An address of the server would do something: only screens are returned to.
        if path.contains("//") || ["/api", "/simulator", "/itk"].iter().any(|ours| path.starts_with(ours)) {
            return None;
        }
        there.as_str().strip_prefix(HERE).map(|rest| Self(format!("/{rest}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With the reason of a failure behind it.
    pub fn failed(&self, why: Cis2Failure) -> String {
        let joined = if self.0.contains('#') { '&' } else { '#' };
        format!("{}{joined}cis2={}", self.0, why.name())
    }
}

/// With `%xx` read once, as a careless reader might.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        if let Some(byte) = after.get(..2).filter(|_| first == b'%').and_then(hex) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_returned_to_as_it_was() {
        for path in ["/", "/consultations/0190?x=1#patient", "/settings", "/work-list#a&b"] {
            assert_eq!(ReturnPath::read(path).as_str(), path);
        }
        assert_eq!(ReturnPath::read("/Siân").as_str(), "/Si%C3%A2n");
    }

    #[test]
    fn no_other_place_is_returned_to() {
        for evil in [
            "",
            "evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/%2fevil.example",
            "/%2F/evil.example",
            "/%5cevil.example",
            "/\tevil",
            "/\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:%20a=b",
            "/./%2f/evil.example",
            "/..//evil.example",
            "/api/cis2/end",
            "/simulator/cis2/authorize",
        ] {
            assert_eq!(ReturnPath::read(evil).as_str(), "/", "{evil}");
        }
    }

    #[test]
    fn a_failure_joins_what_stands_in_the_fragment() {
        assert_eq!(ReturnPath::read("/").failed(Cis2Failure::NoRole), "/#cis2=no-role");
        assert_eq!(
            ReturnPath::read("/a#patient").failed(Cis2Failure::Cancelled),
            "/a#patient&cis2=cancelled"
        );
    }
}
