//! Promises about a mailbox read over IMAP: read to its end, nothing lost, nobody's marks changed.

use super::{STRUCTURED, server};
use crate::app::App;
use crate::intake::waiting;

/// A mail server with one mailbox, as far as it is asked here; answers which flags were set. Mails of `refused` are not
/// sent, and those of `large` are said to be too large.
#[derive(Default, Clone)]
struct MailServer {
    mails: Vec<(u32, Vec<u8>)>,
    refused: Vec<u32>,
    large: Vec<u32>,
    /// Opened by somebody, and long ago.
    old: Vec<u32>,
}

impl MailServer {
    /// One look at it: how many were taken in, and which flags were set.
    async fn looked_at(&self, app: &App) -> (usize, Vec<String>) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let serving = tokio::spawn(self.clone().serve(theirs));
        let taken = crate::intake::mail::imap::collect(app, ours, &mailbox()).await.expect("read");
        (taken, serving.await.expect("ended"))
    }

    async fn serve(self, stream: tokio::io::DuplexStream) -> Vec<String> {
        use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
        let (reading, mut writing) = tokio::io::split(stream);
        let mut lines = BufReader::new(reading).lines();
        let mut flagged: Vec<String> = Vec::new();
        writing.write_all(b"* OK ready\r\n").await.expect("written");
        while let Ok(Some(line)) = lines.next_line().await {
            let (tag, command) = line.split_once(' ').expect("a command");
            let answer = self.answer(command, &mut flagged);
            let outcome = if answer.is_some() { "OK done" } else { "NO not now" };
            let mut answer = answer.unwrap_or_default();
            answer.extend(format!("{tag} {outcome}\r\n").into_bytes());
            if writing.write_all(&answer).await.is_err() || command == "LOGOUT" {
                break;
            }
        }
        flagged
    }

    fn answer(&self, command: &str, flagged: &mut Vec<String>) -> Option<Vec<u8>> {
        if let Some(asked) = command.strip_prefix("UID SEARCH ") {
            let uids: Vec<String> = self.search(asked).iter().map(u32::to_string).collect();
            return Some(format!("* SEARCH {}\r\n", uids.join(" ")).into_bytes());
        }
        if command.starts_with("SELECT") {
            return Some(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 5] valid\r\n".to_vec());
        }
        let mut mails = self.mails.iter().enumerate();
        let Some((at, (uid, bytes))) = mails.find(|(_, (uid, _))| command.contains(&format!(" {uid} ")))
        else {
            return Some(Vec::new());
        };
        let sent = |part: &str, bytes: &[u8]| {
            let begin = format!("* {} FETCH (UID {uid} {part} {{{}}}\r\n", at + 1, bytes.len());
            [begin.as_bytes(), bytes, b")\r\n"].concat()
        };
        if self.refused.contains(uid) {
            None
        } else if command.contains("RFC822.SIZE") {
            let size = if self.large.contains(uid) { 70_000_000 } else { bytes.len() };
            Some(format!("* {} FETCH (UID {uid} RFC822.SIZE {size})\r\n", at + 1).into_bytes())
        } else if command.contains("BODY.PEEK[HEADER]") {
            let ends =
                |end: &[u8]| bytes.windows(end.len()).position(|part| part == end).map(|at| at + end.len());
            let end = ends(b"\r\n\r\n").or_else(|| ends(b"\n\n")).expect("headers");
            Some(sent("BODY[HEADER]<0>", &bytes[..end]))
        } else if command.contains("BODY.PEEK[]") {
            Some(sent("BODY[]", bytes))
        } else {
            flagged.push(format!("{uid} {}", if command.contains("Flagged") { "flagged" } else { command }));
            Some(Vec::new())
        }
    }

    fn search(&self, asked: &str) -> Vec<u32> {
        let all = self.mails.iter().map(|(uid, _)| *uid);
        match asked.strip_prefix("UID ").and_then(|range| range.strip_suffix(":*")) {
            Some(from) => {
                let from: u32 = from.parse().expect("a number");
                let last = all.clone().max();
                all.filter(|uid| *uid >= from || Some(*uid) == last).collect()
            }
            None if asked == "ALL" => all.collect(),
            None if asked == "SEEN BEFORE 8-Nov-2026" => self.old.clone(),
            None => panic!("{asked}"),
        }
    }
}

