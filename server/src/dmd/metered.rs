//! A reader with bounds: nothing in a file may be larger than dm+d ever is, whoever made the file.

use sha2::{Digest as _, Sha256};
use std::io::{self, BufRead, BufReader, Read};

/// The longest name of dm+d has 774 characters.
const LARGEST_EVENT: usize = 64 * 1024;

/// Counts, hashes and bounds what is read.
pub struct Metered<R> {
    inner: BufReader<R>,
    /// What one tag or one run of text may still take.
    event_left: usize,
    left: u64,
    read: u64,
    hash: Sha256,
}

impl<R: Read> Metered<R> {
    /// At most `limit` bytes altogether.
    pub fn new(inner: R, limit: u64) -> Self {
        Self {
            inner: BufReader::with_capacity(64 * 1024, inner),
            event_left: LARGEST_EVENT,
            left: limit,
            read: 0,
            hash: Sha256::new(),
        }
    }

    /// The next tag or run of text begins.
    pub fn next_event(&mut self) {
        self.event_left = LARGEST_EVENT;
    }

    /// Bytes so far.
    pub fn read_so_far(&self) -> u64 {
        self.read
    }

    /// Of everything that was read.
    pub fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event_left == 0 {
            return Err(io::Error::other("one element is larger than anything in dm+d"));
        }
        if self.left == 0 && !self.inner.fill_buf()?.is_empty() {
            return Err(io::Error::other("the file is larger than it may be"));
        }
        let allowed = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.event_left);
        let bytes = self.inner.fill_buf()?;
        Ok(&bytes[..bytes.len().min(allowed)])
    }

    fn consume(&mut self, count: usize) {
        let taken = count.min(self.inner.buffer().len());
        self.hash.update(&self.inner.buffer()[..taken]);
        self.inner.consume(taken);
        self.event_left = self.event_left.saturating_sub(taken);
        self.left = self.left.saturating_sub(taken as u64);
        self.read += taken as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_allowed_is_not_read_to_its_end() {
        let mut whole = Vec::new();
        Metered::new(&b"12345"[..], 5).read_to_end(&mut whole).expect("as large as allowed");
        assert_eq!(whole, b"12345");
        Metered::new(&b"123456"[..], 5).read_to_end(&mut Vec::new()).expect_err("one byte too many");
    }

    #[test]
    fn one_element_without_end_is_given_up() {
        let endless = io::repeat(b'x').take(1 << 30);
        let error = Metered::new(endless, 1 << 31).read_to_end(&mut Vec::new()).expect_err("too large");
        assert!(error.to_string().contains("element"), "{error}");
    }
}
