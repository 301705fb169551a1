//! A small PDF writer: pages in millimetres, Helvetica, lines, rectangles. The same input gives the same bytes.
//!
//! Our own, because what is printed here is some text at given places, and a typesetter would multiply what a device
//! downloads. Nothing is compressed, encrypted or embedded: every reader has these two fonts (ISO 32000-1, 9.6.2.2).

mod font;
mod latin;

#[cfg(test)]
pub(super) mod reader;
#[cfg(test)]
mod tests;

pub use font::Font;
pub use latin::has_unprintable;
use std::fmt::Write as _;

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;
/// Millimetres in a point.
pub const POINT: f64 = 1.0 / POINTS;

/// Font and size of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub font: Font,
    /// In points.
    pub size: f64,
}

impl Style {
    pub const fn regular(size: f64) -> Self {
        Self { font: Font::Regular, size }
    }

    pub const fn bold(size: f64) -> Self {
        Self { font: Font::Bold, size }
    }

    /// From one line's foot to the next one's, in millimetres.
    pub fn line_height(self) -> f64 {
        self.size * 1.2 * POINT
    }

    /// How wide the text is on one line, in millimetres.
    pub fn width_of(self, text: &str) -> f64 {
        self.width_of_bytes(&latin::encode(text))
    }

    fn width_of_bytes(self, text: &[u8]) -> f64 {
        let thousandths: u32 = text.iter().map(|byte| u32::from(self.font.width(*byte))).sum();
        f64::from(thousandths) / 1000.0 * self.size * POINT
    }

    /// The text in lines not wider than `width` millimetres. Line breaks stay; a word too long for a line is cut
    /// where the line ends, so that nothing is lost.
    pub fn wrap(self, text: &str, width: f64) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width_of(&longer) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for letter in word.chars() {
                    line.push(letter);
                    if self.width_of(&line) > width && line.chars().count() > 1 {
                        line.pop();
                        lines.push(std::mem::take(&mut line));
                        line.push(letter);
                    }
                }
            }
            lines.push(line);
        }
        lines
    }
}

/// One page. Places are in millimetres from its top left corner; a text's place is the left end of its foot.
#[derive(Debug, Clone)]
pub struct Page {
    width: f64,
    height: f64,
    content: Vec<u8>,
}

impl Page {
    /// Width and height in millimetres.
    pub const fn new(width: f64, height: f64) -> Self {
        Self { width, height, content: Vec::new() }
    }

    /// A4, upright.
    pub const fn a4() -> Self {
        Self::new(210.0, 297.0)
    }

    pub fn text(&mut self, x: f64, y: f64, style: Style, text: &str) {
        let encoded = latin::encode(text);
        let Style { font, size } = style;
        let place = format!(
            "BT /{} {} Tf {} {} Td (",
            font.resource(),
            number(size),
            number(x * POINTS),
            number((self.height - y) * POINTS)
        );
        self.content.extend_from_slice(place.as_bytes());
        push_escaped(&mut self.content, &encoded);
        self.content.extend_from_slice(b") Tj ET\n");
    }

    /// Ends at `x` instead of beginning there.
    pub fn text_until(&mut self, x: f64, y: f64, style: Style, text: &str) {
        self.text(x - style.width_of(text), y, style, text);
    }

    /// Lines below each other; the foot of the first is at `y`. Answers where the next one would be.
    pub fn lines<'a>(
        &mut self,
        x: f64,
        y: f64,
        style: Style,
        lines: impl IntoIterator<Item = &'a str>,
    ) -> f64 {
        let mut foot = y;
        for line in lines {
            self.text(x, foot, style, line);
            foot += style.line_height();
        }
        foot
    }

    /// A straight line, `thickness` in millimetres.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), thickness: f64) {
        let [from_x, from_y] = self.place(from);
        let [to_x, to_y] = self.place(to);
        let thickness = number(thickness * POINTS);
        self.draw(format_args!("{thickness} w {from_x} {from_y} m {to_x} {to_y} l S\n"));
    }

    /// A black rectangle whose top left corner is at `x` and `y`.
    pub fn filled(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let [left, foot] = self.place((x, y + height));
        let (width, height) = (number(width * POINTS), number(height * POINTS));
        self.draw(format_args!("{left} {foot} {width} {height} re f\n"));
    }

    fn place(&self, (x, y): (f64, f64)) -> [String; 2] {
        [number(x * POINTS), number((self.height - y) * POINTS)]
    }

    fn draw(&mut self, what: std::fmt::Arguments<'_>) {
        self.content.extend_from_slice(what.to_string().as_bytes());
    }
}

