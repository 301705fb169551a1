//! What stands on the list for an e-mail that is too large to be taken in: who sent it to whom, and where it lies.

/// Bytes of a mail that are looked at for this.
pub const HEAD: usize = 64 * 1024;
const SUBJECT: &str = "subject";
/// What says to whom it goes, from whom it is and which it is. Nothing that says how a body is encoded.
const KEPT: [&str; 10] = [
    "from",
    "reply-to",
    "to",
    "cc",
    "date",
    "message-id",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    SUBJECT,
];

/// A small e-mail with the headers of the large one. `head` is how that one begins, and `place` where a person finds it;
/// it tells two mails apart that have the same headers.
pub fn stand_in(head: &[u8], place: &str) -> Vec<u8> {
    let head = &head[..head.len().min(HEAD)];
    let mut made = Vec::new();
    let (mut keeps, mut has_subject) = (false, false);
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.trim_ascii_end();
        // The body begins, or the line was cut off.
        if bare.is_empty() || bare.len() == line.len() {
            break;
        }
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            let name = bare.split(|byte| *byte == b':').next().unwrap_or_default();
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            keeps = KEPT.contains(&name.as_str());
            has_subject |= name == SUBJECT;
        }
        if keeps {
            made.extend_from_slice(bare);
            made.extend_from_slice(b"\r\n");
        }
    }
    if !has_subject {
        made.extend_from_slice(b"Subject: An e-mail too large to take in\r\n");
    }
    let words = format!(
        "\r\nThis e-mail is larger than 64 MB and was not taken in. It lies in {place}. Look at it there.\r\n"
    );
    made.extend_from_slice(words.as_bytes());
    made
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn it_has_the_headers_of_the_large_mail_and_none_of_its_body() {
        let head = b"From: Elm Road Surgery <elm@example>\r\nTo: pharmacy.FA123@nhs.net,\r\n other@example\r\n\
            Content-Type: multipart/mixed; boundary=x\r\nMessage-ID: <big@example>\r\nSubject: Referral\r\n\r\nSubject: body";
        let mail = read(&stand_in(head, "the mailbox under the number 7"));
        assert_eq!(mail.from, "Elm Road Surgery <elm@example>");
        assert_eq!((mail.subject.as_str(), mail.message_id.as_str()), ("Referral", "big@example"));
        assert!(mail.recipients.contains(&"pharmacy.fa123@nhs.net".to_owned()), "{:?}", mail.recipients);
        assert!(mail.recipients.contains(&"other@example".to_owned()));
        assert!(mail.text.contains("under the number 7") && !mail.text.contains("body"), "{}", mail.text);
    }

    #[test]
    fn whatever_it_begins_with_there_is_something_to_read() {
        let endless = vec![0xff; 70_000];
        for head in [&b""[..], b"\r\n", b" folded", b"From", &endless, b"Subject: cut off"] {
            let mail = read(&stand_in(head, "a place"));
            assert!(
                mail.text.contains("larger than 64 MB") && mail.subject.contains("too large"),
                "{mail:?}"
            );
        }
    }
}
