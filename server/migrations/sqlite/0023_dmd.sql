-- The dictionary of medicines and devices: which release is in use, the files devices fetch, and replaced ids.

CREATE TABLE dmd_release (
    -- Day of the release: 2026-11-16.
    release     TEXT NOT NULL,
    -- SHA-256 over the names and contents of its files.
    digest      BLOB NOT NULL,
    -- Number of the rules by which the files were built.
    builder     INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    -- file, demonstration, or trud with what TRUD calls it.
    source      TEXT NOT NULL,
    -- JSON: how much there is of what, and what changed since the release before.
    counts      TEXT NOT NULL,
    changes     TEXT NOT NULL,
    -- NULL: in use.
    replaced_at INTEGER,
    PRIMARY KEY (release, imported_at)
) STRICT;

-- Files of the release in use.
CREATE TABLE dmd_file (
    -- core, full, ledger.
    name   TEXT PRIMARY KEY,
    -- Of the file before it was packed.
    sha256 BLOB NOT NULL,
    -- Packed, and whole.
    bytes  INTEGER NOT NULL,
    whole  INTEGER NOT NULL,
    chunks INTEGER NOT NULL
) STRICT;

CREATE TABLE dmd_chunk (
    sha256 BLOB NOT NULL,
    place  INTEGER NOT NULL,
    data   BLOB NOT NULL,
    PRIMARY KEY (sha256, place)
) STRICT;

-- Each old id with the one that stands for it in the release in use.
CREATE TABLE dmd_replaced (
    old  INTEGER PRIMARY KEY,
    new  INTEGER NOT NULL,
    -- vtm, vmp, ingredient, form, route, supplier, unit.
    kind TEXT NOT NULL
) STRICT;
