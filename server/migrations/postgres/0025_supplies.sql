-- What was handed over, a row for each line of the version of a record that stands signed: for the register of
-- prescription-only medicines, for a recall, for earlier supplies of a patient, and for the tokens of a month. All of it
-- can be read out of the records again.

-- Which signed version the rows of a record were read from; a signed record without one is read when next somebody asks.
CREATE TABLE supply_read (
    document TEXT COLLATE "C" PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    -- Which program read it: a newer one reads it anew.
    version  BIGINT NOT NULL,
    -- The heads that were signed, as the signature has them.
    heads    TEXT COLLATE "C" NOT NULL
);

CREATE TABLE supply (
    document    TEXT COLLATE "C" NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    -- The medicine line's id in the record.
    line        TEXT COLLATE "C" NOT NULL,
    pharmacy    TEXT COLLATE "C" NOT NULL,
    -- When it was handed over, and the day of it in England; 0 and empty where nobody said.
    at          BIGINT NOT NULL,
    day         TEXT COLLATE "C" NOT NULL,
    supply_type TEXT COLLATE "C" NOT NULL,
    nhs_number  TEXT COLLATE "C" NOT NULL,
    -- Name and birth date, for who has no number; empty where either is missing.
    person      TEXT COLLATE "C" NOT NULL,
    -- Letters and digits of the batch, in capitals; empty where nobody recorded one.
    batch       TEXT COLLATE "C" NOT NULL,
    -- The line as JSON.
    facts       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, line)
);

CREATE INDEX supply_day ON supply (pharmacy, day);
CREATE INDEX supply_nhs_number ON supply (pharmacy, nhs_number) WHERE nhs_number <> '';
CREATE INDEX supply_person ON supply (pharmacy, person) WHERE person <> '';
CREATE INDEX supply_batch ON supply (pharmacy, batch);

CREATE TABLE supply_token (
    document TEXT COLLATE "C" PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    pharmacy TEXT COLLATE "C" NOT NULL,
    -- `2026-11`, of the first supply.
    month    TEXT COLLATE "C" NOT NULL,
    -- As JSON.
    facts    TEXT COLLATE "C" NOT NULL
);

CREATE INDEX supply_token_month ON supply_token (pharmacy, month);
