-- What PDS said of the NHS numbers of our patients, and the organisations around the pharmacy.

-- Which number this server saw PDS give, or take back, for which consultation (practice 11). The number itself is not
-- here: a keyed hash, different for each consultation.
CREATE TABLE pds_seen (
    consultation TEXT COLLATE "C" NOT NULL,
    number       BYTEA NOT NULL,
    -- 1: PDS gave it; 0: PDS has another one instead, or withdrew it.
    stands       BIGINT NOT NULL,
    -- worker or application.
    mode         TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (consultation, number)
);

-- When the background last asked PDS about a consultation, and a keyed hash of what it asked with.
CREATE TABLE pds_check (
    consultation TEXT COLLATE "C" PRIMARY KEY,
    asked        BYTEA NOT NULL,
    at           BIGINT NOT NULL
);

-- The consultations that PDS is asked about: a few, among years of settled ones.
CREATE INDEX document_open ON document (received_at DESC, id) WHERE status IN ('received', 'open');

-- Practices and pharmacies as the Organisation Data Service last told of them.
CREATE TABLE organisation (
    ods        TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    -- practice, pharmacy or other.
    kind       TEXT COLLATE "C" NOT NULL,
    -- 0: closed.
    active     BIGINT NOT NULL,
    successor  TEXT COLLATE "C" NOT NULL,
    address    TEXT COLLATE "C" NOT NULL,
    postcode   TEXT COLLATE "C" NOT NULL,
    phone      TEXT COLLATE "C" NOT NULL,
    fetched_at BIGINT NOT NULL
);
