-- People: who works where, with which passkeys, devices and sessions.

CREATE TABLE pharmacy (
    ods     TEXT COLLATE "C" PRIMARY KEY,
    name    TEXT COLLATE "C" NOT NULL,
    -- MESH mailbox; empty for none.
    mailbox TEXT COLLATE "C" NOT NULL,
    phone   TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL
);

-- Directory of Services ids, each of one pharmacy.
CREATE TABLE pharmacy_dos (
    dos_id   TEXT COLLATE "C" PRIMARY KEY,
    pharmacy TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE
);

CREATE TABLE person (
    id           TEXT COLLATE "C" PRIMARY KEY,
    name         TEXT COLLATE "C" NOT NULL,
    -- As typed; null for people without a registration.
    gphc         TEXT COLLATE "C",
    gphc_checked BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE membership (
    person   TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    pharmacy TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    role     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, pharmacy)
);

-- One-time links; the row goes when the link is used.
CREATE TABLE invitation (
    token_hash BYTEA PRIMARY KEY,
    pharmacy   TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    role       TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    invited_by TEXT COLLATE "C" REFERENCES person (id) ON DELETE SET NULL
);

CREATE TABLE passkey (
    credential_id TEXT COLLATE "C" PRIMARY KEY,
    person        TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    label         TEXT COLLATE "C" NOT NULL,
    -- The credential as JSON, its counter included.
    passkey       TEXT COLLATE "C" NOT NULL,
    added_at      BIGINT NOT NULL,
    used_at       BIGINT
);

CREATE INDEX passkey_person ON passkey (person);

CREATE TABLE device (
    id         TEXT COLLATE "C" PRIMARY KEY,
    pharmacy   TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    label      TEXT COLLATE "C" NOT NULL,
    added_at   BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    -- Kept after revocation, so that late work can be told from foreign work.
    revoked_at BIGINT
);

CREATE INDEX device_pharmacy ON device (pharmacy);

-- Public signing keys. A person may have had several on a device; each is kept, since old work names it.
CREATE TABLE signing_key (
    person        TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    device        TEXT COLLATE "C" NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    key           TEXT COLLATE "C" NOT NULL,
    registered_at BIGINT NOT NULL,
    PRIMARY KEY (person, device, key)
);

-- Vault keys sealed to the server: the way back when nobody can open a device.
CREATE TABLE sealed_key (
    device      TEXT COLLATE "C" NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    vault       TEXT COLLATE "C" NOT NULL,
    key_version BIGINT NOT NULL,
    sealed      TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (device, vault, key_version)
);

-- Nonces given out for receipts. Kept: a receipt may arrive weeks later.
CREATE TABLE nonce (
    nonce     TEXT COLLATE "C" PRIMARY KEY,
    person    TEXT COLLATE "C",
    device    TEXT COLLATE "C",
    issued_at BIGINT NOT NULL
);

-- Web sessions; the id is a hash, so that a stolen database opens none.
CREATE TABLE session (
    id_hash    BYTEA PRIMARY KEY,
    person     TEXT COLLATE "C",
    device     TEXT COLLATE "C",
    data       TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX session_person ON session (person);
CREATE INDEX session_expiry ON session (expires_at);

-- Who did what, when. Never patient data.
CREATE TABLE audit (
    place    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       BIGINT NOT NULL,
    person   TEXT COLLATE "C",
    pharmacy TEXT COLLATE "C",
    action   TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL
);

CREATE INDEX audit_pharmacy ON audit (pharmacy, place);
