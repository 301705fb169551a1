-- What became of what was set aside. Its bytes are sealed from now on; those from before stay as they are.

ALTER TABLE quarantine ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;
-- Where an administrator may release it.
ALTER TABLE quarantine ADD COLUMN releasable BOOLEAN NOT NULL DEFAULT FALSE;
-- waiting, released or closed; by whom, when, and why it was closed.
ALTER TABLE quarantine ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'waiting';
ALTER TABLE quarantine ADD COLUMN settled_by TEXT COLLATE "C";
ALTER TABLE quarantine ADD COLUMN settled_at BIGINT;
ALTER TABLE quarantine ADD COLUMN settled_because TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX quarantine_pharmacy ON quarantine (pharmacy, place);
