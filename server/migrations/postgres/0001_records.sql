-- Records: one log a pharmacy, documents as opaque bytes, and what proves who wrote them.
-- All text has the collation "C", in every file here: both databases sort alike, and a column finds the index of one
-- that refers to it, which PostgreSQL does not use across collations.

-- Facts about this life of the data: the epoch.
CREATE TABLE meta (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- The last number given out in each pharmacy's log. Its row is updated, and so locked, in the storing transaction:
-- numbers have no gaps, and none can be seen before all smaller ones can.
CREATE TABLE pharmacy_log (
    pharmacy TEXT COLLATE "C" PRIMARY KEY,
    seq      BIGINT NOT NULL
);

CREATE TABLE document (
    id          TEXT COLLATE "C" PRIMARY KEY,
    pharmacy    TEXT COLLATE "C" NOT NULL,
    -- Number of the latest write to it.
    seq         BIGINT NOT NULL,
    -- A whole save, and the number up to which it is complete; changes after that stand in change.
    base        BYTEA NOT NULL,
    base_seq    BIGINT NOT NULL,
    -- Change hashes in hex, a space between, sorted.
    heads       TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    received_at TEXT COLLATE "C" NOT NULL,
    -- The summary row as JSON.
    summary     TEXT COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX document_log ON document (pharmacy, seq);

CREATE TABLE change (
    -- Order of arrival, predecessors first.
    place    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document TEXT COLLATE "C" NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    hash     BYTEA NOT NULL,
    actor    BYTEA NOT NULL,
    seq      BIGINT NOT NULL,
    bytes    BYTEA NOT NULL,
    UNIQUE (document, hash)
);

-- Receipts of unlocks, as the device made them; the hash is taken over these very bytes.
CREATE TABLE receipt (
    hash     BYTEA PRIMARY KEY,
    pharmacy TEXT COLLATE "C" NOT NULL,
    person   TEXT COLLATE "C" NOT NULL,
    device   TEXT COLLATE "C" NOT NULL,
    bytes    BYTEA NOT NULL
);

-- Whose an actor is, from first sight and for ever.
CREATE TABLE actor (
    actor    BYTEA PRIMARY KEY,
    pharmacy TEXT COLLATE "C" NOT NULL,
    person   TEXT COLLATE "C" NOT NULL,
    device   TEXT COLLATE "C" NOT NULL,
    receipt  BYTEA NOT NULL REFERENCES receipt (hash)
);

-- What was pushed and may not be applied: kept, never dropped.
CREATE TABLE quarantine (
    place    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pharmacy TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    person   TEXT COLLATE "C" NOT NULL,
    device   TEXT COLLATE "C" NOT NULL,
    reason   TEXT COLLATE "C" NOT NULL,
    detail   TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    bytes    BYTEA NOT NULL,
    -- SHA-256 of the bytes: the same refused push again is one entry.
    hash     BYTEA NOT NULL,
    UNIQUE (document, hash)
);

-- Messages that have been taken in, and the document set each consultation answers for.
CREATE TABLE intake_key (
    pharmacy TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    key      TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    PRIMARY KEY (pharmacy, kind, key)
);

CREATE INDEX intake_key_document ON intake_key (document);
