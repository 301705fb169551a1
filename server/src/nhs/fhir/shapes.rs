//! What FHIR R4 (4.0.1) knows of each element: its place, its type, whether it repeats. From `r4.txt`, which
//! `script/r4_elements.mjs` makes of the published definitions.

use std::collections::BTreeMap;
use std::sync::LazyLock;

const DEFINITIONS: &str = include_str!("r4.txt");

/// One element of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub name: &'static str,
    /// `code`, `Coding`, `Patient.contact`; `Resource` for whatever resource stands there.
    pub kind: &'static str,
    pub repeats: bool,
}

impl Shape {
    /// Primitives begin with a small letter.
    pub fn is_primitive(&self) -> bool {
        self.kind.starts_with(|c: char| c.is_ascii_lowercase())
    }
}

static SHAPES: LazyLock<BTreeMap<&'static str, Vec<Shape>>> = LazyLock::new(|| {
    let shape = |text: &'static str| {
        let (name, kind) = text.split_once(':')?;
        let repeats = kind.ends_with('*');
        Some(Shape { name, kind: kind.trim_end_matches('*'), repeats })
    };
    let lines = DEFINITIONS.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(kind, elements)| (kind, elements.split(' ').filter_map(shape).collect())).collect()
});

/// The elements of a type in order; empty for a type that is not known.
pub fn of(kind: &str) -> &'static [Shape] {
    SHAPES.get(kind).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_an_element_has_is_known() {
        for (kind, shapes) in SHAPES.iter() {
            assert!(!shapes.is_empty(), "{kind}");
            for shape in shapes {
                let known = shape.is_primitive() || shape.kind == "Resource" || !of(shape.kind).is_empty();
                assert!(known, "{kind}.{}: {}", shape.name, shape.kind);
            }
        }
        let many: Vec<&str> = of("Patient.contact").iter().filter(|s| s.repeats).map(|s| s.name).collect();
        assert_eq!(many, ["extension", "modifierExtension", "relationship", "telecom"]);
    }
}
