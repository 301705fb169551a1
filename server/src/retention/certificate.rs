//! Certificates of destruction: files that outlive the database. They name no patient.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::ids::{ConsultationId, OdsCode};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Version 1 of what is certified about one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Always 1.
    pub v: u8,
    pub document: ConsultationId,
    pub pharmacy: OdsCode,
    /// Its class in the retention schedule, and the rule behind it.
    pub class: String,
    pub source: String,
    /// Change hashes in hex of the record as it was destroyed.
    pub heads: Vec<String>,
    /// RFC 3339.
    pub destroyed_at: String,
    /// Who decided.
    pub by: String,
    /// SHA-256 of the certificate before this one, in hex; empty for the first.
    pub after: String,
}

/// Why certificates could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("The folder of certificates ({}) cannot be read or written.", .0.display())]
    Folder(PathBuf, #[source] std::io::Error),
    #[error("{} is not a certificate that this version can read. Keep it, and look into it.", .0.display())]
    Unreadable(PathBuf),
}

impl Certificate {
    /// The bytes that the next certificate names by hash.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers always serialise")
    }
}

/// The folder that certificates lie in, one file each.
#[derive(Debug, Clone)]
pub struct Ledger(PathBuf);

impl Ledger {
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Every certificate, oldest first. No folder means none.
    pub fn all(&self) -> Result<Vec<Certificate>, CertificateError> {
        let failed = |error| CertificateError::Folder(self.0.clone(), error);
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(failed)?;
            let certificate: Certificate =
                serde_json::from_str(&text).map_err(|_| CertificateError::Unreadable(path.clone()))?;
            if certificate.v != 1 {
                return Err(CertificateError::Unreadable(path));
            }
            found.push(certificate);
        }
        found.sort_by(|a, b| (&a.destroyed_at, a.document).cmp(&(&b.destroyed_at, b.document)));
        Ok(found)
    }

    /// SHA-256 of the newest certificate in hex, leaving out one of this record that an earlier try left; empty when
    /// there is none.
    pub fn newest(&self, but: &ConsultationId) -> Result<String, CertificateError> {
        let hash = |certificate: &Certificate| {
            shared::consultation::hex(&Sha256::digest(certificate.to_json().as_bytes()))
        };
        Ok(self.all()?.iter().rfind(|certificate| certificate.document != *but).map(hash).unwrap_or_default())
    }

    /// Writes a certificate so that it outlives a crash.
    pub fn keep(&self, certificate: &Certificate) -> Result<(), CertificateError> {
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.0)?;
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).open(self.path(certificate))?;
            file.write_all(certificate.to_json().as_bytes())?;
            file.sync_all()?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(|error| CertificateError::Folder(self.0.clone(), error))
    }

    /// Takes back a certificate of a record that could not be destroyed after all.
    pub fn withdraw(&self, certificate: &Certificate) -> Result<(), CertificateError> {
        std::fs::remove_file(self.path(certificate))
            .map_err(|error| CertificateError::Folder(self.0.clone(), error))
    }

    fn path(&self, certificate: &Certificate) -> PathBuf {
        self.0.join(format!("{}.json", certificate.document))
    }
}
