-- What must still be sent, what became of it, and what came back.

CREATE TABLE delivery (
    id              TEXT COLLATE "C" PRIMARY KEY,
    pharmacy        TEXT COLLATE "C" NOT NULL,
    consultation    TEXT COLLATE "C" NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    kind            TEXT COLLATE "C" NOT NULL,
    -- 0 for the first signature, then the amendment that was signed.
    amendment       BIGINT NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    -- In words: Elm Road Surgery.
    addressee       TEXT COLLATE "C" NOT NULL,
    -- Why, in words for the pharmacist; no patient data.
    detail          TEXT COLLATE "C" NOT NULL,
    -- The frozen message; all empty where there is nothing to send.
    target          TEXT COLLATE "C" NOT NULL,
    workflow        TEXT COLLATE "C" NOT NULL,
    subject         TEXT COLLATE "C" NOT NULL,
    local_id        TEXT COLLATE "C" NOT NULL,
    content_type    TEXT COLLATE "C" NOT NULL,
    payload         BYTEA NOT NULL,
    payload_sha256  BYTEA NOT NULL,
    -- MessageHeader.id inside the payload: every answer names it.
    header_id       TEXT COLLATE "C" UNIQUE,
    attempts        BIGINT NOT NULL DEFAULT 0,
    -- When a worker may take it, milliseconds since 1970; NULL when nothing is to be sent.
    next_at         BIGINT,
    -- When a person must be told that no answer has come; NULL once told.
    answer_by       BIGINT,
    lease_owner     TEXT COLLATE "C",
    lease_until     BIGINT,
    mesh_message_id TEXT COLLATE "C",
    inf_status      TEXT COLLATE "C" NOT NULL DEFAULT '',
    bus_status      TEXT COLLATE "C" NOT NULL DEFAULT '',
    last_error      TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- Counts every write, so that two writers cannot overwrite each other.
    version         BIGINT NOT NULL DEFAULT 1,
    -- 1 until the document says what this row says.
    to_show         BIGINT NOT NULL DEFAULT 1,
    created_at      BIGINT NOT NULL,
    -- When state or detail changed last.
    changed_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    UNIQUE (consultation, kind, amendment)
);

CREATE INDEX delivery_due ON delivery (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_unanswered ON delivery (answer_by) WHERE answer_by IS NOT NULL;
CREATE INDEX delivery_unshown ON delivery (changed_at) WHERE to_show = 1;
CREATE INDEX delivery_sent ON delivery (mesh_message_id) WHERE mesh_message_id IS NOT NULL;

-- What lay in our MESH mailboxes, stored before it was acknowledged there.
CREATE TABLE mesh_incoming (
    mailbox      TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    sender       TEXT COLLATE "C" NOT NULL,
    workflow     TEXT COLLATE "C" NOT NULL,
    -- For a report of MESH itself: which message, why. Empty for other messages.
    about        TEXT COLLATE "C" NOT NULL,
    code         TEXT COLLATE "C" NOT NULL,
    description  TEXT COLLATE "C" NOT NULL,
    body         BYTEA NOT NULL,
    -- False where it is not for this program: it is left in the mailbox.
    ours         BOOLEAN NOT NULL,
    received_at  BIGINT NOT NULL,
    -- NULL until acted upon.
    handled_at   BIGINT,
    -- What was made of it, in words; no patient data.
    outcome      TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (mailbox, id)
);

CREATE INDEX mesh_incoming_waiting ON mesh_incoming (received_at) WHERE handled_at IS NULL;
