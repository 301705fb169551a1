-- CIS2: whom a subject of the provider is here, what a session proved by it, and logout tokens that were used.

-- An issuer's subject is one person for ever; a person may have several.
CREATE TABLE cis2_identity (
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    person    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT;

-- A sign-in that is still good. A web session names it by its handle.
CREATE TABLE cis2_session (
    handle       TEXT PRIMARY KEY,
    issuer       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    -- The session at the provider; empty where it named none.
    sid          TEXT NOT NULL,
    person       TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    signed_in_at INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    -- Whether the web session was begun by it, and ends with it.
    began        INTEGER NOT NULL,
    -- Role and tokens, sealed with the server's secret.
    sealed       BLOB NOT NULL,
    -- Until when somebody is renewing the tokens; 0 for nobody.
    turn_until   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX cis2_session_subject ON cis2_session (issuer, subject);
CREATE INDEX cis2_session_end ON cis2_session (until);

-- Back-channel logout tokens that were taken, so that none counts twice.
CREATE TABLE cis2_logout (
    issuer TEXT NOT NULL,
    jti    TEXT NOT NULL,
    until  INTEGER NOT NULL,
    PRIMARY KEY (issuer, jti)
) STRICT;

-- The handle that a web session names, so that a logout finds it.
ALTER TABLE session ADD COLUMN cis2 TEXT;
CREATE INDEX session_cis2 ON session (cis2) WHERE cis2 IS NOT NULL;
