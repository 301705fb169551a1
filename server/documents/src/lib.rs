//! Letters as PDF/UA: laid out by typst, with the words given as data and never as markup.

use shared::letter::Letter;

/// Why no PDF was made.
#[derive(Debug, thiserror::Error)]
#[error("The letter could not be laid out: {0}")]
pub struct NotMade(pub String);

/// The letter as PDF/UA-1, on one page where it fits. The same letter makes the same bytes.
pub fn pdf(letter: &Letter) -> Result<Vec<u8>, NotMade> {
    Err(NotMade(format!("there is no template for {} yet", letter.title)))
}
