-- What PDS said of the NHS numbers of our patients, and the organisations around the pharmacy.

-- Which number this server saw PDS give, or take back, for which consultation (practice 11). The number itself is not
-- here: a keyed hash, different for each consultation.
CREATE TABLE pds_seen (
    consultation TEXT NOT NULL,
    number       BLOB NOT NULL,
    -- 1: PDS gave it; 0: PDS has another one instead, or withdrew it.
    stands       INTEGER NOT NULL,
    -- worker or application.
    mode         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (consultation, number)
) STRICT;

-- When the background last asked PDS about a consultation, and a keyed hash of what it asked with.
CREATE TABLE pds_check (
    consultation TEXT PRIMARY KEY,
    asked        BLOB NOT NULL,
    at           INTEGER NOT NULL
) STRICT;

-- The consultations that PDS is asked about: a few, among years of settled ones.
CREATE INDEX document_open ON document (received_at DESC, id) WHERE status IN ('received', 'open');

-- Practices and pharmacies as the Organisation Data Service last told of them.
CREATE TABLE organisation (
    ods        TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    -- practice, pharmacy or other.
    kind       TEXT NOT NULL,
    -- 0: closed.
    active     INTEGER NOT NULL,
    successor  TEXT NOT NULL,
    address    TEXT NOT NULL,
    postcode   TEXT NOT NULL,
    phone      TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
