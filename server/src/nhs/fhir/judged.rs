//! Where tests leave what is sent, for validators that others wrote (`script/validate_r4.mjs`, `script/validate_fhir.py`).

use super::{Element, Format};
use std::path::Path;

/// Checks that nothing is lost in writing, and leaves a resource in both formats in the folder
/// `SATCHEL_TEST_FHIR_DIR`, where tests are told of one.
#[expect(clippy::disallowed_methods, reason = "only a test is told where messages are judged")]
pub fn to_be_judged(name: &str, resource: &Element) {
    for (format, ending) in [(Format::Json, "json"), (Format::Xml, "xml")] {
        let written = format.write(resource);
        let read = format.read(&written).expect("what is written can be read");
        assert_eq!(values(&read), values(resource), "{name}: R4 knows every element of it");
        if let Some(folder) = std::env::var_os("SATCHEL_TEST_FHIR_DIR") {
            let file = Path::new(&folder).join(format!("{name}.r4.{ending}"));
            std::fs::write(file, written).expect("a folder to write into");
        }
    }
}

/// Every value with its name, in whatever order.
fn values(element: &Element) -> Vec<String> {
    let mut found: Vec<String> = element
        .children
        .iter()
        // Narrative is for people, and is not written again.
        .filter(|(name, child)| name != "text" || child.first("div").is_none())
        .flat_map(|(name, child)| {
            let own = (!child.value.is_empty()).then(|| format!("{name}={}", child.value));
            own.into_iter().chain(values(child).into_iter().map(move |value| format!("{name}.{value}")))
        })
        .collect();
    found.sort();
    found
}
