-- What lets a person do something: evidence, authorisations, the register, when access ends, who is responsible.

-- When access ends by itself; NULL for never.
ALTER TABLE membership ADD COLUMN until INTEGER;
ALTER TABLE invitation ADD COLUMN access_ends INTEGER;

-- What people call it, where an administrator gave it a name; the device's own word for itself stays in label.
ALTER TABLE device ADD COLUMN given_label TEXT;
-- Consultations that waited on it when it last said so.
ALTER TABLE device ADD COLUMN unsent INTEGER;
-- 1 for a key that stands in for a passkey: its owner wrapped it with a passphrase when they enrolled.
ALTER TABLE signing_key ADD COLUMN stands_in INTEGER NOT NULL DEFAULT 0;
UPDATE signing_key SET stands_in = 1 WHERE person NOT IN (SELECT person FROM passkey);

-- Evidence of competence, kept by the contractor. What is withdrawn stays, with who and when.
CREATE TABLE evidence (
    id           TEXT PRIMARY KEY,
    person       TEXT NOT NULL REFERENCES person (id),
    pharmacy     TEXT NOT NULL REFERENCES pharmacy (ods),
    service      TEXT NOT NULL,
    kind         TEXT NOT NULL,
    -- Days as 2026-11-22; empty for no end.
    dated        TEXT NOT NULL,
    expires      TEXT NOT NULL,
    note         TEXT NOT NULL,
    filed_by     TEXT NOT NULL,
    filed_at     INTEGER NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at INTEGER
) STRICT;

CREATE INDEX evidence_person ON evidence (pharmacy, person);

-- A named professional's signed authorisation for one version of a patient group direction.
CREATE TABLE pgd_authorisation (
    id            TEXT PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES person (id),
    pharmacy      TEXT NOT NULL REFERENCES pharmacy (ods),
    pgd           TEXT NOT NULL,
    version       TEXT NOT NULL,
    signed        TEXT NOT NULL,
    expires       TEXT NOT NULL,
    authorised_by TEXT NOT NULL,
    filed_by      TEXT NOT NULL,
    filed_at      INTEGER NOT NULL,
    withdrawn_by  TEXT,
    withdrawn_at  INTEGER
) STRICT;

CREATE INDEX pgd_authorisation_person ON pgd_authorisation (pharmacy, person);

-- The file of one of these, under the same id, sealed with the server's secret.
CREATE TABLE certificate (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    kind   TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- Who was responsible, from when to when; NULL until now.
CREATE TABLE responsible_pharmacist (
    place    INTEGER PRIMARY KEY,
    pharmacy TEXT NOT NULL REFERENCES pharmacy (ods),
    name     TEXT NOT NULL,
    gphc     TEXT NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER,
    named_by TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX responsible_pharmacist_now ON responsible_pharmacist (pharmacy) WHERE until IS NULL;

-- The registers as they were last imported: gphc and cppe.
CREATE TABLE register_entry (
    source  TEXT NOT NULL,
    number  TEXT NOT NULL,
    -- Of the declaration, for cppe; empty for gphc.
    service TEXT NOT NULL,
    name    TEXT NOT NULL,
    -- registered, suspended or removed.
    status  TEXT NOT NULL,
    dated   TEXT NOT NULL,
    PRIMARY KEY (source, number, service)
) STRICT;