fn mailbox() -> crate::config::ImapSettings {
    crate::config::ImapSettings {
        host: "localhost".to_owned(),
        port: 993,
        user: "pharmacy".to_owned(),
        password: "secret".to_owned().into(),
        mailbox: "INBOX".to_owned(),
        ca: "ca.pem".into(),
    }
}

fn mail_to(ods: &str, id: &str) -> Vec<u8> {
    format!("From: a@example\r\nTo: pharmacy.{ods}@nhs.net\r\nMessage-ID: <{id}@example>\r\n\r\nhello")
        .into_bytes()
}

async fn ids(app: &App) -> Vec<String> {
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, true, 99).await.expect("a list");
    let mut ids: Vec<_> = rows.iter().map(|row| waiting::view(app, row).content.message_id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_mailbox_is_read_to_its_end_and_nobodys_marks_in_it_are_changed() {
    let (app, _folder) = server(&["FA123", "FB456"]).await;
    let mut mails = MailServer {
        mails: vec![(7, STRUCTURED.to_vec()), (9, mail_to("FZ999", "stranger"))],
        ..MailServer::default()
    };
    assert_eq!(mails.looked_at(&app).await, (1, vec!["9 flagged".to_owned()]));
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, false, 10).await.expect("a list");
    let (_, original) = waiting::original(&app, &rows[0]).await.expect("read").expect("kept");
    assert_eq!(original, STRUCTURED);
    assert_eq!(mails.looked_at(&app).await, (0, Vec::new()), "what was read is not read again");
    mails.mails.push((12, mail_to("FA123", "later")));
    assert_eq!(mails.looked_at(&app).await, (1, Vec::new()));
}

#[tokio::test]
async fn a_mail_that_somebody_opened_first_comes_in_all_the_same_and_one_of_long_ago_does_not() {
    let (app, _folder) = server(&["FA123"]).await;
    let mails = vec![(3, mail_to("FA123", "long-ago")), (4, mail_to("FA123", "opened"))];
    // The server tells of no mark but by which mails it names: 4 was opened, and is not old.
    let mails = MailServer { mails, old: vec![3], ..MailServer::default() };
    assert_eq!(mails.looked_at(&app).await.0, 1);
    assert_eq!(ids(&app).await, ["opened@example"]);
}

#[tokio::test]
async fn one_bad_mail_keeps_none_beside_it_waiting_and_is_tried_again() {
    let (app, _folder) = server(&["FA123"]).await;
    let bad: Vec<u32> = (1..=150).collect();
    let mails = bad.iter().map(|uid| (*uid, mail_to("FA123", &format!("bad-{uid}"))));
    let mails = mails.chain([(200, mail_to("FA123", "good"))]).collect();
    let mut mails = MailServer { mails, refused: bad, ..MailServer::default() };
    assert_eq!(mails.looked_at(&app).await.0, 0);
    assert_eq!(mails.looked_at(&app).await.0, 1, "the others come first the second time");
    assert_eq!(ids(&app).await, ["good@example"]);
    mails.refused = Vec::new();
    mails.mails.retain(|(uid, _)| *uid > 148);
    assert_eq!(
        (mails.looked_at(&app).await.0 + mails.looked_at(&app).await.0, ids(&app).await.len()),
        (2, 3)
    );
}

#[tokio::test]
async fn a_mail_too_large_to_take_in_stands_on_its_pharmacys_list_with_its_headers() {
    let (app, _folder) = server(&["FA123", "FB456"]).await;
    let mails = MailServer { mails: vec![(7, STRUCTURED.to_vec())], large: vec![7], ..MailServer::default() };
    assert_eq!(mails.looked_at(&app).await, (1, Vec::new()));
    let ods = "FA123".parse().expect("a code");
    let rows = app.store.waiting(&ods, false, 10).await.expect("a list");
    let content = waiting::view(&app, &rows[0]).content;
    assert_eq!((content.subject.as_str(), content.field("nhs_number")), ("Pharmacy First referral", ""));
    assert!(content.text.contains("number 7 of 5"), "{}", content.text);
}

#[tokio::test]
async fn a_mail_server_that_hangs_up_half_way_loses_nothing() {
    use tokio::io::AsyncWriteExt as _;
    let (app, _folder) = server(&["FA123"]).await;
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    theirs.write_all(b"* OK ready\r\n").await.expect("written");
    theirs.shutdown().await.expect("shut");
    assert!(crate::intake::mail::imap::collect(&app, ours, &mailbox()).await.is_err());
}
