-- What came from people and waits for a person; alerts to the pharmacy about referrals that nobody has opened.

CREATE TABLE waiting (
    -- Of the message as it came (kept_message).
    id           TEXT PRIMARY KEY REFERENCES kept_message (id) ON DELETE CASCADE,
    pharmacy     TEXT NOT NULL,
    -- email, itk3
    source       TEXT NOT NULL,
    arrived_at   INTEGER NOT NULL,
    -- What was read of it, as JSON, sealed.
    sealed       BLOB NOT NULL,
    -- NULL while nobody has decided: consultation, joined, not-a-referral
    settled_as   TEXT,
    settled_at   INTEGER,
    -- A name, or empty where the server did it.
    settled_by   TEXT,
    consultation TEXT REFERENCES document (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX waiting_list ON waiting (pharmacy, arrived_at DESC);

-- One line for each stage of alerting that was claimed; whoever claims it sends it.
CREATE TABLE alert (
    consultation TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    -- unopened, escalated
    stage        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (consultation, stage)
) STRICT;

-- Where a pharmacy is told outside the app that a referral waits; empty for nowhere.
CREATE TABLE alert_address (
    pharmacy TEXT PRIMARY KEY REFERENCES pharmacy (ods) ON DELETE CASCADE,
    first    TEXT NOT NULL,
    second   TEXT NOT NULL
) STRICT;

-- Whether anybody has opened a referral is asked of the audit log.
CREATE INDEX audit_opened ON audit (subject) WHERE action = 'opened-consultation';
