//! The people whom the pretend CIS2 knows: invented, with numbers beyond those that the GPhC has given out.

use serde_json::{Value, json};

/// The pharmacy of the demonstration, where all but one work.
const ELM: &str = "FA123";

/// One card holder.
#[derive(Debug, Clone, Copy)]
pub struct CardHolder {
    /// Subject, twelve digits.
    pub sub: &'static str,
    pub given: &'static str,
    pub family: &'static str,
    /// In words, for the page.
    pub what: &'static str,
    pub gphc: &'static str,
    /// Role profile, code and name; `None` for nobody's role.
    role: Option<(&'static str, &'static str, &'static str, &'static [&'static str])>,
    pub acr: &'static str,
    /// Levels arrive as numbers from some environments and as text from others.
    pub level_as_text: bool,
}

/// Pharmacist, technician, administrator, and somebody without a role.
pub const CARD_HOLDERS: [CardHolder; 4] = [
    CardHolder {
        sub: "999000000011",
        given: "Marigold",
        family: "Ashgrove",
        what: "Pharmacist",
        gphc: "2999901",
        role: Some((
            "999100000012",
            "S8000:G8000:R8003",
            r#""Clinical":"Clinical Provision":"Health Professional Access Role""#,
            &["B0570", "B0572"],
        )),
        acr: "AAL3_FIDO2",
        level_as_text: false,
    },
    CardHolder {
        sub: "999000000022",
        given: "Tobias",
        family: "Fernleigh",
        what: "Pharmacy technician",
        gphc: "GPhC 5999902",
        role: Some((
            "999100000023",
            "S8000:G8000:R8004",
            r#""Clinical":"Clinical Provision":"Healthcare Support Worker Access Role""#,
            &["B0570"],
        )),
        acr: "AAL2_TOTP",
        level_as_text: true,
    },
    CardHolder {
        sub: "999000000033",
        given: "Ottoline",
        family: "Brackwater",
        what: "Administrator",
        gphc: "",
        role: Some((
            "999100000034",
            "S8001:G8002:R8008",
            r#""Support":"Support":"Admin/Clinical Support Access Role""#,
            &["B0572"],
        )),
        acr: "AAL3_SMARTCARD",
        level_as_text: false,
    },
    CardHolder {
        sub: "999000000044",
        given: "Percival",
        family: "Nowhere",
        what: "No role at all",
        gphc: "",
        role: None,
        acr: "AAL2_TOTP",
        level_as_text: false,
    },
];

impl CardHolder {
    /// The one with this subject.
    pub fn of(sub: &str) -> Option<Self> {
        CARD_HOLDERS.into_iter().find(|holder| holder.sub == sub)
    }

    /// 2 or 3.
    pub fn level(&self) -> u8 {
        if self.acr.starts_with("AAL3_") { 3 } else { 2 }
    }

    /// The role profile that CIS2 selects for them.
    pub fn selected_role(&self) -> Option<&'static str> {
        self.role.map(|(id, ..)| id)
    }

    /// What userinfo answers.
    pub fn userinfo(&self) -> Value {
        let (given, family) = (self.given, self.family);
        let roles: Vec<Value> = self
            .role
            .iter()
            .map(|(id, code, name, activities)| {
                json!({
                    "org_code": ELM,
                    "person_orgid": "999200000001",
                    "person_roleid": id,
                    "role_code": code,
                    "role_name": name,
                    "activity_codes": activities,
                })
            })
            .collect();
        json!({
            "sub": self.sub,
            "nhsid_useruid": self.sub,
            "uid": self.sub,
            "name": format!("{} {given}", family.to_uppercase()),
            "given_name": given,
            "family_name": family,
            "idassurancelevel": "3",
            "gphc_id": self.gphc,
            "nhsid_nrbac_roles": roles,
            "nhsid_user_orgs": [{ "org_code": ELM, "org_name": "ELM PHARMACY" }],
        })
    }
}
