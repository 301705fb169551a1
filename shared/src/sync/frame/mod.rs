//! The bytes on the wire: a short header, then records of type, length and content.
//!
//! `S A T F`, version, kind, compression, then the payload (plain or one zstd stream). Records of unknown type are
//! skipped, so that later versions may add some; an unknown frame version is refused.

mod brief;
mod codec;
mod pull;
mod push;

pub use codec::{FrameError, MAX_PAYLOAD};
pub use pull::{PullFrame, PulledDocument, split_stream, with_length};
pub use push::{ActorClaim, PushFrame, PushedDocument};
