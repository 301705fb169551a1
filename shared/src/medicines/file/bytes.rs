//! The smallest pieces of the medicines file: numbers, texts, the checksum. Reading trusts nothing.

use super::FileError;

/// FNV-1a, 64 bits: any one changed byte changes it, and it costs a phone little. The file comes from our own server
/// over TLS and is compared with its SHA-256 when fetched, so this guards against cut or rotten storage only.
pub fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Least significant seven bits first.
pub fn put_number(into: &mut Vec<u8>, number: u64) {
    let mut rest = number;
    while rest >= 0x80 {
        into.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    into.push(rest as u8);
}

pub fn put_text(into: &mut Vec<u8>, text: &str) {
    put_number(into, text.len() as u64);
    into.extend_from_slice(text.as_bytes());
}

/// How many, then the length of each, then all of them together: that compresses best.
pub fn put_texts<'a>(into: &mut Vec<u8>, texts: impl ExactSizeIterator<Item = &'a str> + Clone) {
    put_number(into, texts.len() as u64);
    texts.clone().for_each(|text| put_number(into, text.len() as u64));
    texts.for_each(|text| into.extend_from_slice(text.as_bytes()));
}

/// Texts in one piece of memory.
#[derive(Debug, Default)]
pub struct Texts {
    all: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Texts {
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Empty for a number that there is none of; reading has checked all numbers.
    pub fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.all.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// What is still to be read.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], FileError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(FileError::Cut)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8, FileError> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub fn number(&mut self) -> Result<u64, FileError> {
        let mut number = 0_u64;
        for place in 0..10 {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if place == 9 && bits > 1 {
                return Err(FileError::Nonsense("a number"));
            }
            number |= bits << (7 * place);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(FileError::Nonsense("a number"))
    }

    /// A number that must be below `limit`.
    pub fn below(&mut self, limit: usize, what: &'static str) -> Result<u32, FileError> {
        let number = self.number()?;
        if number < limit as u64 { u32::try_from(number) } else { return Err(FileError::Nonsense(what)) }
            .map_err(|_| FileError::Nonsense(what))
    }

    /// How many things follow. Each takes a byte at least, so a lie never makes room for more than was sent.
    pub fn count(&mut self) -> Result<usize, FileError> {
        let number = self.number()?;
        if number > self.0.len() as u64 { Err(FileError::Cut) } else { Ok(number as usize) }
    }

    pub fn text(&mut self) -> Result<String, FileError> {
        let count = self.count()?;
        let bytes = self.take(count)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| FileError::Nonsense("a text"))
    }

    pub fn texts(&mut self) -> Result<Texts, FileError> {
        let count = self.count()?;
        let mut ends = Vec::with_capacity(count);
        let mut end = 0_usize;
        for _ in 0..count {
            end += self.below(self.0.len() + 1, "the length of a text")? as usize;
            ends.push(u32::try_from(end).map_err(|_| FileError::Nonsense("the length of a text"))?);
        }
        let all = std::str::from_utf8(self.take(end)?).map_err(|_| FileError::Nonsense("a text"))?.to_owned();
        if ends.iter().all(|end| all.is_char_boundary(*end as usize)) {
            Ok(Texts { all, ends })
        } else {
            Err(FileError::Nonsense("a text"))
        }
    }

    /// Lists of numbers, each below `limit`.
    pub fn lists(&mut self, limit: usize, what: &'static str) -> Result<Lists, FileError> {
        let count = self.count()?;
        let mut lists = Lists { ends: Vec::with_capacity(count), items: Vec::new() };
        for _ in 0..count {
            for _ in 0..self.count()? {
                lists.items.push(self.below(limit, what)?);
            }
            lists.ends.push(lists.items.len() as u32);
        }
        Ok(lists)
    }
}

/// Lists of numbers in one piece of memory.
#[derive(Debug, Default)]
pub struct Lists {
    pub ends: Vec<u32>,
    pub items: Vec<u32>,
}

impl Lists {
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, number: usize) -> &[u32] {
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        self.items.get(start as usize..end as usize).unwrap_or_default()
    }
}
