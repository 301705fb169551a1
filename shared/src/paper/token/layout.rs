//! Where things stand on the stock: `rules/token-layout.toml`, moved by what one printer needs.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The furthest that a printer's offset may move the page, in millimetres, either way.
pub const FURTHEST: f64 = 15.0;

/// All places of the form, in millimetres from the sheet's top left.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Layout {
    pub(super) items_a_form: usize,
    pub(super) sheet: Sheet,
    pub(super) front: Front,
    pub(super) back: Back,
    /// Millimetres to the right and down, for one printer.
    #[serde(skip)]
    offset: (f64, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Sheet {
    pub width: f64,
    pub height: f64,
}

/// Room for a text; `y` is the foot of its first line.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Field {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    /// In points.
    pub size: f64,
    pub lines: usize,
    /// From one of several to the next; 0 where there is one.
    #[serde(default)]
    pub step: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Front {
    pub patient: Field,
    pub age: Field,
    pub born: Field,
    pub nhs_number: Field,
    pub items: Field,
    pub practice: Field,
    pub pharmacy: Field,
    pub supplied_on: Field,
    pub mark: Field,
    pub page: Field,
    pub barcode: Barcode,
    pub readable_id: Field,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Barcode {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// Widest module.
    pub module: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Back {
    pub tick: String,
    pub size: f64,
    pub exempt: BTreeMap<String, [f64; 2]>,
    pub paid: Field,
    pub evidence_not_seen: Point,
    pub patient: Point,
    pub representative: Point,
    pub name: Field,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

static OFFICIAL: LazyLock<Layout> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/token-layout.json")))
        .expect("a test reads it")
});

impl Layout {
    /// The stock as the file describes it.
    pub fn official() -> &'static Self {
        &OFFICIAL
    }

    /// Moved to the right and down by millimetres, as one printer needs it; at most [`FURTHEST`].
    #[must_use]
    pub fn moved(&self, right: f64, down: f64) -> Self {
        let within = |by: f64| if by.is_finite() { by.clamp(-FURTHEST, FURTHEST) } else { 0.0 };
        Self { offset: (within(right), within(down)), ..self.clone() }
    }

    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (x + self.offset.0, y + self.offset.1)
    }
}
