//! Set aside: what the server did not take, beside what stands; entered again, released, closed.

mod compare;
mod list;
pub mod model;
mod notice;
mod page;
mod reason;
mod server_page;

pub use list::SetAsideList;
pub use notice::SetAsideNotice;
pub use page::SetAsidePage;
pub use server_page::ServerEntryPage;
