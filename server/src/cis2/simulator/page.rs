//! The page of the pretend CIS2: who is in front of it? One choice signs in, as a card that is in its reader already.

use super::people::CARD_HOLDERS;
use quick_xml::escape::escape;

/// `to` makes the address for a choice: the subject of a person, or nothing for turning back.
pub fn page(to: impl Fn(Option<&str>) -> String) -> String {
    let people = CARD_HOLDERS.iter().map(|holder| {
        let (sub, given, family, what) = (holder.sub, holder.given, holder.family, holder.what);
        let address = to(Some(sub));
        let address = escape(&address);
        format!("<li><a id=\"{sub}\" href=\"{address}\">{given} {family}</a><br>{what}</li>\n")
    });
    let people: Vec<String> = people.collect();
    let people = people.concat();
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Care Identity Service (simulated)</title></head>\n\
         <body><main>\n<h1>Care Identity Service (simulated)</h1>\n\
         <p>This is a demonstration. Nobody here is real, and nothing is sent to the NHS.</p>\n\
         <h2>Who is signing in?</h2>\n<ul>\n{people}</ul>\n\
         <p><a id=\"turn-back\" href=\"{}\">Turn back without signing in</a></p>\n\
         </main></body>\n</html>\n",
        escape(to(None))
    )
}