/// Pages in their order.
#[derive(Debug, Clone)]
pub struct Pdf {
    title: String,
    pages: Vec<Page>,
}

impl Pdf {
    /// `title` is what a reader's window and a print queue show: it never names a patient.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), pages: Vec::new() }
    }

    pub fn add(&mut self, page: Page) {
        self.pages.push(page);
    }

    /// The file. Readers that know the wish print it at 100 % (`PrintScaling`, ISO 32000-1 table 150).
    pub fn into_bytes(self) -> Vec<u8> {
        let mut file = File::default();
        let first_page = 6;
        let kids: String = (0..self.pages.len()).fold(String::new(), |mut kids, page| {
            // Writing into a string cannot fail.
            let _ = write!(kids, "{} 0 R ", first_page + page * 2);
            kids
        });
        file.object(
            "<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) /ViewerPreferences << /PrintScaling /None /DisplayDocTitle \
             true >> >>",
        );
        file.object(&format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", self.pages.len()));
        for font in [Font::Regular, Font::Bold] {
            let name = font.base_name();
            file.object(&format!(
                "<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
            ));
        }
        let mut information = b"<< /Producer (Satchel) /Title (".to_vec();
        push_escaped(&mut information, &latin::encode(&self.title));
        information.extend_from_slice(b") >>");
        file.object_of_bytes(&information);
        for page in &self.pages {
            let content = file.next() + 1;
            let (width, height) = (number(page.width * POINTS), number(page.height * POINTS));
            file.object(&format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {content} 0 R /Resources << \
                 /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
            ));
            let mut stream = format!("<< /Length {} >>\nstream\n", page.content.len()).into_bytes();
            stream.extend_from_slice(&page.content);
            stream.extend_from_slice(b"\nendstream");
            file.object_of_bytes(&stream);
        }
        file.finish()
    }
}

/// Objects as they are written, and where each begins.
struct File {
    bytes: Vec<u8>,
    places: Vec<usize>,
}

impl Default for File {
    fn default() -> Self {
        // Bytes above 127 in the second line say to whoever moves the file that it is no text (ISO 32000-1, 7.5.2).
        Self { bytes: b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n".to_vec(), places: Vec::new() }
    }
}

impl File {
    fn next(&self) -> usize {
        self.places.len() + 1
    }

    fn object(&mut self, content: &str) {
        self.object_of_bytes(content.as_bytes());
    }

    fn object_of_bytes(&mut self, content: &[u8]) {
        let number = self.next();
        self.places.push(self.bytes.len());
        self.bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        self.bytes.extend_from_slice(content);
        self.bytes.extend_from_slice(b"\nendobj\n");
    }

    fn finish(mut self) -> Vec<u8> {
        let table = self.bytes.len();
        let size = self.next();
        let mut end = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for place in &self.places {
            // Writing into a string cannot fail.
            let _ = writeln!(end, "{place:010} 00000 n ");
        }
        let _ =
            write!(end, "trailer\n<< /Size {size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{table}\n%%EOF\n");
        self.bytes.extend_from_slice(end.as_bytes());
        self.bytes
    }
}

/// Three decimals at most, and never an exponent, which PDF does not know.
fn number(value: f64) -> String {
    let written = format!("{value:.3}");
    let short = written.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

fn push_escaped(into: &mut Vec<u8>, text: &[u8]) {
    for byte in text {
        if matches!(byte, b'(' | b')' | b'\\') {
            into.push(b'\\');
        }
        into.push(*byte);
    }
}
