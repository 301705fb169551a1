-- Whether a try may have handed the message over without anybody hearing of it. Of what was tried before, it is not known.

ALTER TABLE delivery ADD COLUMN may_have_left INTEGER NOT NULL DEFAULT 0;
UPDATE delivery SET may_have_left = 1 WHERE attempts > 0;
