-- What lets a person do something: evidence, authorisations, the register, when access ends, who is responsible.

-- When access ends by itself; NULL for never.
ALTER TABLE membership ADD COLUMN until BIGINT;
ALTER TABLE invitation ADD COLUMN access_ends BIGINT;

-- What people call it, where an administrator gave it a name; the device's own word for itself stays in label.
ALTER TABLE device ADD COLUMN given_label TEXT COLLATE "C";
-- Consultations that waited on it when it last said so.
ALTER TABLE device ADD COLUMN unsent BIGINT;
-- True for a key that stands in for a passkey: its owner wrapped it with a passphrase when they enrolled.
ALTER TABLE signing_key ADD COLUMN stands_in BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE signing_key SET stands_in = TRUE WHERE person NOT IN (SELECT person FROM passkey);

-- Evidence of competence, kept by the contractor. What is withdrawn stays, with who and when.
CREATE TABLE evidence (
    id           TEXT COLLATE "C" PRIMARY KEY,
    person       TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    pharmacy     TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods),
    service      TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    -- Days as 2026-11-22; empty for no end.
    dated        TEXT COLLATE "C" NOT NULL,
    expires      TEXT COLLATE "C" NOT NULL,
    note         TEXT COLLATE "C" NOT NULL,
    filed_by     TEXT COLLATE "C" NOT NULL,
    filed_at     BIGINT NOT NULL,
    withdrawn_by TEXT COLLATE "C",
    withdrawn_at BIGINT
);

CREATE INDEX evidence_person ON evidence (pharmacy, person);

-- A named professional's signed authorisation for one version of a patient group direction.
CREATE TABLE pgd_authorisation (
    id            TEXT COLLATE "C" PRIMARY KEY,
    person        TEXT COLLATE "C" NOT NULL REFERENCES person (id),
    pharmacy      TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods),
    pgd           TEXT COLLATE "C" NOT NULL,
    version       TEXT COLLATE "C" NOT NULL,
    signed        TEXT COLLATE "C" NOT NULL,
    expires       TEXT COLLATE "C" NOT NULL,
    authorised_by TEXT COLLATE "C" NOT NULL,
    filed_by      TEXT COLLATE "C" NOT NULL,
    filed_at      BIGINT NOT NULL,
    withdrawn_by  TEXT COLLATE "C",
    withdrawn_at  BIGINT
);

CREATE INDEX pgd_authorisation_person ON pgd_authorisation (pharmacy, person);

-- The file of one of these, under the same id, sealed with the server's secret.
CREATE TABLE certificate (
    id     TEXT COLLATE "C" PRIMARY KEY,
    name   TEXT COLLATE "C" NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL
);

-- Who was responsible, from when to when; NULL until now.
CREATE TABLE responsible_pharmacist (
    place    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pharmacy TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods),
    name     TEXT COLLATE "C" NOT NULL,
    gphc     TEXT COLLATE "C" NOT NULL,
    since    BIGINT NOT NULL,
    until    BIGINT,
    named_by TEXT COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX responsible_pharmacist_now ON responsible_pharmacist (pharmacy) WHERE until IS NULL;

-- The registers as they were last imported: gphc and cppe.
CREATE TABLE register_entry (
    source  TEXT COLLATE "C" NOT NULL,
    number  TEXT COLLATE "C" NOT NULL,
    -- Of the declaration, for cppe; empty for gphc.
    service TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    -- registered, suspended or removed.
    status  TEXT COLLATE "C" NOT NULL,
    dated   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (source, number, service)
);
