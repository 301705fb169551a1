//! The server's doors for the medicines file.

use super::http::{self, Stream};
use super::trouble::Trouble;
use crate::state::Satchel;
use shared::api::MedicinesStatus;

pub async fn status(satchel: Satchel) -> Result<MedicinesStatus, Trouble> {
    http::get(satchel, "/api/medicines").await
}

/// The file, decompressed by the browser; `arrived` hears how many bytes there are. More than `most` is refused.
pub async fn file(path: &str, most: u64, arrived: impl Fn(u64)) -> Result<Vec<u8>, Trouble> {
    let stream = Stream::open(path).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = stream.next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > most {
            return Err(Trouble::StrangeAnswer);
        }
        arrived(bytes.len() as u64);
    }
    Ok(bytes)
}
