//! Header, compression and the record layer that push and pull share.

/// Most bytes a frame may unpack to; more is refused before it is read (design 2.6).
pub const MAX_PAYLOAD: usize = 64 * 1024 * 1024;

const MAGIC: &[u8; 4] = b"SATF";
const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Below this, compression costs more than it saves.
const WORTH_PACKING: usize = 512;

/// Why a frame was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("these bytes are not a Satchel frame")]
    Foreign,
    #[error("this frame is of version {0}, which is not known here; update this side first")]
    UnknownVersion(u8),
    #[error("this frame is of another kind than was asked for")]
    WrongKind,
    #[error("this frame ends in the middle of {0}")]
    CutShort(&'static str),
    #[error("this frame unpacks to more than {MAX_PAYLOAD} bytes")]
    TooLarge,
    #[error("this frame's compression cannot be undone")]
    Compression,
    #[error("this frame's {0} cannot be read")]
    Malformed(&'static str),
}

/// Closes a payload into a frame of the first version.
pub(super) fn pack(kind: u8, payload: &[u8]) -> Vec<u8> {
    pack_as(VERSION, kind, payload)
}

/// Closes a payload into a frame of a version that its kind has reached.
pub(super) fn pack_as(version: u8, kind: u8, payload: &[u8]) -> Vec<u8> {
    let packed = if payload.len() >= WORTH_PACKING { compress(payload) } else { None };
    let (compression, body) = match &packed {
        Some(packed) if packed.len() < payload.len() => (ZSTD, packed.as_slice()),
        _ => (PLAIN, payload),
    };
    let mut frame = Vec::with_capacity(7 + body.len());
    frame.extend_from_slice(MAGIC);
    frame.extend_from_slice(&[version, kind, compression]);
    frame.extend_from_slice(body);
    frame
}

/// Opens a frame of the kind expected, of the first version.
pub(super) fn unpack(kind: u8, frame: &[u8]) -> Result<Vec<u8>, FrameError> {
    unpack_upto(VERSION, kind, frame)
}

/// Opens a frame of the kind expected, of any version up to the newest of its kind.
pub(super) fn unpack_upto(newest: u8, kind: u8, frame: &[u8]) -> Result<Vec<u8>, FrameError> {
    let [b'S', b'A', b'T', b'F', version, found, compression, body @ ..] = frame else {
        return Err(FrameError::Foreign);
    };
    if !(VERSION..=newest).contains(version) {
        return Err(FrameError::UnknownVersion(*version));
    }
    if *found != kind {
        return Err(FrameError::WrongKind);
    }
    match *compression {
        PLAIN if body.len() <= MAX_PAYLOAD => Ok(body.to_vec()),
        ZSTD => decompress(body),
        PLAIN => Err(FrameError::TooLarge),
        _ => Err(FrameError::Compression),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn compress(payload: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::compress(payload, 3).ok()
}

#[cfg(target_arch = "wasm32")]
#[expect(clippy::unnecessary_wraps, reason = "the server's compressor, which it stands in for, can fail")]
fn compress(payload: &[u8]) -> Option<Vec<u8>> {
    Some(ruzstd::encoding::compress_to_vec(payload, ruzstd::encoding::CompressionLevel::Fastest))
}

#[cfg(not(target_arch = "wasm32"))]
fn decompress(body: &[u8]) -> Result<Vec<u8>, FrameError> {
    let decoder = zstd::stream::read::Decoder::new(body).map_err(|_| FrameError::Compression)?;
    read_limited(decoder)
}

#[cfg(target_arch = "wasm32")]
fn decompress(body: &[u8]) -> Result<Vec<u8>, FrameError> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(body).map_err(|_| FrameError::Compression)?;
    read_limited(decoder)
}

fn read_limited(reader: impl std::io::Read) -> Result<Vec<u8>, FrameError> {
    use std::io::Read as _;
    let mut payload = Vec::new();
    let limit = MAX_PAYLOAD as u64 + 1;
    reader.take(limit).read_to_end(&mut payload).map_err(|_| FrameError::Compression)?;
    if payload.len() > MAX_PAYLOAD { Err(FrameError::TooLarge) } else { Ok(payload) }
}

/// Appends one record: type, length (LEB128), content.
pub(super) fn put(payload: &mut Vec<u8>, kind: u8, content: &[u8]) {
    payload.push(kind);
    put_number(payload, content.len() as u64);
    payload.extend_from_slice(content);
}

pub(super) fn put_number(payload: &mut Vec<u8>, mut number: u64) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            payload.push(byte);
            return;
        }
        payload.push(byte | 0x80);
    }
}

/// Reads records one after the other.
pub(super) struct Records<'a>(pub &'a [u8]);

impl<'a> Records<'a> {
    pub fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, FrameError> {
        let Some((&kind, rest)) = self.0.split_first() else { return Ok(None) };
        let (length, rest) = number(rest)?;
        let length = usize::try_from(length).map_err(|_| FrameError::TooLarge)?;
        if length > rest.len() {
            return Err(FrameError::CutShort("a record"));
        }
        let (content, rest) = rest.split_at(length);
        self.0 = rest;
        Ok(Some((kind, content)))
    }
}

pub(super) fn number(bytes: &[u8]) -> Result<(u64, &[u8]), FrameError> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[index + 1..]));
        }
    }
    Err(FrameError::CutShort("a number"))
}

/// Takes a fixed number of bytes off the front.
pub(super) fn take<'a, const N: usize>(
    bytes: &'a [u8],
    what: &'static str,
) -> Result<([u8; N], &'a [u8]), FrameError> {
    if bytes.len() < N {
        return Err(FrameError::CutShort(what));
    }
    let (front, rest) = bytes.split_at(N);
    let mut fixed = [0; N];
    fixed.copy_from_slice(front);
    Ok((fixed, rest))
}
