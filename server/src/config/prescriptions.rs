//! The prescription tracker and the exemption check: where they are, if this server may ask them.

use super::endpoint;
use super::reader::Reader;
use crate::nhs::exemption_check::ExemptionCheckSettings;

/// What is set; in a demonstration the simulators take the place of what is not.
#[derive(Debug, Clone, Default)]
pub struct PrescriptionsConfig {
    /// Where the clinical prescription tracker is, without a slash at the end. It needs CIS2 and the NHS API platform.
    pub tracker_url: Option<String>,
    /// Address and ASID belong together.
    pub exemption_check: Option<ExemptionCheckSettings>,
}

/// `origin`: this server's own address, by which the exemption check knows it.
pub fn prescriptions(settings: &mut Reader, demo: bool, origin: &str) -> PrescriptionsConfig {
    const TRACKER: &str = "prescription_tracker_url";
    const CHECK: &str = "exemption_check_url";
    const ASID: &str = "exemption_check_asid";
    let tracker_url = settings.text(TRACKER).map(|url| {
        endpoint(settings, TRACKER, &url, demo);
        url.trim_end_matches('/').to_owned()
    });
    let exemption_check = match (settings.text(CHECK), settings.text(ASID)) {
        (Some(url), Some(asid)) => {
            endpoint(settings, CHECK, &url, demo);
            if asid.len() != 12 || !asid.bytes().all(|byte| byte.is_ascii_digit()) {
                settings.problem(ASID, "must be the twelve digits of this system on the Spine");
            }
            let base_url = url.trim_end_matches('/').to_owned();
            Some(ExemptionCheckSettings { base_url, asid, issuer: origin.to_owned() })
        }
        (None, None) => None,
        (url, _) => {
            let missing = if url.is_some() { ASID } else { CHECK };
            let why =
                "is missing: SATCHEL_EXEMPTION_CHECK_URL and SATCHEL_EXEMPTION_CHECK_ASID belong together";
            settings.problem(missing, why);
            None
        }
    };
    PrescriptionsConfig { tracker_url, exemption_check }
}
