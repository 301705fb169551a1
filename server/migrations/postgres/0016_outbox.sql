-- A way that fails gives way to the next one; in which order a practice's ways are tried is the pharmacy's to say.

-- True once the next way is gone instead of this one.
ALTER TABLE delivery ADD COLUMN gave_way BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX delivery_standby ON delivery (consultation) WHERE state = 'standby';

-- How a practice is told, in the order in which it is tried. A practice without rows is told in the usual order.
CREATE TABLE practice_route (
    pharmacy  TEXT COLLATE "C" NOT NULL REFERENCES pharmacy (ods),
    practice  TEXT COLLATE "C" NOT NULL,
    position  BIGINT NOT NULL,
    route     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pharmacy, practice, position),
    UNIQUE (pharmacy, practice, route)
);
