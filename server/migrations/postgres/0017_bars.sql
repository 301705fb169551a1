-- Which bytes came under which X-Request-Id of BaRS: the same id again is a duplicate, other bytes under it a conflict.

CREATE TABLE bars_request (
    -- A UUID in lower case.
    id          TEXT COLLATE "C" PRIMARY KEY,
    -- SHA-256 of the body that came under it first.
    hash        BYTEA NOT NULL,
    received_at BIGINT NOT NULL
);

CREATE INDEX bars_request_received ON bars_request (received_at);
