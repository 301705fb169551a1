//! Ready for the visit: one touch brings up to date what is needed where there is no signal (practice 25).

mod model;
mod page;
mod refresh;

pub use page::ReadyPage;
