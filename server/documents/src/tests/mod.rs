//! Promises of the PDF: what was said is on it, as it was said, and a screen reader can read it.

mod read_back;

use super::*;
use read_back::{pages, tool, words};
use shared::letter::Block;

fn letter() -> Letter {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    Letter {
        title: "Pharmacy First: minor illness".to_owned(),
        reference: "7K2M-94QX".to_owned(),
        version: 0,
        banners: lines(&["This may repeat an electronic message with the same reference."]),
        from: lines(&["Elm Pharmacy", "ODS code FZ999", "1 Elm Road, Zettington, ZZ99 3VZ"]),
        to: lines(&["Elm Road Surgery", "ODS code A99999"]),
        about: [("Name", "O’SAMPLE, Siân (Mrs)"), ("NHS number", "999 041 2073")]
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .to_vec(),
        blocks: vec![
            Block {
                heading: "Clinical summary".to_owned(),
                lines: lines(&["Outcome: Self-care advice", "Presenting with: Cough"]),
            },
            Block { heading: "Red flags".to_owned(), lines: lines(&["Asked about and absent: Sepsis"]) },
        ],
        signed: "Signed by Asha Patel, pharmacist, GPhC 2074123, 18 Nov 2026, 15:00.".to_owned(),
        at: "2026-11-18T15:00:00Z".to_owned(),
    }
}

/// The letter with so many lines of advice.
fn long(lines: usize) -> Letter {
    let advice = Block {
        heading: "Information and advice given".to_owned(),
        lines: (1..=lines)
            .map(|line| format!("Advice {line}: rest, drink, and come back if it is worse."))
            .collect(),
    };
    let mut letter = letter();
    letter.blocks.push(advice);
    letter
}

#[test]
fn every_word_is_on_the_page_in_the_order_of_the_letter() {
    let letter = letter();
    let page = words(&letter);
    let mut said: Vec<String> = vec![letter.title.clone()];
    said.extend(letter.banners.clone());
    said.extend(letter.from.iter().chain(&letter.to).cloned());
    said.extend(letter.about.iter().map(|(label, value)| format!("{label} {value}")));
    for block in &letter.blocks {
        said.push(block.heading.clone());
        said.extend(block.lines.clone());
    }
    said.extend([letter.signed.clone(), letter.reference_line()]);
    let mut rest = page.as_str();
    for words in said {
        let at = rest.find(&words);
        assert!(at.is_some(), "“{words}” is not where it should be in {page}");
        rest = &rest[at.unwrap_or_default() + words.len()..];
    }
}

#[test]
fn words_that_look_like_markup_or_code_stand_there_as_they_were_typed() {
    let typed = [
        "#let x = 1; #x $E = m c^2$ *bold* _thin_ @someone \\ [body] `raw` <label> // gone? /* gone? */ ~ -- --- ...",
        "= Heading",
        "- item + item / term: x",
        "#import \"@preview/evil:1.0.0\": *",
        "#read(\"/etc/passwd\") #panic(\"no\") #sys.inputs #eval(\"1+1\")",
        "\"double\" 'single' {braces} \\u{41}",
        "</Title> %PDF (a) <</JS (app.alert(1))>>",
    ];
    for text in typed {
        let mut letter = letter();
        text.clone_into(&mut letter.about[0].1);
        text.clone_into(&mut letter.title);
        text.clone_into(&mut letter.blocks[0].heading);
        letter.blocks[0].lines = vec![text.to_owned()];
        let page = words(&letter);
        assert_eq!(page.matches(text).count(), 4, "{text} in {page}");
        pdf(&letter).expect("a PDF");
    }
}

#[test]
fn the_same_letter_makes_the_same_bytes() {
    assert_eq!(pdf(&letter()).expect("a PDF"), pdf(&letter()).expect("a PDF"));
    assert_ne!(pdf(&letter()).expect("a PDF"), pdf(&long(1)).expect("a PDF"));
}

#[test]
fn one_page_where_it_fits_and_in_smaller_letters_where_that_makes_it_fit() {
    let size = |letter: &Letter| (pages(letter).len(), read_back::points(letter));
    assert_eq!(size(&letter()), (1, 10.5));
    let first_too_long = (1..200).find(|lines| read_back::points(&long(*lines)) < 10.0).expect("some length");
    assert_eq!(size(&long(first_too_long)), (1, 9.5));
    assert_eq!(size(&long(first_too_long - 1)), (1, 10.5));
    let (count, points) = size(&long(200));
    assert!(count > 2, "{count} pages");
    assert!((points - 10.5).abs() < f64::EPSILON, "{points}");
}

