//! A pathway as a flow chart that a clinician can review: what is asked, from the top down, and where each way ends.

use quick_xml::escape::escape;
use shared::pathway::{Condition, Field, Outcome, Pathway, Section};
use std::fmt::Write as _;

const WIDTH: usize = 1180;
const LEFT: usize = 24;
const BOX: usize = 700;
const ENDS: usize = 780;
const ENDS_WIDTH: usize = 376;
const LINE: usize = 18;
const PAD: usize = 12;
const GAP: usize = 28;

/// The whole pathway on one page, as SVG: text that can be selected, searched and read aloud.
pub fn svg(pathway: &Pathway) -> String {
    let mut page = Page { body: String::new(), y: 24 };
    page.heading(pathway);
    for section in &pathway.sections {
        page.section(pathway, section);
    }
    for score in pathway.scores.iter().filter(|score| used(pathway, &score.id)) {
        let lines = score.points.iter().map(|one| format!("+{}  {}", one.add, words(pathway, &one.when)));
        page.step(&format!("Count: {}", score.label), lines.collect(), "count");
    }
    for gateway in &pathway.gateways {
        let to = gateway.to.map(|to| format!(" to {to}")).unwrap_or_default();
        let lines = vec![
            words(pathway, &gateway.when),
            format!("Counts from {}{to}. Source: {}", gateway.from, gateway.source),
        ];
        page.step(&format!("Gateway: {}", gateway.label), lines, "gateway");
    }
    for treatment in &pathway.treatments {
        let title = format!("Consider: {}", treatment.label);
        page.step(&title, vec![format!("if {}", words(pathway, &treatment.when))], "treatment");
    }
    page.step("It ends in the first of these that holds:", Vec::new(), "step");
    for outcome in &pathway.outcomes {
        page.outcome(pathway, outcome);
    }
    page.finish(pathway)
}

struct Page {
    body: String,
    y: usize,
}

impl Page {
    fn heading(&mut self, pathway: &Pathway) {
        let clinical = &pathway.clinical;
        let approved = if clinical.approver.is_empty() {
            "Draft: nobody has approved this content.".to_owned()
        } else {
            format!("Approved by {}.", clinical.approver)
        };
        let first = format!(
            "{}, version {}. Used from {} to {}. {approved}",
            pathway.title, pathway.version, clinical.valid_from, clinical.valid_to
        );
        let lines: Vec<String> = std::iter::once(first)
            .chain(clinical.sources.iter().map(|source| format!("Source: {source}")))
            .collect();
        self.rectangle(LEFT, WIDTH - 2 * LEFT, &pathway.title, &lines, "title");
        self.y += GAP / 2;
    }

    fn section(&mut self, pathway: &Pathway, section: &Section) {
        let fields: Vec<&Field> = pathway.fields.iter().filter(|field| field.section == section.id).collect();
        let lines = fields.iter().map(|field| question(pathway, field)).collect();
        let flags: Vec<&&Field> = fields.iter().filter(|field| field.red_flag.is_some()).collect();
        let top = self.y;
        self.step(&section.title, lines, if flags.is_empty() { "step" } else { "flags" });
        if flags.is_empty() {
            return;
        }
        let bottom = self.y;
        let middle = top + GAP;
        self.arrow_right(middle, "any yes");
        self.y = top;
        let actions: Vec<String> = flags
            .iter()
            .filter_map(|field| Some(format!("{}: {}", field.short(), field.red_flag.as_ref()?.action)))
            .collect();
        self.rectangle(ENDS, ENDS_WIDTH, "Emergency", &actions, "emergency");
        self.y = self.y.max(bottom);
    }

