-- A page of the log goes by the first number of each document that its reader has not seen: of its base, or of its
-- tail where the base has been seen.
CREATE INDEX document_bases ON document (pharmacy, base_seq);
CREATE INDEX document_tails ON document (pharmacy, seq, base_seq) WHERE seq > base_seq;
