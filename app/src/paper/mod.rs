//! Labels, leaflets and tokens, made and printed on this device; without a printer, the token copied by hand.

mod card;
mod copy;
pub mod model;
mod offset;

pub use card::{PaperCard, line_label, ours};
pub use copy::CopyTokenPage;
