//! The titled sections of a report: which holds the complaint, which is a warning.

use super::{first_said, narrative, xml};
use roxmltree::Node;
use shared::consultation::ReportSection;

/// Section codes that hold what the patient said is wrong (SNOMED CT; NHS 111 CDA).
const COMPLAINT_CODE: &str = "886891000000102";
const COMPLAINT_TITLES: [&str; 4] =
    ["reported condition", "presenting complaint", "reason for call", "presenting problem"];
const SUMMARY_TITLES: [&str; 2] = ["consultation summary", "clinical summary"];

/// Words in a section's title that make it a warning, whatever its code.
const WARNING_TITLES: [&str; 15] = [
    "safeguard",
    "special patient",
    "special note",
    "special need",
    "dnacpr",
    "warning",
    "alert",
    "risk",
    "child protection",
    "vulnerab",
    "violen",
    "aggress",
    "hazard",
    "resuscitat",
    "care plan",
];

/// What a warning section says when there is nothing to warn of.
const NOTHING: [&str; 8] =
    ["none", "no", "nil", "n/a", "na", "not applicable", "none known", "none recorded"];

/// Letters of a title that are looked at and shown: a title is handed down to parts that have none of their own.
const LONGEST_TITLE: usize = 200;

/// A section with the code that says what it is.
pub struct Section {
    /// SNOMED CT code; empty when the sender gave none.
    code: String,
    about: About,
    pub section: ReportSection,
}

/// What a section is about, by its title and display name, and those of the sections around it: a part of a safeguarding
/// section is safeguarding too.
#[derive(Debug, Clone, Copy, Default)]
struct About {
    warning: bool,
    complaint: bool,
    summary: bool,
}

impl About {
    fn within(self, words: &str) -> Self {
        let words = words.to_lowercase();
        let named = |titles: &[&str]| titles.iter().any(|title| words.contains(title));
        Self {
            warning: self.warning || named(&WARNING_TITLES),
            complaint: self.complaint || named(&COMPLAINT_TITLES),
            summary: self.summary || named(&SUMMARY_TITLES),
        }
    }
}

impl Section {
    /// A section that carries no code of its own, only a title.
    pub fn titled(title: &str, text: &str) -> Self {
        let title: String = title.chars().take(LONGEST_TITLE).collect();
        Self {
            code: String::new(),
            about: About::default().within(&title),
            section: ReportSection { title, text: text.to_owned() },
        }
    }

    /// What it warns of, in one line; `None` when it is not about a warning or says that there is none.
    pub fn warning(&self) -> Option<String> {
        let text = &self.section.text;
        let nothing = NOTHING.contains(&text.trim_end_matches('.').to_lowercase().as_str());
        let warns = !nothing && self.about.warning;
        warns.then(|| format!("{}: {}", self.section.title, text.replace('\n', "; ")))
    }
}

/// Sections of a body in the order of the document, nested ones after the one that holds them.
pub fn gather(body: Node<'_, '_>) -> Vec<Section> {
    let mut found = Vec::new();
    gather_below(body, "", About::default(), &mut found);
    found
}

fn gather_below(node: Node<'_, '_>, parent_title: &str, above: About, found: &mut Vec<Section>) {
    for part in node.children().filter(Node::is_element) {
        let name = part.tag_name().name();
        if name == "section" {
            let coded = xml::child(part, "code");
            let display =
                coded.map(|code| xml::squeeze(xml::attribute(code, "displayName"))).unwrap_or_default();
            let own = xml::child(part, "title").map(xml::words).unwrap_or_default();
            let about = above.within(&format!("{own} {display}"));
            let title = first_said([own, display, parent_title.to_owned()]);
            let title: String = title.chars().take(LONGEST_TITLE).collect();
            let text = xml::child(part, "text").map(narrative::plain).unwrap_or_default();
            if !text.is_empty() {
                found.push(Section {
                    code: coded.map(|code| xml::attribute(code, "code")).unwrap_or_default().to_owned(),
                    about,
                    section: ReportSection { title: title.clone(), text },
                });
            }
            gather_below(part, &title, about, found);
        } else if name == "nonXMLBody" {
            let encoded =
                xml::child(part, "text").is_some_and(|text| xml::attribute(text, "representation") == "B64");
            let text = xml::child(part, "text").map(narrative::plain).unwrap_or_default();
            if !encoded && !text.is_empty() {
                found.push(Section {
                    code: String::new(),
                    about: About::default(),
                    section: ReportSection { title: "Report".to_owned(), text },
                });
            }
        } else if matches!(name, "component" | "structuredBody") {
            gather_below(part, parent_title, above, found);
        }
    }
}

/// What is wrong, in the sender's words: the reported condition, else the triage's, a summary, the disposition.
pub fn complaint(sections: &[Section], condition: &str, disposition: &str) -> String {
    let about = |is: fn(&About) -> bool| sections.iter().find(|section| is(&section.about));
    let said = sections
        .iter()
        .find(|section| section.code == COMPLAINT_CODE)
        .or_else(|| about(|about| about.complaint))
        .map(|section| section.section.text.clone())
        .unwrap_or_default();
    let summary =
        about(|about| about.summary).map(|section| section.section.text.clone()).unwrap_or_default();
    first_said([said, condition.to_owned(), summary, disposition.to_owned()])
}
