//! Medicines of dm+d as a device knows them: what each is, and finding one while typing.

mod product;

pub use product::*;
