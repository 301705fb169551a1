-- Records: one log a pharmacy, documents as opaque bytes, and what proves who wrote them.

-- Facts about this life of the data: the epoch.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The last number given out in each pharmacy's log. Updated in the storing transaction, so numbers have no gaps.
CREATE TABLE pharmacy_log (
    pharmacy TEXT PRIMARY KEY,
    seq      INTEGER NOT NULL
) STRICT;

CREATE TABLE document (
    id          TEXT PRIMARY KEY,
    pharmacy    TEXT NOT NULL,
    -- Number of the latest write to it.
    seq         INTEGER NOT NULL,
    -- A whole save, and the number up to which it is complete; changes after that stand in change.
    base        BLOB NOT NULL,
    base_seq    INTEGER NOT NULL,
    -- Change hashes in hex, a space between, sorted.
    heads       TEXT NOT NULL,
    status      TEXT NOT NULL,
    received_at TEXT NOT NULL,
    -- The summary row as JSON.
    summary     TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX document_log ON document (pharmacy, seq);

CREATE TABLE change (
    -- Order of arrival, predecessors first.
    place    INTEGER PRIMARY KEY,
    document TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    hash     BLOB NOT NULL,
    actor    BLOB NOT NULL,
    seq      INTEGER NOT NULL,
    bytes    BLOB NOT NULL,
    UNIQUE (document, hash)
) STRICT;

-- Receipts of unlocks, as the device made them; the hash is taken over these very bytes.
CREATE TABLE receipt (
    hash     BLOB PRIMARY KEY,
    pharmacy TEXT NOT NULL,
    person   TEXT NOT NULL,
    device   TEXT NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;

-- Whose an actor is, from first sight and for ever.
CREATE TABLE actor (
    actor    BLOB PRIMARY KEY,
    pharmacy TEXT NOT NULL,
    person   TEXT NOT NULL,
    device   TEXT NOT NULL,
    receipt  BLOB NOT NULL REFERENCES receipt (hash)
) STRICT;

-- What was pushed and may not be applied: kept, never dropped.
CREATE TABLE quarantine (
    place    INTEGER PRIMARY KEY,
    pharmacy TEXT NOT NULL,
    document TEXT NOT NULL,
    person   TEXT NOT NULL,
    device   TEXT NOT NULL,
    reason   TEXT NOT NULL,
    detail   TEXT NOT NULL,
    at       INTEGER NOT NULL,
    bytes    BLOB NOT NULL,
    -- SHA-256 of the bytes: the same refused push again is one entry.
    hash     BLOB NOT NULL,
    UNIQUE (document, hash)
) STRICT;

-- Messages that have been taken in, and the document set each consultation answers for.
CREATE TABLE intake_key (
    pharmacy TEXT NOT NULL,
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    PRIMARY KEY (pharmacy, kind, key)
) STRICT;
