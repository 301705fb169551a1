//! Promises of every pathway file, and of the engine that reads them.
