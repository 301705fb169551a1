-- The dictionary of medicines and devices: which release is in use, the files devices fetch, and replaced ids.

CREATE TABLE dmd_release (
    -- Day of the release: 2026-11-16.
    release     TEXT COLLATE "C" NOT NULL,
    -- SHA-256 over the names and contents of its files.
    digest      BYTEA NOT NULL,
    -- Number of the rules by which the files were built.
    builder     BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    -- file, demonstration, or trud with what TRUD calls it.
    source      TEXT COLLATE "C" NOT NULL,
    -- JSON: how much there is of what, and what changed since the release before.
    counts      TEXT COLLATE "C" NOT NULL,
    changes     TEXT COLLATE "C" NOT NULL,
    -- NULL: in use.
    replaced_at BIGINT,
    PRIMARY KEY (release, imported_at)
);

-- Files of the release in use.
CREATE TABLE dmd_file (
    -- core, full, ledger.
    name   TEXT COLLATE "C" PRIMARY KEY,
    -- Of the file before it was packed.
    sha256 BYTEA NOT NULL,
    -- Packed, and whole.
    bytes  BIGINT NOT NULL,
    whole  BIGINT NOT NULL,
    chunks BIGINT NOT NULL
);

CREATE TABLE dmd_chunk (
    sha256 BYTEA NOT NULL,
    place  BIGINT NOT NULL,
    data   BYTEA NOT NULL,
    PRIMARY KEY (sha256, place)
);

-- Each old id with the one that stands for it in the release in use.
CREATE TABLE dmd_replaced (
    old  BIGINT PRIMARY KEY,
    new  BIGINT NOT NULL,
    -- vtm, vmp, ingredient, form, route, supplier, unit.
    kind TEXT COLLATE "C" NOT NULL
);
