-- The audit log becomes one chain: each line carries the hash of itself and of the one before (docs/audit.md).

-- Places are given out with the chain's end locked, and have no gaps from now on.
ALTER TABLE audit ALTER COLUMN place DROP IDENTITY;
-- By the device's clock, for what was done on a device.
ALTER TABLE audit ADD COLUMN done_at BIGINT;
ALTER TABLE audit ADD COLUMN device TEXT COLLATE "C";
ALTER TABLE audit ADD COLUMN why TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Keyed hash of the NHS number of whom the line is about.
ALTER TABLE audit ADD COLUMN patient BYTEA;
-- Known by it when it comes a second time.
ALTER TABLE audit ADD COLUMN event TEXT COLLATE "C";
-- NULL only in lines from before this migration, until the next start.
ALTER TABLE audit ADD COLUMN hash BYTEA;

CREATE UNIQUE INDEX audit_event ON audit (event) WHERE event IS NOT NULL;
CREATE INDEX audit_time ON audit (pharmacy, at);
CREATE INDEX audit_action ON audit (pharmacy, action, place);
CREATE INDEX audit_person ON audit (pharmacy, person, place);
CREATE INDEX audit_subject ON audit (pharmacy, subject, place);
CREATE INDEX audit_patient ON audit (patient, place) WHERE patient IS NOT NULL;
CREATE INDEX audit_unchained ON audit (place) WHERE hash IS NULL;

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;

CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_never_changed BEFORE UPDATE ON audit
    FOR EACH ROW WHEN (OLD.hash IS NOT NULL OR NEW.hash IS NULL
        OR (NEW.place, NEW.at, NEW.done_at, NEW.person, NEW.pharmacy, NEW.device, NEW.action, NEW.subject,
            NEW.why, NEW.patient, NEW.event)
        IS DISTINCT FROM (OLD.place, OLD.at, OLD.done_at, OLD.person, OLD.pharmacy, OLD.device, OLD.action,
            OLD.subject, OLD.why, OLD.patient, OLD.event))
    EXECUTE FUNCTION audit_is_append_only();
