-- What proves who wrote what, so that anybody can bring it back to a server that has lost it; and who was removed.

-- Each author's signature over their newest change of a document.
CREATE TABLE author_signature (
    document  TEXT COLLATE "C" NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    actor     BYTEA NOT NULL,
    -- Number of the write it came with.
    seq       BIGINT NOT NULL,
    signature BYTEA NOT NULL,
    PRIMARY KEY (document, actor)
);

-- From which receipt and tab an actor was made, and the number of the write it was first seen in.
CREATE TABLE actor_claim (
    actor     BYTEA PRIMARY KEY,
    pharmacy  TEXT COLLATE "C" NOT NULL,
    receipt   BYTEA NOT NULL REFERENCES receipt (hash),
    tab_nonce BYTEA NOT NULL,
    seq       BIGINT NOT NULL
);

CREATE INDEX actor_claim_log ON actor_claim (pharmacy, seq);

-- Which receipt an unlock's challenge was shown with: the same unlock with other words around it is refused.
CREATE TABLE receipt_challenge (
    challenge BYTEA PRIMARY KEY,
    receipt   BYTEA NOT NULL REFERENCES receipt (hash)
);

-- Who was removed from a pharmacy, and what they had been there. Their work of before can still be released.
CREATE TABLE removal (
    person   TEXT COLLATE "C" NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    pharmacy TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods) ON DELETE CASCADE,
    role     TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (person, pharmacy)
);
