-- Consultations are found by the patient's NHS number; what lies in a MESH mailbox is tried in turn; a pharmacy is alerted
-- about messages that wait.

-- As in the summary row; empty where it has none.
ALTER TABLE document ADD COLUMN nhs_number TEXT COLLATE "C" NOT NULL DEFAULT '';

-- A summary with a NUL in it is no JSON to PostgreSQL; it gets its number when it is next written.

UPDATE document SET nhs_number = COALESCE(summary::json ->> 'nhs_number', '')
WHERE summary NOT LIKE '%u0000%';

CREATE INDEX document_nhs_number ON document (pharmacy, nhs_number) WHERE nhs_number <> '';

-- When it was last acted upon in vain; NULL before the first time.
ALTER TABLE mesh_incoming ADD COLUMN tried_at BIGINT;

-- As alert, about messages that wait for a person.
CREATE TABLE waiting_alert (
    waiting TEXT COLLATE "C" NOT NULL REFERENCES waiting (id) ON DELETE CASCADE,
    -- unopened, escalated
    stage   TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (waiting, stage)
);
