-- The audit log becomes one chain: each line carries the hash of itself and of the one before (docs/audit.md).

-- By the device's clock, for what was done on a device.
ALTER TABLE audit ADD COLUMN done_at INTEGER;
ALTER TABLE audit ADD COLUMN device TEXT;
ALTER TABLE audit ADD COLUMN why TEXT NOT NULL DEFAULT '';
-- Keyed hash of the NHS number of whom the line is about.
ALTER TABLE audit ADD COLUMN patient BLOB;
-- Known by it when it comes a second time.
ALTER TABLE audit ADD COLUMN event TEXT;
-- NULL only in lines from before this migration, until the next start.
ALTER TABLE audit ADD COLUMN hash BLOB;

CREATE UNIQUE INDEX audit_event ON audit (event) WHERE event IS NOT NULL;
CREATE INDEX audit_time ON audit (pharmacy, at);
CREATE INDEX audit_action ON audit (pharmacy, action, place);
CREATE INDEX audit_person ON audit (pharmacy, person, place);
CREATE INDEX audit_subject ON audit (pharmacy, subject, place);
CREATE INDEX audit_patient ON audit (patient, place) WHERE patient IS NOT NULL;
CREATE INDEX audit_unchained ON audit (place) WHERE hash IS NULL;

CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_never_changed BEFORE UPDATE ON audit
WHEN OLD.hash IS NOT NULL OR NEW.hash IS NULL OR NEW.place IS NOT OLD.place OR NEW.at IS NOT OLD.at
    OR NEW.done_at IS NOT OLD.done_at OR NEW.person IS NOT OLD.person OR NEW.pharmacy IS NOT OLD.pharmacy
    OR NEW.device IS NOT OLD.device OR NEW.action IS NOT OLD.action OR NEW.subject IS NOT OLD.subject
    OR NEW.why IS NOT OLD.why OR NEW.patient IS NOT OLD.patient OR NEW.event IS NOT OLD.event
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
