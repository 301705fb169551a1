-- To which address a practice or another pharmacy takes confidential messages, each pharmacy's own.

CREATE TABLE address_book (
    id           TEXT PRIMARY KEY,
    pharmacy     TEXT NOT NULL REFERENCES pharmacy (ods),
    -- NULL for an organisation without a code.
    ods          TEXT,
    -- practice, pharmacy, other.
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    phone        TEXT NOT NULL,
    note         TEXT NOT NULL,
    -- csv, screen, dos.
    source       TEXT NOT NULL,
    -- Hash of the code in the test message that waits for its answer.
    code_hash    BLOB,
    -- NULL: nobody there has confirmed it, and no patient's data is sent to it.
    confirmed_at INTEGER,
    confirmed_by TEXT,
    changed_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX address_book_of ON address_book (pharmacy, ods);
