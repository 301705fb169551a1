//! What a session knows of a CIS2 sign-in. Tokens stay on the server; a device learns only what it has to say or ask.

use serde::{Deserialize, Serialize};

/// Where a browser goes to sign in with CIS2 (identity.md 2). It comes back to `return`, a path of this app and nothing
/// else, with `#cis2=REASON` where that failed: [`Cis2Failure`].
///
/// `GET /api/cis2/start?return=/consultations/…%23patient&person=…`. With `person`, only that person counts: somebody
/// who is signed in steps up, and another's card is refused.
pub const CIS2_START: &str = "/api/cis2/start";

/// Where a browser goes to sign out of CIS2, and with it of this server. It comes back to the first screen.
pub const CIS2_END: &str = "/api/cis2/end";

/// Whether CIS2 can be used here, and what it has proved of who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cis2Standing {
    /// This server is a relying party of CIS2; otherwise no screen offers it.
    pub offered: bool,
    /// `None`: this session was begun with a passkey or a key of the device, which is no assurance level of the NHS's.
    pub present: Option<Cis2View>,
}

/// A CIS2 sign-in that is still good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cis2View {
    /// Authentication assurance level, 2 or 3, as CIS2 said.
    pub level: u8,
    /// RFC 3339; from then on it counts no longer, whatever the session does.
    pub until: String,
    /// The role chosen at CIS2, in words, for example `Pharmacist`.
    pub role: String,
    /// ODS code of that role; `FFFFF` for a locum of no one place.
    pub organisation: String,
}

/// Why a CIS2 sign-in did not succeed, as the app is told it in the address. The server's log says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cis2Failure {
    /// CIS2 did not answer, or not in time; passkeys go on working.
    Unavailable,
    /// The person turned back at CIS2's own page.
    Cancelled,
    /// The answer was too late, used already, or not for this browser. Start again.
    Expired,
    /// What CIS2 said did not hold: signature, issuer, nonce, assurance level. Nothing was kept.
    NotTrusted,
    /// No role at all, or none that does this kind of work.
    NoRole,
    /// A role, but at no pharmacy of this server.
    NoPharmacy,
    /// Somebody else signed in than the person who was asked for.
    AnotherPerson,
    /// Known here with another GPhC number or removed: an administrator has to put it right.
    NotKnown,
}

impl Cis2Failure {
    pub const ALL: [Self; 8] = [
        Self::Unavailable,
        Self::Cancelled,
        Self::Expired,
        Self::NotTrusted,
        Self::NoRole,
        Self::NoPharmacy,
        Self::AnotherPerson,
        Self::NotKnown,
    ];

    /// The word in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::NotTrusted => "not-trusted",
            Self::NoRole => "no-role",
            Self::NoPharmacy => "no-pharmacy",
            Self::AnotherPerson => "another-person",
            Self::NotKnown => "not-known",
        }
    }

    /// What happened, what it means, what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unavailable => {
                "The NHS sign-in (CIS2) did not answer. Your passkey goes on working; try CIS2 again later."
            }
            Self::Cancelled => "You turned back at the NHS sign-in. Nothing has changed.",
            Self::Expired => "The NHS sign-in took too long or was begun in another tab. Start it again.",
            Self::NotTrusted => {
                "What the NHS sign-in said could not be trusted, so nothing was kept. Try again; if it happens again, tell whoever looks after the server."
            }
            Self::NoRole => {
                "None of your roles in the Care Identity Service does this work. Ask your Registration Authority sponsor."
            }
            Self::NoPharmacy => {
                "None of your roles in the Care Identity Service is at a pharmacy that uses this server. Ask its administrator for an invitation."
            }
            Self::AnotherPerson => {
                "Somebody else signed in at CIS2 than who is working here. Lock, and let them sign in."
            }
            Self::NotKnown => {
                "CIS2 and this pharmacy do not agree about who you are. Ask the pharmacy's administrator."
            }
        }
    }

    /// Reads the word in the address.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.name() == name)
    }
}
