//! A pull of many frames while records change: behind each frame's cursor nothing is missing.

use crate::support::{NOW, Server, rebuilt};
use shared::api::Verdict;

/// Larger than half a frame, and not to be packed away.
fn long(seed: usize) -> String {
    (0..20_000).map(|n| format!("{:x}", n * 7_919 + seed)).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn an_old_record_that_was_edited_lately_is_whole_for_a_new_device() {
    let server = Server::start().await;
    let (mut asha, mut tom) = (server.asha().await, server.tom().await);
    let (old, mut document) = asha.walk_in();
    let whole = asha.whole(old, &mut document);
    assert_eq!(asha.push(vec![whole]).await, [Verdict::Stored { seq: 1 }]);
    for seed in 0..5 {
        let (id, mut other) = asha.walk_in();
        other.edit(NOW, &asha.writer(), |record| record.visit.taken_by = long(seed)).expect("an edit");
        let whole = asha.whole(id, &mut other);
        asha.push(vec![whole]).await;
    }
    document.edit(NOW, &asha.writer(), |record| record.outcome.code = "advice".to_owned()).expect("an edit");
    let latest = asha.latest(old, &mut document);
    assert_eq!(asha.push(vec![latest]).await, [Verdict::Stored { seq: 7 }]);

    let frames = tom.pull(0).await;
    assert!(frames.len() > 1, "one frame proves nothing");
    assert_eq!(rebuilt(&frames, old).heads(), document.heads());
    for cut in 1..frames.len() {
        let mut resumed = frames[..cut].to_vec();
        resumed.extend(tom.pull(frames[cut - 1].cursor).await);
        assert_eq!(rebuilt(&resumed, old).heads(), document.heads(), "cut after frame {cut}");
    }
}
