//! Running text over as many pages as it takes, with a foot on each: leaflet, register and bundle list share it.

use super::pdf::{Page, Pdf, Style};

/// Sizes of a sheet in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paper {
    pub width: f64,
    pub height: f64,
    pub margin: f64,
}

impl Paper {
    pub const A4: Self = Self { width: 210.0, height: 297.0, margin: 18.0 };
    pub const A4_ACROSS: Self = Self { width: 297.0, height: 210.0, margin: 12.0 };
    pub const A5: Self = Self { width: 148.0, height: 210.0, margin: 12.0 };

    /// Between the margins.
    pub fn room(self) -> f64 {
        self.width - 2.0 * self.margin
    }
}

/// Pages that are being written from top to bottom.
pub struct Sheets {
    paper: Paper,
    pages: Vec<Page>,
    /// Where the next thing may begin, from the top.
    y: f64,
    /// Repeated on top of each further page.
    head: Vec<(String, Style)>,
}

const FOOT: Style = Style::regular(8.0);

impl Sheets {
    pub fn new(paper: Paper) -> Self {
        Self { paper, pages: vec![Page::new(paper.width, paper.height)], y: paper.margin, head: Vec::new() }
    }

    /// Words for the top of each page from the next one on.
    pub fn repeat(&mut self, text: &str, style: Style) {
        self.head.push((text.to_owned(), style));
    }

    /// Goes on at the next page if fewer than this many millimetres are left. Answers whether it did.
    pub fn need(&mut self, height: f64) -> bool {
        let foot = self.paper.height - self.paper.margin - 2.0 * FOOT.line_height();
        let too_little = self.y + height > foot;
        if too_little {
            self.pages.push(Page::new(self.paper.width, self.paper.height));
            self.y = self.paper.margin;
            for (text, style) in self.head.clone() {
                self.write(&text, style);
            }
        }
        too_little
    }

    pub fn space(&mut self, height: f64) {
        self.y += height;
    }

    /// A paragraph across the page.
    pub fn write(&mut self, text: &str, style: Style) {
        self.write_in(0.0, self.paper.room(), text, style);
    }

    /// A paragraph that begins `indent` millimetres from the margin and is `width` wide.
    pub fn write_in(&mut self, indent: f64, width: f64, text: &str, style: Style) {
        for line in style.wrap(text, width) {
            self.need(style.line_height());
            let foot = self.y + style.line_height() * 0.8;
            let x = self.paper.margin + indent;
            self.page().text(x, foot, style, &line);
            self.y += style.line_height();
        }
    }

    /// Columns beside each other, each `(indent, width, text)`, kept on one page where they fit on one.
    pub fn row(&mut self, columns: &[(f64, f64, String)], style: Style) {
        let columns: Vec<(f64, Vec<String>)> =
            columns.iter().map(|(indent, width, text)| (*indent, style.wrap(text, *width))).collect();
        let tallest = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
        let (line_height, margin) = (style.line_height(), self.paper.margin);
        let whole = tallest as f64 * line_height;
        let page_room = self.paper.height - 2.0 * margin - 4.0 * FOOT.line_height();
        if whole <= page_room {
            self.need(whole);
        }
        for at in 0..tallest {
            self.need(line_height);
            let foot = self.y + line_height * 0.8;
            for (indent, lines) in &columns {
                if let Some(line) = lines.get(at) {
                    self.page().text(margin + indent, foot, style, line);
                }
            }
            self.y += line_height;
        }
    }

    /// A thin line across the page.
    pub fn rule(&mut self) {
        let (margin, right, y) = (self.paper.margin, self.paper.width - self.paper.margin, self.y + 1.0);
        self.page().line((margin, y), (right, y), 0.2);
        self.y += 2.0;
    }

    fn page(&mut self) -> &mut Page {
        // There is always a page: one is made at the start, and none is taken away.
        self.pages.last_mut().expect("a page")
    }

    /// The file: `foot` on the left of each page, its number on the right.
    pub fn finish(self, title: &str, foot: &str) -> Vec<u8> {
        let Self { paper, pages, .. } = self;
        let count = pages.len();
        let mut pdf = Pdf::new(title);
        for (at, mut page) in pages.into_iter().enumerate() {
            let y = paper.height - paper.margin;
            page.text(paper.margin, y, FOOT, foot);
            page.text_until(paper.width - paper.margin, y, FOOT, &format!("Page {} of {count}", at + 1));
            pdf.add(page);
        }
        pdf.into_bytes()
    }
}
