-- Messages as they came, sealed: every version of a referral, e-mails, letters.

CREATE TABLE kept_message (
    -- Made of channel, pharmacy, the sender's id and the bytes: the same again is the same row.
    id           TEXT COLLATE "C" PRIMARY KEY,
    pharmacy     TEXT COLLATE "C" NOT NULL,
    channel      TEXT COLLATE "C" NOT NULL,
    -- The sender's id, in lower case.
    message_id   TEXT COLLATE "C" NOT NULL,
    -- BaRS X-Request-Id; empty on other channels.
    request_id   TEXT COLLATE "C" NOT NULL,
    content_type TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the bytes before they were sealed.
    hash         BYTEA NOT NULL,
    sealed       BYTEA NOT NULL,
    received_at  BIGINT NOT NULL,
    -- NULL while a person has not decided what it is.
    consultation TEXT COLLATE "C" REFERENCES document (id) ON DELETE CASCADE
);

CREATE INDEX kept_message_sent ON kept_message (pharmacy, channel, message_id);
CREATE INDEX kept_message_consultation ON kept_message (consultation);
