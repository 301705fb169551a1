//! What was supplied here: the register of prescription-only medicines, recalls, the tokens of a month; and the earlier
//! supplies of one patient, for whoever is about to supply again.

pub mod model;
mod page;
mod recall;
mod register;
mod tokens;

pub use page::{RegistersLink, RegistersPage};

use crate::platform::api_supplies;
use crate::platform::trouble::Trouble;
use crate::state::Satchel;
use shared::api::EarlierView;
use shared::consultation::Consultation;

/// Earlier emergency supplies to the patient of this record, newest first, from the server. What went wrong says whether
/// there is no network: then nobody knows whether there were any (practice 16).
pub async fn earlier(satchel: Satchel, record: &Consultation) -> Result<EarlierView, Trouble> {
    let asked = model::earlier_asked(record);
    api_supplies::earlier(satchel, &asked).await
}
