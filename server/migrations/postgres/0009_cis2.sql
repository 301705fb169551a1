-- CIS2: whom a subject of the provider is here, what a session proved by it, and logout tokens that were used.

-- An issuer's subject is one person for ever; a person may have several.
CREATE TABLE cis2_identity (
    issuer    TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL,
    person    TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

-- A sign-in that is still good. A web session names it by its handle.
CREATE TABLE cis2_session (
    handle       TEXT COLLATE "C" PRIMARY KEY,
    issuer       TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    -- The session at the provider; empty where it named none.
    sid          TEXT COLLATE "C" NOT NULL,
    person       TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    signed_in_at BIGINT NOT NULL,
    until        BIGINT NOT NULL,
    -- Whether the web session was begun by it, and ends with it.
    began        BOOLEAN NOT NULL,
    -- Role and tokens, sealed with the server's secret.
    sealed       BYTEA NOT NULL,
    -- Until when somebody is renewing the tokens; 0 for nobody.
    turn_until   BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX cis2_session_subject ON cis2_session (issuer, subject);
CREATE INDEX cis2_session_end ON cis2_session (until);

-- Back-channel logout tokens that were taken, so that none counts twice.
CREATE TABLE cis2_logout (
    issuer TEXT COLLATE "C" NOT NULL,
    jti    TEXT COLLATE "C" NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (issuer, jti)
);

-- The handle that a web session names, so that a logout finds it.
ALTER TABLE session ADD COLUMN cis2 TEXT COLLATE "C";
CREATE INDEX session_cis2 ON session (cis2) WHERE cis2 IS NOT NULL;
