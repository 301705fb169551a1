-- Whether a try may have handed the message over without anybody hearing of it. Of what was tried before, it is not known.

ALTER TABLE delivery ADD COLUMN may_have_left BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE delivery SET may_have_left = TRUE WHERE attempts > 0;
