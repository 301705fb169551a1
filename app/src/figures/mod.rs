//! What the service did: figures as pictures with their tables, from the server, or with no network from what this device
//! holds; and exports to take away.

mod charts;
mod exports;
pub mod model;
mod page;

pub use page::{FiguresPage, ReportsLinks, may_read};
