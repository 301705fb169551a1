-- What was done: a row for each record that stands signed, for figures, months of claims and exports. All of it can be read
-- out of the records again, but for what somebody read in Manage Your Service.

CREATE TABLE activity (
    pharmacy  TEXT NOT NULL,
    -- The day of the consultation in England: 2026-11-22.
    day       TEXT NOT NULL,
    document  TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
    -- FAMILY, Given.
    patient   TEXT NOT NULL,
    -- Facts as JSON; no patient is in them.
    facts     TEXT NOT NULL,
    PRIMARY KEY (pharmacy, day, document)
) STRICT, WITHOUT ROWID;

CREATE INDEX activity_document ON activity (document);

-- What is handed on of it. Apart, so that figures are read without it.
CREATE TABLE activity_extract (
    document TEXT PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    pharmacy TEXT NOT NULL,
    day      TEXT NOT NULL,
    -- Tells patients apart; empty where nothing does.
    person   TEXT NOT NULL,
    -- What few may share.
    age_band TEXT NOT NULL,
    sex      TEXT NOT NULL,
    district TEXT NOT NULL,
    -- Every item as JSON.
    items    TEXT NOT NULL
) STRICT;

CREATE INDEX activity_extract_day ON activity_extract (pharmacy, day, document);

-- What somebody read in Manage Your Service, and whether the month was declared there.
CREATE TABLE claim_month (
    pharmacy TEXT NOT NULL REFERENCES pharmacy (ods),
    -- 2026-11.
    month    TEXT NOT NULL,
    -- Accepted claims by service, as JSON.
    figures  TEXT NOT NULL,
    declared INTEGER NOT NULL,
    -- Who said so, and when.
    told_by  TEXT NOT NULL,
    told_at  INTEGER NOT NULL,
    PRIMARY KEY (pharmacy, month)
) STRICT;

-- Signed records of a pharmacy, to find those that nobody has read yet without opening any.
CREATE INDEX document_signed ON document (pharmacy, id) WHERE status IN ('completed', 'closed');

-- How a delivery stands, without its message.
CREATE INDEX delivery_standing ON delivery (consultation, kind, amendment, state, changed_at);

CREATE INDEX delivery_pharmacy ON delivery (pharmacy, state);

-- What is not over yet, for whoever watches.
CREATE INDEX delivery_open ON delivery (kind, state, changed_at)
    WHERE state IN ('queued', 'sent', 'received', 'held', 'refused', 'needs-attention');
