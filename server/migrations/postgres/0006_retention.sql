-- The end of a record: destroyed when its time is over, kept longer on a legal hold; and what a restore holds back.

-- What was destroyed takes a number of its pharmacy's log, so that devices hear of it; the id stays for ever, so that
-- neither a device nor a backup revives it.
CREATE TABLE destroyed (
    document    TEXT COLLATE "C" PRIMARY KEY,
    pharmacy    TEXT COLLATE "C" NOT NULL,
    seq         BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    -- As JSON; names no patient.
    certificate TEXT COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX destroyed_log ON destroyed (pharmacy, seq);

-- Records that a court, an inquiry or a complaint needs: not destroyed, however old.
CREATE TABLE legal_hold (
    document  TEXT COLLATE "C" PRIMARY KEY REFERENCES document (id),
    reason    TEXT COLLATE "C" NOT NULL,
    placed_by TEXT COLLATE "C" NOT NULL,
    at        BIGINT NOT NULL
);

-- After a restore: pharmacies of which nothing is sent until their devices have given back what they hold.
CREATE TABLE outbox_hold (
    pharmacy TEXT COLLATE "C" PRIMARY KEY,
    since    BIGINT NOT NULL
);

CREATE TABLE outbox_hold_device (
    device   TEXT COLLATE "C" PRIMARY KEY,
    pharmacy TEXT COLLATE "C" NOT NULL,
    -- 1 once it has said what it holds.
    asked    BIGINT NOT NULL DEFAULT 0
);

-- What such a device was asked to give back and has not yet.
CREATE TABLE outbox_hold_document (
    device   TEXT COLLATE "C" NOT NULL REFERENCES outbox_hold_device (device) ON DELETE CASCADE,
    document TEXT COLLATE "C" NOT NULL,
    -- What it holds of it: change hashes in hex, a space between.
    heads    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (device, document)
);
