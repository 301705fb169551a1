//! The two formats of FHIR over HTTP, and how they are asked for.

use super::{Element, Unreadable};

/// How a resource is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    /// What stands in `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/fhir+json",
            Self::Xml => "application/fhir+xml",
        }
    }

    /// From one media type; its parameters (charset, version) do not matter. `None` for anything else.
    pub fn of_content_type(text: &str) -> Option<Self> {
        match text.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "application/fhir+json" | "application/json" | "text/json" => Some(Self::Json),
            "application/fhir+xml" | "application/xml" | "text/xml" => Some(Self::Xml),
            _ => None,
        }
    }

    /// What an `Accept` header prefers of the two; `otherwise` where it takes anything. `None` where it takes neither.
    pub fn accepted(text: &str, otherwise: Self) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for part in text.split(',') {
            let kind = part.split(';').next().unwrap_or_default().trim();
            let format = match kind {
                "" | "*/*" | "application/*" => Some(otherwise),
                named => Self::of_content_type(named),
            };
            let weight = weight(part);
            if let Some(format) = format
                && weight > 0
                && best.is_none_or(|(had, _)| weight > had)
            {
                best = Some((weight, format));
            }
        }
        best.map(|(_, format)| format)
    }

    /// Writes a whole resource, its elements in the order of FHIR R4 (4.0.1). What R4 does not know is left out.
    pub fn write(self, resource: &Element) -> Vec<u8> {
        match self {
            Self::Json => super::write::json(resource).to_string().into_bytes(),
            Self::Xml => super::write::xml(resource).into_bytes(),
        }
    }

    /// Reads a whole resource.
    pub fn read(self, bytes: &[u8]) -> Result<Element, Unreadable> {
        match self {
            Self::Json => Element::from_json(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
            Self::Xml => {
                let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Xml { line: 1, column: 1 })?;
                Element::from_xml(text.trim_start_matches('\u{feff}'))
            }
        }
    }
}

/// `q` of one part of an `Accept` header, in thousandths.
fn weight(part: &str) -> u32 {
    let given = part.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
    let digits = given.unwrap_or("1").trim();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let thousandths =
        format!("{fraction:0<3}").get(..3).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    whole.parse::<u32>().unwrap_or(0).min(1) * 1000 + thousandths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_asked_for_is_found_whatever_stands_around_it() {
        let asked = |text| Format::accepted(text, Format::Json);
        assert_eq!(asked("application/fhir+xml; version=1.4.0"), Some(Format::Xml));
        assert_eq!(asked("application/fhir+json;version=1.1.0, */*;q=0.8"), Some(Format::Json));
        assert_eq!(asked("application/fhir+json;q=0.1, application/fhir+xml;q=0.9"), Some(Format::Xml));
        assert_eq!((asked(""), asked("*/*")), (Some(Format::Json), Some(Format::Json)));
        assert_eq!((asked("text/html"), asked("application/fhir+xml;q=0")), (None, None));
        assert_eq!(asked("application/fhir+xml;q=x"), None);
    }
}
