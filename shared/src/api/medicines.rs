//! Which medicines files the server has for a device.

use serde::{Deserialize, Serialize};

/// `GET /api/medicines`. The files themselves are `GET /api/medicines/core` and `/full`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MedicinesStatus {
    /// Day of the dm+d release: `2026-11-16`; empty while the server has none.
    pub release: String,
    /// When the files were made, RFC 3339.
    pub built_at: String,
    /// Moieties and generic products.
    pub core: FileInfo,
    /// Those and brands.
    pub full: FileInfo,
}

/// A file as it is after decompression.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FileInfo {
    pub bytes: u64,
    /// 64 hexadecimal digits, lower case; also its ETag, in quotes.
    pub sha256: String,
}
