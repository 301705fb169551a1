-- A delivery may go by one of several ways, each a row of its own. SQLite changes no key, so the table is made anew.

CREATE TABLE delivery_with_ways (
    id              TEXT PRIMARY KEY,
    pharmacy        TEXT NOT NULL,
    consultation    TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL,
    -- 0 for the first signature, then the amendment that was signed.
    amendment       INTEGER NOT NULL,
    route           TEXT NOT NULL,
    -- 0 for the way that is tried first.
    position        INTEGER NOT NULL,
    state           TEXT NOT NULL,
    -- In words: Elm Road Surgery.
    addressee       TEXT NOT NULL,
    -- Why, in words for the pharmacist; no patient data.
    detail          TEXT NOT NULL,
    -- The frozen message; all empty where there is nothing to send.
    target          TEXT NOT NULL,
    workflow        TEXT NOT NULL,
    subject         TEXT NOT NULL,
    local_id        TEXT NOT NULL,
    content_type    TEXT NOT NULL,
    payload         BLOB NOT NULL,
    payload_sha256  BLOB NOT NULL,
    -- MessageHeader.id inside the payload: every answer names it.
    header_id       TEXT UNIQUE,
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- When a worker may take it, milliseconds since 1970; NULL when nothing is to be sent.
    next_at         INTEGER,
    -- When a person must be told that no answer has come; NULL once told.
    answer_by       INTEGER,
    lease_owner     TEXT,
    lease_until     INTEGER,
    mesh_message_id TEXT,
    inf_status      TEXT NOT NULL DEFAULT '',
    bus_status      TEXT NOT NULL DEFAULT '',
    last_error      TEXT NOT NULL DEFAULT '',
    -- Counts every write, so that two writers cannot overwrite each other.
    version         INTEGER NOT NULL DEFAULT 1,
    -- 1 until the document says what this row says.
    to_show         INTEGER NOT NULL DEFAULT 1,
    created_at      INTEGER NOT NULL,
    -- When state or detail changed last.
    changed_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    UNIQUE (consultation, kind, amendment, route)
) STRICT;

INSERT INTO delivery_with_ways
    (id, pharmacy, consultation, kind, amendment, state, addressee, detail, target, workflow, subject,
     local_id, content_type, payload, payload_sha256, header_id, attempts, next_at, answer_by,
     lease_owner, lease_until, mesh_message_id, inf_status, bus_status, last_error, version, to_show,
     created_at, changed_at, updated_at, route, position)
SELECT id, pharmacy, consultation, kind, amendment, state, addressee, detail, target, workflow, subject,
    local_id, content_type, payload, payload_sha256, header_id, attempts, next_at, answer_by,
    lease_owner, lease_until, mesh_message_id, inf_status, bus_status, last_error, version, to_show,
    created_at, changed_at, updated_at, 'update-record', 0
FROM delivery;

DROP TABLE delivery;
ALTER TABLE delivery_with_ways RENAME TO delivery;

CREATE INDEX delivery_due ON delivery (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_unanswered ON delivery (answer_by) WHERE answer_by IS NOT NULL;
CREATE INDEX delivery_unshown ON delivery (changed_at) WHERE to_show = 1;
CREATE INDEX delivery_sent ON delivery (mesh_message_id) WHERE mesh_message_id IS NOT NULL;
