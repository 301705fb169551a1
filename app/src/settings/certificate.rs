//! The file that is kept with evidence: chosen here, looked at before it is sent.

use crate::platform::file;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::Certificate;

/// As large as a file may be, in bytes: 2 MiB.
const LARGEST: f64 = 2.0 * 1024.0 * 1024.0;
/// What the server keeps.
const KINDS: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

#[component]
pub fn CertificateBox(id: &'static str, certificate: RwSignal<Option<Certificate>>) -> AnyView {
    let problem = RwSignal::new("");
    let choose = move |event: leptos::ev::Event| {
        certificate.set(None);
        problem.set("");
        let Some(chosen) = file::chosen(&event) else { return };
        if let Some(words) = refusal(&chosen.kind, chosen.size) {
            problem.set(words);
            return;
        }
        spawn_local(async move {
            match chosen.read().await {
                Some(bytes) => {
                    certificate.set(Some(Certificate { name: chosen.name, kind: chosen.kind, bytes }));
                }
                None => problem.set("The file could not be read. Choose it again."),
            }
        });
    };
    let error = format!("{id}-error");
    view! {
        <div class="nhsuk-form-group">
            <label class="nhsuk-label" for=id>
                "Certificate: PDF, JPEG or PNG, at most 2 MB"
            </label>
            <span class="nhsuk-error-message" role="alert" id=error.clone()>
                {move || problem.get()}
            </span>
            <input
                type="file"
                id=id
                accept=KINDS.join(",")
                aria-describedby=error
                on:change=choose
            />
        </div>
    }
    .into_any()
}

/// Why a file is not taken; `None` where it is.
fn refusal(kind: &str, size: f64) -> Option<&'static str> {
    if !KINDS.contains(&kind) {
        return Some("This is no PDF, JPEG or PNG. Choose another file.");
    }
    if size > LARGEST {
        return Some("This file is larger than 2 MB. Scan it in a lower quality.");
    }
    (size <= 0.0).then_some("This file is empty. Choose another.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_a_kind_that_is_kept_and_at_most_two_mebibytes() {
        assert_eq!(refusal("application/pdf", LARGEST), None);
        assert!(refusal("application/pdf", LARGEST + 1.0).is_some());
        assert!(refusal("image/png", 0.0).is_some());
        assert!(refusal("text/html", 10.0).is_some());
        assert!(refusal("", 10.0).is_some());
    }
}
