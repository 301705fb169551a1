-- Messages as they came, sealed: every version of a referral, e-mails, letters.

CREATE TABLE kept_message (
    -- Made of channel, pharmacy, the sender's id and the bytes: the same again is the same row.
    id           TEXT PRIMARY KEY,
    pharmacy     TEXT NOT NULL,
    channel      TEXT NOT NULL,
    -- The sender's id, in lower case.
    message_id   TEXT NOT NULL,
    -- BaRS X-Request-Id; empty on other channels.
    request_id   TEXT NOT NULL,
    content_type TEXT NOT NULL,
    -- SHA-256 of the bytes before they were sealed.
    hash         BLOB NOT NULL,
    sealed       BLOB NOT NULL,
    received_at  INTEGER NOT NULL,
    -- NULL while a person has not decided what it is.
    consultation TEXT REFERENCES document (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX kept_message_sent ON kept_message (pharmacy, channel, message_id);
CREATE INDEX kept_message_consultation ON kept_message (consultation);
