-- To which address a practice or another pharmacy takes confidential messages, each pharmacy's own.

CREATE TABLE address_book (
    id           TEXT COLLATE "C" PRIMARY KEY,
    pharmacy     TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods),
    -- NULL for an organisation without a code.
    ods          TEXT COLLATE "C",
    -- practice, pharmacy, other.
    kind         TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    email        TEXT COLLATE "C" NOT NULL,
    phone        TEXT COLLATE "C" NOT NULL,
    note         TEXT COLLATE "C" NOT NULL,
    -- csv, screen, dos.
    source       TEXT COLLATE "C" NOT NULL,
    -- Hash of the code in the test message that waits for its answer.
    code_hash    BYTEA,
    -- NULL: nobody there has confirmed it, and no patient's data is sent to it.
    confirmed_at BIGINT,
    confirmed_by TEXT COLLATE "C",
    changed_at   BIGINT NOT NULL
);

CREATE INDEX address_book_of ON address_book (pharmacy, ods);
