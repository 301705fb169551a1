//! Promises of the writer.

use super::reader::read;
use super::*;
use proptest::prelude::*;

fn one(text: &str) -> Vec<u8> {
    let mut page = Page::new(70.0, 35.0);
    page.text(4.0, 10.0, Style::regular(9.0), text);
    let mut pdf = Pdf::new("Label");
    pdf.add(page);
    pdf.into_bytes()
}

#[test]
fn a_text_stands_where_it_was_put_on_a_page_of_the_size_asked_for() {
    let pages = read(&one("Take ONE"));
    assert_eq!(pages.len(), 1);
    assert!((pages[0].width - 70.0).abs() < 0.001 && (pages[0].height - 35.0).abs() < 0.001);
    let (x, y) = pages[0].place_of("Take ONE").expect("the text");
    assert!((x - 4.0).abs() < 0.001 && (y - 10.0).abs() < 0.001, "{x} {y}");
}

#[test]
fn the_same_is_written_as_the_same_bytes() {
    assert_eq!(one("Take ONE"), one("Take ONE"));
}

#[test]
fn brackets_and_backslashes_stay_what_they_are() {
    let text = r"(ONE) to \two\ ) (";
    assert_eq!(read(&one(text))[0].words(), text);
}

#[test]
fn no_line_is_wider_than_the_room_and_no_letter_is_lost() {
    let style = Style::bold(8.0);
    let text = "Take ONE tablet THREE times a day\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA with food";
    let lines = style.wrap(text, 40.0);
    assert!(lines.iter().all(|line| style.width_of(line) <= 40.0), "{lines:?}");
    let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    assert_eq!(letters(&lines.concat()), letters(text));
}

#[test]
fn numbers_have_no_exponent() {
    assert_eq!(number(0.000_000_1), "0");
    assert_eq!(number(-0.000_000_1), "0");
    assert_eq!(number(12.5), "12.5");
    assert_eq!(number(1e9), "1000000000");
}

#[test]
fn widths_are_those_of_the_fonts() {
    // "Hamburgefons" at 1000 points, by Adobe's metrics.
    assert!((Style::regular(1000.0).width_of("Hamburgefons") * POINTS - 6558.0).abs() < 0.01);
    assert!((Style::bold(1000.0).width_of("0123456789") * POINTS - 5560.0).abs() < 0.01);
}

proptest! {
    #[test]
    fn no_text_breaks_the_file(text in "\\PC{0,60}|[\\x00-\\xff]{0,60}") {
        let pages = read(&one(&text));
        prop_assert_eq!(pages.len(), 1);
        // What WinAnsiEncoding has above 127 reads as controls of Latin-1.
        let mut letters = pages[0].texts[0].text.chars();
        let printable = letters.all(|letter| (' '..='~').contains(&letter) || letter >= '\u{80}');
        prop_assert!(printable, "a control");
    }

    #[test]
    fn every_line_fits_whatever_is_written(text in "[\\PC\n ]{0,120}", width in 12.0..100.0_f64) {
        let style = Style::regular(9.0);
        for line in style.wrap(&text, width) {
            prop_assert!(style.width_of(&line) <= width || line.chars().count() == 1, "{:?}", line);
        }
    }
}
