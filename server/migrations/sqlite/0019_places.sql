-- Where services are and when they are open, as directories told it last; and who confirmed an address there.

ALTER TABLE address_book ADD COLUMN confirmed_with TEXT NOT NULL DEFAULT '';

CREATE TABLE place_search (
    -- Kind of service; postcode, upper case. Never a patient's name or number.
    service    TEXT NOT NULL,
    postcode   TEXT NOT NULL,
    -- dos-rest, service-search.
    source     TEXT NOT NULL,
    -- Places as JSON.
    body       TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (service, postcode)
) STRICT;

CREATE INDEX place_search_age ON place_search (fetched_at);
