//! Letters as PDF/UA: laid out by typst, with the words given as data and never as markup.

mod layout;
#[cfg(test)]
mod tests;
mod words;

use shared::letter::Letter;
use typst::foundations::Smart;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// Why no PDF was made. Says nothing of what the letter says.
#[derive(Debug, thiserror::Error)]
#[error("The letter could not be laid out: {0}")]
pub struct NotMade(pub String);

/// The letter as PDF/UA-1 (ISO 14289-1): A4, tagged, with title and language, on one page where it fits in 9.5 points.
/// The same letter makes the same bytes on every machine and on every day. It takes a tenth of a second: call it where
/// waiting is allowed.
pub fn pdf(letter: &Letter) -> Result<Vec<u8>, NotMade> {
    let pages = layout::pages(letter)?;
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]);
    let options = PdfOptions {
        ident: Smart::Custom(format!("{}\n{}\n{:?}", letter.title, letter.reference_line(), letter.banners)),
        creator: Smart::Custom(Some("Satchel".to_owned())),
        standards: accessible.map_err(|error| NotMade(error.message().to_string()))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&pages, &options).map_err(|errors| layout::first(&errors))
}
