//! The words of a narrative block, of CDA or FHIR, as plain lines.

use super::xml;
use roxmltree::Node;

/// The text of a narrative block: breaks, paragraphs, list items and table rows each on a line of their own.
pub fn plain(block: Node<'_, '_>) -> String {
    let mut text = String::new();
    if !escaped(block, &mut text) {
        write(block, &mut text);
    }
    tidy(&text)
}

/// Some senders escape the mark-up they mean, NHS England's 111 Adaptor among them: what is nothing but text that is
/// well-formed mark-up is read as such, once.
fn escaped(block: Node<'_, '_>, out: &mut String) -> bool {
    if block.children().any(|part| part.is_element()) {
        return false;
    }
    let text: String = block.children().filter_map(|part| part.text()).collect();
    if !(text.contains("/>") || text.contains("</")) {
        return false;
    }
    let wrapped = format!("<text>{text}</text>");
    let Ok(document) = xml::parse(&wrapped) else { return false };
    write(document.root_element(), out);
    true
}

fn write(node: Node<'_, '_>, out: &mut String) {
    for part in node.children() {
        if part.is_text() {
            write_text(part.text().unwrap_or(""), out);
        } else if part.is_element() {
            match part.tag_name().name().to_ascii_lowercase().as_str() {
                "br" => out.push('\n'),
                "tr" => write_row(part, out),
                "item" | "li" => {
                    out.push_str("\n- ");
                    write(part, out);
                    out.push('\n');
                }
                "paragraph" | "p" | "caption" | "title" | "list" | "table" | "div" => {
                    out.push('\n');
                    write(part, out);
                    out.push('\n');
                }
                _ => {
                    write(part, out);
                    out.push(' ');
                }
            }
        }
    }
}

/// Line breaks typed by the sender are kept; the indentation of a pretty-printed document is not.
fn write_text(text: &str, out: &mut String) {
    // Some suppliers escape the mark-up they mean.
    let text = text.replace("<br/>", "\n").replace("<br />", "\n").replace("<br>", "\n");
    if text.trim().is_empty() {
        out.push(' ');
        return;
    }
    if text.starts_with(char::is_whitespace) {
        out.push(' ');
    }
    out.push_str(text.trim());
    if text.ends_with(char::is_whitespace) {
        out.push(if text.ends_with('\n') { '\n' } else { ' ' });
    }
}

fn write_row(row: Node<'_, '_>, out: &mut String) {
    let cells: Vec<(bool, String)> = row
        .children()
        .filter(Node::is_element)
        .map(|cell| {
            let mut text = String::new();
            write(cell, &mut text);
            (xml::named(cell, "th"), xml::squeeze(&text))
        })
        .collect();
    out.push('\n');
    for (place, (_, text)) in cells.iter().enumerate() {
        if let Some((before_is_heading, _)) = place.checked_sub(1).and_then(|before| cells.get(before)) {
            out.push_str(if *before_is_heading && !cells[place].0 { ": " } else { " | " });
        }
        out.push_str(text);
    }
    out.push('\n');
}

fn tidy(text: &str) -> String {
    text.lines()
        .map(xml::squeeze)
        .filter(|line| !line.is_empty() && line != "-")
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> String {
        plain(roxmltree::Document::parse(xml).expect("XML").root_element())
    }

    #[test]
    fn a_break_begins_a_line_and_indentation_does_not() {
        assert_eq!(
            read("<text>\n   <content>One</content>\n   <br/>\n  <content>Two</content>  </text>"),
            "One\nTwo"
        );
        assert_eq!(read("<text>One&lt;br/&gt;Two</text>"), "One\nTwo");
    }

    #[test]
    fn mark_up_that_was_escaped_is_read_once_and_what_only_looks_like_it_stays_text() {
        let table = "<div>&lt;table&gt;&lt;tr&gt;&lt;th&gt;Outcome&lt;/th&gt;&lt;td&gt;Obtained&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</div>";
        assert_eq!(read(table), "Outcome: Obtained");
        assert_eq!(read("<div>&lt;b&gt;1 &amp;lt; 2 &amp;lt;br/&amp;gt;&lt;/b&gt;</div>"), "1 < 2");
        assert_eq!(read("<div>pulse &lt; 60, 5&lt;/6 said</div>"), "pulse < 60, 5</6 said");
    }

    #[test]
    fn a_table_row_is_a_line_with_its_heading_first() {
        let table = "<text><table><tbody><tr><th>Outcome</th><td>Obtained</td></tr>\
                     <tr><td>a</td><td>b<br/>c</td></tr></tbody></table></text>";
        assert_eq!(read(table), "Outcome: Obtained\na | b c");
    }

    #[test]
    fn list_items_are_lines_with_a_dash() {
        assert_eq!(
            read("<text>Take:<list><item>rest</item><item>fluids</item></list></text>"),
            "Take:\n- rest\n- fluids"
        );
    }

    #[test]
    fn words_of_neighbouring_elements_do_not_run_together() {
        assert_eq!(read("<text><content>No</content><content>rash</content></text>"), "No rash");
    }
}
