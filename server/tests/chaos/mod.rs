//! Every peer made slow, silent, failing, busy, half-spoken or strange: nothing is lost, nothing has its effect twice,
//! the pharmacist is told in one clear line, and all of it is delivered when the peer recovers.

pub mod email;
pub mod look_up;
pub mod mesh;
pub mod sandbox;
mod weather;