#[test]
fn every_page_says_what_it_is_part_of() {
    let pages = pages(&long(200));
    let of = pages.len();
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains("Reference 7K2M-94QX, version 1"), "{page}");
        assert!(page.contains(&format!("Page {} of {of}", index + 1)), "{page}");
    }
}

#[test]
fn what_the_font_cannot_draw_is_named_and_what_turns_words_round_too() {
    let mut letter = letter();
    letter.about[0].1 = "李 \u{1f912} a\u{202e}b c\u{200b}d\u{0}e".to_owned();
    let page = words(&letter);
    assert!(page.contains("[U+674E] [U+1F912] a[U+202E]b cde"), "{page}");
    pdf(&letter).expect("a PDF all the same");
}

#[test]
fn a_word_longer_than_the_page_is_wide_stays_on_the_page() {
    let mut letter = letter();
    letter.blocks[0].lines = vec!["x".repeat(2_000)];
    assert_eq!(words(&letter).matches('x').count(), 2_000);
    assert!(read_back::rightmost(&letter) < 595.0 - 40.0, "{}", read_back::rightmost(&letter));
}

#[test]
fn names_of_europe_are_drawn() {
    let mut letter = letter();
    let names = "Łukasz Þórðarson Ñuñez Ὀδυσσεύς Юлия Őri Siân ŵ ỳ – ’ “ ” € °C µg ½";
    names.clone_into(&mut letter.about[0].1);
    assert!(words(&letter).contains(names), "{}", words(&letter));
}

#[test]
fn a_letter_without_a_title_is_refused_because_nobody_could_find_it_by_ear() {
    let letter = Letter { title: String::new(), ..letter() };
    assert!(pdf(&letter).is_err());
}

#[test]
fn an_empty_letter_with_a_title_is_one_page() {
    let letter = Letter { title: "Test".to_owned(), ..Letter::default() };
    assert_eq!(pages(&letter).len(), 1);
    pdf(&letter).expect("a PDF");
}

#[test]
fn the_file_is_tagged_titled_in_english_and_claims_pdf_ua() {
    let file = pdf(&letter()).expect("a PDF");
    let file = String::from_utf8_lossy(&file);
    let marks = ["/StructTreeRoot", "/MarkInfo", "/DisplayDocTitle true", "en-GB", "pdfuaid:part"];
    let missing: Vec<_> = marks.into_iter().filter(|mark| !file.contains(mark)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(!file.contains("/JavaScript") && !file.contains("/Launch") && !file.contains("http://typst"));
}

#[test]
fn poppler_reads_it_as_an_accessible_file() {
    let Some(said) = tool("pdfinfo", &["-"], &pdf(&letter()).expect("a PDF")) else { return };
    let fact = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    assert_eq!(fact("Title"), "Pharmacy First: minor illness");
    assert_eq!(fact("Tagged"), "yes");
    assert_eq!(fact("Pages"), "1");
    assert_eq!(fact("JavaScript"), "no");
    assert_eq!(fact("Form"), "none");
    assert!(fact("Page size").contains("A4"), "{said}");
}

#[test]
fn poppler_reads_the_words_back() {
    let mut letter = letter();
    letter.blocks[0].lines = vec!["#strong[Outcome] $x$ *y* @z \\ 37.5 °C".to_owned()];
    let Some(said) = tool("pdftotext", &["-layout", "-", "-"], &pdf(&letter).expect("a PDF")) else { return };
    for words in
        ["O’SAMPLE, Siân (Mrs)", "#strong[Outcome] $x$ *y* @z \\ 37.5 °C", "Red flags", "GPhC 2074123"]
    {
        assert!(said.contains(words), "“{words}” is not in {said}");
    }
}

/// Writes letters where somebody can look at them, when asked to.
#[test]
#[expect(clippy::disallowed_methods, reason = "only a test is told where somebody looks")]
fn letters_can_be_written_out_to_be_looked_at() {
    let Ok(folder) = std::env::var("SATCHEL_TEST_PDF_DIR") else { return };
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, letter) in [("short.pdf", letter()), ("long.pdf", long(120))] {
        let path = std::path::Path::new(&folder).join(name);
        std::fs::write(path, pdf(&letter).expect("a PDF")).expect("written");
    }
}
