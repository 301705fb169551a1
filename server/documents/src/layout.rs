//! Lays a letter out on pages: the template is ours, the fonts are these two, and nothing is fetched or asked the time.

use super::NotMade;
use super::words::{Covered, printable};
use shared::letter::Letter;
use shared::time;
use std::sync::LazyLock;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Array, Dict, IntoValue, Str, Value};
use typst::text::Font;
use typst_as_lib::conversions::IntoFonts as _;
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};
use typst_layout::PagedDocument;

const TEMPLATE: &str = include_str!("letter.typ");
/// Liberation Sans 2.1.5 (SIL Open Font License, fonts/OFL.txt): as wide as Arial, with Latin, Greek, Cyrillic, Hebrew.
const REGULAR: &[u8] = include_bytes!("../fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/LiberationSans-Bold.ttf");

/// Points: easy to read, and the least in which one page is worth having.
const SIZES: [f64; 2] = [10.5, 9.5];

static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| [REGULAR, BOLD].into_iter().flat_map(|font| font.to_vec().into_fonts()).collect());

static ENGINE: LazyLock<TypstEngine<TypstTemplateMainFile>> =
    LazyLock::new(|| TypstEngine::builder().main_file(TEMPLATE).fonts(FONTS.iter().cloned()).build());

/// On one page where it fits in one of the sizes; otherwise in the larger one on as many as it takes.
pub fn pages(letter: &Letter) -> Result<PagedDocument, NotMade> {
    let [larger, smaller] = SIZES;
    let flowing = laid_out(letter, larger)?;
    if flowing.pages().len() <= 1 {
        return Ok(flowing);
    }
    let narrow = laid_out(letter, smaller)?;
    Ok(if narrow.pages().len() <= 1 { narrow } else { flowing })
}

fn laid_out(letter: &Letter, points: f64) -> Result<PagedDocument, NotMade> {
    let inputs = [("letter", given(letter).into_value()), ("points", points.into_value())];
    let inputs: Dict = inputs.into_iter().map(|(key, value)| (Str::from(key), value)).collect();
    let laid_out = ENGINE.compile_with_input(inputs);
    laid_out.output.map_err(|_| NotMade("the template does not take it".to_owned()))
}

/// The first of typst's complaints, which are about the form and never quote the words.
pub fn first(errors: &[SourceDiagnostic]) -> NotMade {
    NotMade(errors.first().map_or_else(String::new, |error| error.message.to_string()))
}

/// The letter as typst's own data: strings stay strings, whatever is in them.
fn given(letter: &Letter) -> Dict {
    let covered = Covered::by(&FONTS);
    let text = |words: &str| Value::Str(Str::from(printable(words, &covered)));
    let texts = |lines: &[String]| lines.iter().map(|line| text(line)).collect::<Array>().into_value();
    let pairs = letter.about.iter();
    let pairs = pairs.map(|(label, value)| Array::from_iter([text(label), text(value)]).into_value());
    let blocks = letter.blocks.iter().map(|block| {
        let block = [("heading", text(&block.heading)), ("lines", texts(&block.lines))];
        block.into_iter().map(|(key, value)| (Str::from(key), value)).collect::<Dict>().into_value()
    });
    // The day in England.
    let date = time::read(&letter.at).map(time::day).map_or(Value::None, |date| {
        [i64::from(date.year()), i64::from(date.month()), i64::from(date.day())]
            .into_iter()
            .map(IntoValue::into_value)
            .collect::<Array>()
            .into_value()
    });
    let fields = [
        ("title", text(&letter.title)),
        ("reference", text(&letter.reference_line())),
        ("banners", texts(&letter.banners)),
        ("from", texts(&letter.from)),
        ("to", texts(&letter.to)),
        ("about", pairs.collect::<Array>().into_value()),
        ("blocks", blocks.collect::<Array>().into_value()),
        ("signed", text(&letter.signed)),
        ("date", date),
    ];
    fields.into_iter().map(|(key, value)| (Str::from(key), value)).collect()
}
