-- How long a pharmacy's devices may be without contact; no line means the usual time.
CREATE TABLE contact_limit (
    pharmacy TEXT COLLATE "C" PRIMARY KEY REFERENCES pharmacy (ods),
    hours    BIGINT NOT NULL
);
