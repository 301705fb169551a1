//! The register of prescription-only medicines, and everyone who was given a batch.
