-- A delivery may go by one of several ways, each a row of its own.

ALTER TABLE delivery ADD COLUMN route TEXT COLLATE "C" NOT NULL DEFAULT 'update-record';
ALTER TABLE delivery ALTER COLUMN route DROP DEFAULT;
-- 0 for the way that is tried first.
ALTER TABLE delivery ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE delivery ALTER COLUMN position DROP DEFAULT;
ALTER TABLE delivery DROP CONSTRAINT delivery_consultation_kind_amendment_key;
ALTER TABLE delivery ADD CONSTRAINT delivery_way UNIQUE (consultation, kind, amendment, route);
