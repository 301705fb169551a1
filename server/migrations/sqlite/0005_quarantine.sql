-- What became of what was set aside. Its bytes are sealed from now on; those from before stay as they are.

ALTER TABLE quarantine ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
-- 1 where an administrator may release it.
ALTER TABLE quarantine ADD COLUMN releasable INTEGER NOT NULL DEFAULT 0;
-- waiting, released or closed; by whom, when, and why it was closed.
ALTER TABLE quarantine ADD COLUMN state TEXT NOT NULL DEFAULT 'waiting';
ALTER TABLE quarantine ADD COLUMN settled_by TEXT;
ALTER TABLE quarantine ADD COLUMN settled_at INTEGER;
ALTER TABLE quarantine ADD COLUMN settled_because TEXT NOT NULL DEFAULT '';

CREATE INDEX quarantine_pharmacy ON quarantine (pharmacy, place);
