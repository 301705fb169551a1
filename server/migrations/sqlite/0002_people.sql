-- People: who works where, with which passkeys, devices and sessions.

CREATE TABLE pharmacy (
    ods     TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    -- MESH mailbox; empty for none.
    mailbox TEXT NOT NULL,
    phone   TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;

-- Directory of Services ids, each of one pharmacy.
CREATE TABLE pharmacy_dos (
    dos_id   TEXT PRIMARY KEY,
    pharmacy TEXT NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE
) STRICT;

CREATE TABLE person (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    -- As typed; null for people without a registration.
    gphc         TEXT,
    gphc_checked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE membership (
    person   TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    pharmacy TEXT NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    role     TEXT NOT NULL,
    PRIMARY KEY (person, pharmacy)
) STRICT;

-- One-time links; the row goes when the link is used.
CREATE TABLE invitation (
    token_hash BLOB PRIMARY KEY,
    pharmacy   TEXT NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    role       TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    invited_by TEXT REFERENCES person (id) ON DELETE SET NULL
) STRICT;

CREATE TABLE passkey (
    credential_id TEXT PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    label         TEXT NOT NULL,
    -- The credential as JSON, its counter included.
    passkey       TEXT NOT NULL,
    added_at      INTEGER NOT NULL,
    used_at       INTEGER
) STRICT;

CREATE INDEX passkey_person ON passkey (person);

CREATE TABLE device (
    id         TEXT PRIMARY KEY,
    pharmacy   TEXT NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    label      TEXT NOT NULL,
    added_at   INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    -- Kept after revocation, so that late work can be told from foreign work.
    revoked_at INTEGER
) STRICT;

CREATE INDEX device_pharmacy ON device (pharmacy);

-- Public signing keys. A person may have had several on a device; each is kept, since old work names it.
CREATE TABLE signing_key (
    person        TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    device        TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    key           TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (person, device, key)
) STRICT;

-- Vault keys sealed to the server: the way back when nobody can open a device.
CREATE TABLE sealed_key (
    device      TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    vault       TEXT NOT NULL,
    key_version INTEGER NOT NULL,
    sealed      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (device, vault, key_version)
) STRICT;

-- Nonces given out for receipts. Kept: a receipt may arrive weeks later.
CREATE TABLE nonce (
    nonce     TEXT PRIMARY KEY,
    person    TEXT,
    device    TEXT,
    issued_at INTEGER NOT NULL
) STRICT;

-- Web sessions; the id is a hash, so that a stolen database opens none.
CREATE TABLE session (
    id_hash    BLOB PRIMARY KEY,
    person     TEXT,
    device     TEXT,
    data       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX session_person ON session (person);
CREATE INDEX session_expiry ON session (expires_at);

-- Who did what, when. Never patient data.
CREATE TABLE audit (
    place    INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    person   TEXT,
    pharmacy TEXT,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL
) STRICT;

CREATE INDEX audit_pharmacy ON audit (pharmacy, place);
