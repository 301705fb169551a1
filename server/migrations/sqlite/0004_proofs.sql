-- What proves who wrote what, so that anybody can bring it back to a server that has lost it; and who was removed.

-- Each author's signature over their newest change of a document.
CREATE TABLE author_signature (
    document  TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    actor     BLOB NOT NULL,
    -- Number of the write it came with.
    seq       INTEGER NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (document, actor)
) STRICT;

-- From which receipt and tab an actor was made, and the number of the write it was first seen in.
CREATE TABLE actor_claim (
    actor     BLOB PRIMARY KEY,
    pharmacy  TEXT NOT NULL,
    receipt   BLOB NOT NULL REFERENCES receipt (hash),
    tab_nonce BLOB NOT NULL,
    seq       INTEGER NOT NULL
) STRICT;

CREATE INDEX actor_claim_log ON actor_claim (pharmacy, seq);

-- Which receipt an unlock's challenge was shown with: the same unlock with other words around it is refused.
CREATE TABLE receipt_challenge (
    challenge BLOB PRIMARY KEY,
    receipt   BLOB NOT NULL REFERENCES receipt (hash)
) STRICT;

-- Who was removed from a pharmacy, and what they had been there. Their work of before can still be released.
CREATE TABLE removal (
    person   TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    pharmacy TEXT NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    role     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (person, pharmacy)
) STRICT;
