-- Consultations are found by the patient's NHS number; what lies in a MESH mailbox is tried in turn; a pharmacy is alerted
-- about messages that wait.

-- As in the summary row; empty where it has none.
ALTER TABLE document ADD COLUMN nhs_number TEXT NOT NULL DEFAULT '';

UPDATE document SET nhs_number = COALESCE(json_extract(summary, '$.nhs_number'), '');

CREATE INDEX document_nhs_number ON document (pharmacy, nhs_number) WHERE nhs_number <> '';

-- When it was last acted upon in vain; NULL before the first time.
ALTER TABLE mesh_incoming ADD COLUMN tried_at INTEGER;

-- As alert, about messages that wait for a person.
CREATE TABLE waiting_alert (
    waiting TEXT NOT NULL REFERENCES waiting (id) ON DELETE CASCADE,
    -- unopened, escalated
    stage   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (waiting, stage)
) STRICT;
