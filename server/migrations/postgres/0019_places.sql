-- Where services are and when they are open, as directories told it last; and who confirmed an address there.

ALTER TABLE address_book ADD COLUMN confirmed_with TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE TABLE place_search (
    -- Kind of service; postcode, upper case. Never a patient's name or number.
    service    TEXT COLLATE "C" NOT NULL,
    postcode   TEXT COLLATE "C" NOT NULL,
    -- dos-rest, service-search.
    source     TEXT COLLATE "C" NOT NULL,
    -- Places as JSON.
    body       TEXT COLLATE "C" NOT NULL,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (service, postcode)
);

CREATE INDEX place_search_age ON place_search (fetched_at);
