-- The end of a record: destroyed when its time is over, kept longer on a legal hold; and what a restore holds back.

-- What was destroyed takes a number of its pharmacy's log, so that devices hear of it; the id stays for ever, so that
-- neither a device nor a backup revives it.
CREATE TABLE destroyed (
    document    TEXT PRIMARY KEY,
    pharmacy    TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    -- As JSON; names no patient.
    certificate TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX destroyed_log ON destroyed (pharmacy, seq);

-- Records that a court, an inquiry or a complaint needs: not destroyed, however old.
CREATE TABLE legal_hold (
    document  TEXT PRIMARY KEY REFERENCES document (id),
    reason    TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

-- After a restore: pharmacies of which nothing is sent until their devices have given back what they hold.
CREATE TABLE outbox_hold (
    pharmacy TEXT PRIMARY KEY,
    since    INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox_hold_device (
    device   TEXT PRIMARY KEY,
    pharmacy TEXT NOT NULL,
    -- 1 once it has said what it holds.
    asked    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What such a device was asked to give back and has not yet.
CREATE TABLE outbox_hold_document (
    device   TEXT NOT NULL REFERENCES outbox_hold_device (device) ON DELETE CASCADE,
    document TEXT NOT NULL,
    -- What it holds of it: change hashes in hex, a space between.
    heads    TEXT NOT NULL,
    PRIMARY KEY (device, document)
) STRICT;
