-- What came from people and waits for a person; alerts to the pharmacy about referrals that nobody has opened.

CREATE TABLE waiting (
    -- Of the message as it came (kept_message).
    id           TEXT COLLATE "C" PRIMARY KEY REFERENCES kept_message (id) ON DELETE CASCADE,
    pharmacy     TEXT COLLATE "C" NOT NULL,
    -- email, itk3
    source       TEXT COLLATE "C" NOT NULL,
    arrived_at   BIGINT NOT NULL,
    -- What was read of it, as JSON, sealed.
    sealed       BYTEA NOT NULL,
    -- NULL while nobody has decided: consultation, joined, not-a-referral
    settled_as   TEXT COLLATE "C",
    settled_at   BIGINT,
    -- A name, or empty where the server did it.
    settled_by   TEXT COLLATE "C",
    consultation TEXT COLLATE "C" REFERENCES document (id) ON DELETE CASCADE
);

CREATE INDEX waiting_list ON waiting (pharmacy, arrived_at DESC);

-- One line for each stage of alerting that was claimed; whoever claims it sends it.
CREATE TABLE alert (
    consultation TEXT COLLATE "C" NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    -- unopened, escalated
    stage        TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (consultation, stage)
);

-- Where a pharmacy is told outside the app that a referral waits; empty for nowhere.
CREATE TABLE alert_address (
    pharmacy TEXT COLLATE "C" PRIMARY KEY REFERENCES pharmacy (ods) ON DELETE CASCADE,
    first    TEXT COLLATE "C" NOT NULL,
    second   TEXT COLLATE "C" NOT NULL
);

-- Whether anybody has opened a referral is asked of the audit log.
CREATE INDEX audit_opened ON audit (subject) WHERE action = 'opened-consultation';
