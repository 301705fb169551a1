//! Reading the log: a stream of frames, each stored before the next is looked at.

use super::machine::{failure, feed, heard};
use crate::platform::api;
use crate::platform::http::Stream;
use crate::platform::trouble::Trouble;
use crate::worker::backroom::Backroom;
use crate::worker::messages::{Progress, Said};
use crate::worker::serve::say;
use shared::sync::device::{Input, Ticket};
use shared::sync::frame::{PullFrame, split_stream};
use std::rc::Rc;

/// A pull of fewer documents is over before anybody could read how far it is.
const WORTH_TELLING: u64 = 200;

/// Pulls everything after the cursor.
pub async fn pull(room: &Rc<Backroom>, ticket: Ticket, after: u64) {
    let outcome = read_pull(room, ticket, after).await;
    if room.progress.take().is_some() {
        say(&Said::Progress(None));
    }
    let input = match heard(outcome) {
        Ok(()) => Input::PullEnded { ticket },
        Err(trouble) => Input::PullFailed { ticket, failure: failure(&trouble) },
    };
    feed(room, input, None).await;
}

async fn read_pull(room: &Rc<Backroom>, ticket: Ticket, after: u64) -> Result<(), Trouble> {
    let stream: Stream = heard(api::pull(after).await)?;
    let long = stream.documents.filter(|count| *count >= WORTH_TELLING);
    room.progress.set(long.map(|of| Progress { done: 0, of }));
    let mut buffer = Vec::new();
    while let Some(piece) = stream.next().await? {
        buffer.extend_from_slice(&piece);
        let frames: Vec<PullFrame> = split_stream(&mut buffer).map_err(|_| Trouble::StrangeAnswer)?;
        for frame in frames {
            let input =
                Input::PulledFrame { ticket, epoch: frame.epoch, cursor: frame.cursor, more: frame.more };
            feed(room, input, Some(&frame)).await;
        }
    }
    // Bytes left over mean a link cut in the middle of a frame.
    if buffer.is_empty() { Ok(()) } else { Err(Trouble::Unreachable) }
}