    /// A box in the main way, with the arrow that leads to it.
    fn step(&mut self, title: &str, lines: Vec<String>, class: &str) {
        let from = self.y;
        self.y += GAP;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            self.body,
            r#"<path class="way" d="M {x} {from} V {to}" marker-end="url(#tip)"/>"#,
            x = LEFT + BOX / 2,
            to = self.y - 2
        );
        self.rectangle(LEFT, BOX, title, &lines, class);
    }

    fn outcome(&mut self, pathway: &Pathway, outcome: &Outcome) {
        let top = self.y + GAP;
        self.step(&words(pathway, &outcome.when), Vec::new(), "choice");
        let bottom = self.y;
        self.arrow_right(top + GAP / 2, "yes");
        self.y = top;
        let come_back = Some(format!("Come back if no better in {}", outcome.come_back));
        let lines: Vec<String> = come_back.filter(|_| !outcome.come_back.is_empty()).into_iter().collect();
        let class = if outcome.emergency { "emergency" } else { "end" };
        self.rectangle(ENDS, ENDS_WIDTH, &outcome.label, &lines, class);
        self.y = self.y.max(bottom);
    }

    fn arrow_right(&mut self, y: usize, label: &str) {
        let _ = writeln!(
            self.body,
            r#"<path class="way" d="M {} {y} H {}" marker-end="url(#tip)"/><text x="{}" y="{}">{label}</text>"#,
            LEFT + BOX,
            ENDS - 2,
            LEFT + BOX + 8,
            y - 6
        );
    }

    fn rectangle(&mut self, x: usize, width: usize, title: &str, lines: &[String], class: &str) {
        let letters = (width - 2 * PAD) / 7;
        let title = wrapped(title, letters * 9 / 10);
        let lines: Vec<String> = lines.iter().flat_map(|line| wrapped(line, letters)).collect();
        let height = (title.len() + lines.len()) * LINE + 2 * PAD;
        let _ = writeln!(
            self.body,
            r#"<rect class="{class}" x="{x}" y="{}" width="{width}" height="{height}" rx="4"/>"#,
            self.y
        );
        let mut y = self.y + PAD + LINE - 5;
        for (line, bold) in
            title.iter().map(|line| (line, true)).chain(lines.iter().map(|line| (line, false)))
        {
            let class = if bold { r#" class="bold""# } else { "" };
            let _ = writeln!(
                self.body,
                r#"<text{class} x="{}" y="{y}">{}</text>"#,
                x + PAD,
                escape(line.as_str())
            );
            y += LINE;
        }
        self.y += height;
    }

    fn finish(self, pathway: &Pathway) -> String {
        let height = self.y + 24;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="{}">
<style>
text {{ font: 15px sans-serif; fill: #212b32 }}
.bold {{ font-weight: bold }}
rect {{ fill: #fff; stroke: #768692; stroke-width: 1.5 }}
.title {{ fill: #f0f4f5; stroke: none }}
.flags, .emergency {{ stroke: #d5281b; stroke-width: 3 }}
.gateway {{ stroke: #005eb8; stroke-width: 3 }}
.end {{ stroke: #007f3b; stroke-width: 3 }}
.choice {{ stroke-dasharray: 6 3 }}
.way {{ fill: none; stroke: #4c6272; stroke-width: 2 }}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M 0 0 L 8 4 L 0 8 z" fill="#4c6272"/></marker></defs>
<rect x="0" y="0" width="{WIDTH}" height="{height}" style="stroke: none"/>
{}</svg>
"##,
            escape(pathway.title.as_str()),
            self.body
        )
    }
}

/// A score that something reads; the others only stand in the record.
fn used(pathway: &Pathway, score: &str) -> bool {
    let name = format!("\"{score}\"");
    let read = |condition: &Condition| written(condition).contains(&name);
    pathway.outcomes.iter().any(|one| read(&one.when))
        || pathway.gateways.iter().any(|one| read(&one.when))
        || pathway.treatments.iter().any(|one| read(&one.when))
        || pathway.warnings.iter().any(|one| read(&one.when))
        || pathway.fields.iter().any(|field| read(&field.shown) || read(&field.required))
}

fn written(condition: &Condition) -> String {
    serde_json::to_string(condition).unwrap_or_default()
}

fn question(pathway: &Pathway, field: &Field) -> String {
    let mut line = field.label.clone();
    if !field.options.is_empty() {
        let labels: Vec<&str> = field.options.iter().map(|option| option.label.as_str()).collect();
        let _ = write!(line, "  [{}]", labels.join(" | "));
    }
    if field.shown != Condition::Always {
        let _ = write!(line, "  (asked if {})", words(pathway, &field.shown));
    }
    line
}

/// A condition as a clinician reads it.
fn words(pathway: &Pathway, condition: &Condition) -> String {
    use Condition as C;
    let label = |id: &str| match id.split_once('.') {
        Some((field, option)) => {
            let field = pathway.field(field);
            field
                .and_then(|field| field.option(option))
                .map_or_else(|| id.to_owned(), |one| one.label.clone())
        }
        None => pathway.field(id).map_or_else(|| id.to_owned(), |field| field.short().to_owned()),
    };
    let answer = |id: &str, answer: &shared::consultation::Answer| {
        let option = answer.as_text().and_then(|text| pathway.field(id)?.option(text));
        option.map_or_else(|| answer.to_string(), |option| option.label.clone())
    };
    let score = |id: &str| {
        let score = pathway.scores.iter().find(|score| score.id == id);
        score.map_or_else(|| id.to_owned(), |score| score.label.clone())
    };
    let inner = |parts: &[Condition], between: &str| {
        let parts: Vec<String> = parts
            .iter()
            .map(|part| match part {
                C::All(_) | C::Any(_) => format!("({})", words(pathway, part)),
                part => words(pathway, part),
            })
            .collect();
        parts.join(between)
    };
    match condition {
        C::Always => "in every case".to_owned(),
        C::Never => "never".to_owned(),
        C::AnyRedFlag => "any red flag is present".to_owned(),
        C::Is(id, wanted) => format!("“{}” is {}", label(id), answer(id, wanted)),
        C::OneOf(id, wanted) => {
            let wanted: Vec<String> = wanted.iter().map(|one| answer(id, one)).collect();
            format!("“{}” is {}", label(id), wanted.join(" or "))
        }
        C::AtLeast(id, least) => format!("“{}” is {least} or more", label(id)),
        C::AtMost(id, most) => format!("“{}” is {most} or less", label(id)),
        C::ScoreAtLeast(id, least) => format!("{} is {least} or more", score(id)),
        C::Answered(id) => format!("“{}” is answered", label(id)),
        C::Not(part) => format!("not ({})", words(pathway, part)),
        C::All(parts) => inner(parts, " and "),
        C::Any(parts) => inner(parts, " or "),
        C::AgeAtLeast(years) => format!("aged {years} or over"),
        C::AgeBelow(years) => format!("under {years}"),
        C::Sex(sex) => sex.clone(),
        C::Channel(channel) => format!("came by {channel}"),
        C::Strand(strand) => format!("referred for {strand}"),
        C::Known(fact) => format!("the {fact:?} is known").to_lowercase(),
        C::Line(standing) => format!("a medicine is {standing}"),
    }
}

fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > letters {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_outcome_gateway_and_treatment_of_every_file_is_in_its_picture() {
        for pathway in shared::pathway::all() {
            let drawn = svg(pathway);
            let text: String = drawn
                .lines()
                .filter_map(|line| line.strip_prefix("<text")?.split_once('>')?.1.strip_suffix("</text>"))
                .collect::<Vec<_>>()
                .join(" ");
            let plain = quick_xml::escape::unescape(&text).expect("well formed").into_owned();
            let whole = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let labels = pathway.fields.iter().map(|field| &field.label);
            let labels = labels.chain(pathway.outcomes.iter().map(|outcome| &outcome.label));
            let labels = labels.chain(pathway.gateways.iter().map(|gateway| &gateway.label));
            for label in labels.chain(pathway.treatments.iter().map(|treatment| &treatment.label)) {
                assert!(plain.contains(&whole(label)), "{} lacks {label}", pathway.key());
            }
        }
    }

    #[test]
    fn what_a_file_says_cannot_break_out_of_the_picture() {
        let mut pathway = shared::pathway::find("minor-illness@1").expect("a file").clone();
        pathway.title = "</text><script>".to_owned();
        assert!(!svg(&pathway).contains("<script"));
    }
}
