//! Reading the code of a pack: by the camera, or typed as it is printed beside the code.

pub mod model;
mod view;

pub use view::{Scanner, scan_button};
