//! Whether a medicine may be supplied, by which right, and how much at most: rules as dated data, read by one engine.
