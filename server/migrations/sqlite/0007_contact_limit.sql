-- How long a pharmacy's devices may be without contact; no line means the usual time.
CREATE TABLE contact_limit (
    pharmacy TEXT PRIMARY KEY REFERENCES pharmacy (ods),
    hours    INTEGER NOT NULL
) STRICT;
