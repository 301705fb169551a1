//! Who referred somebody, taken down by a person: from the phone, or from an e-mail beside the form.

use super::model::Mistake;
use super::practice::PracticePicker;
use crate::ui::{Choice, Slip, TextBox, TextKind, words};
use leptos::prelude::*;
use shared::consultation::Referral;
use shared::ids::OdsCode;
use shared::referral::{REFERRER_TYPES, due_at, supply_is_unusual};
use shared::time::{self, Millis};

/// What stands in the referrer's boxes, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReferrerForm {
    /// `Referral::referrer_type`.
    pub kind: String,
    pub name: String,
    pub ods: String,
    pub person: String,
    pub contact: String,
    pub case_reference: String,
    pub disposition: String,
    /// By when the patient was told they would be spoken to, as clocks in England show it; empty: by the disposition.
    pub promised: String,
}

/// `Dx28`, however it was typed; `None` for what is no disposition code.
fn disposition(typed: &str) -> Option<String> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = compact.strip_prefix(['d', 'D']).unwrap_or(&compact);
    let digits = digits.strip_prefix(['x', 'X']).unwrap_or(digits);
    let is_code = (2..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| format!("Dx{digits}"))
}

impl ReferrerForm {
    /// What has to be put right before the record can be made.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut say = |field, words: &str| mistakes.push(Mistake { field, words: words.to_owned() });
        if self.name.trim().is_empty() && self.person.trim().is_empty() {
            say("referrer-name", "Write down who referred the patient.");
        }
        if !self.ods.trim().is_empty() && self.ods.trim().parse::<OdsCode>().is_err() {
            say("referrer-ods", "The organisation's code is not right. Leave it empty when it is not known.");
        }
        if !self.disposition.trim().is_empty() && disposition(&self.disposition).is_none() {
            say("referrer-disposition", "A disposition code looks like Dx28.");
        }
        if !self.promised.trim().is_empty() && time::from_the_wall(self.promised.trim()).is_none() {
            say("referrer-promised", "Enter the day and the time that was promised.");
        }
        mistakes
    }

    /// By when the patient should be spoken to: what was promised, else what the disposition says.
    pub fn due(&self, now: Millis) -> Option<Millis> {
        let promised = time::from_the_wall(self.promised.trim());
        promised.or_else(|| due_at(&disposition(&self.disposition)?, "", now))
    }

    /// Writes the form into a referral of that strand, received now. Nothing that was not typed is written.
    pub fn write(&self, referral: &mut Referral, strand: &str, now: Millis) {
        let tidy = |text: &str| text.trim().to_owned();
        referral.referrer_type.clone_from(&self.kind);
        referral.referrer_name = tidy(&self.name);
        referral.referrer_ods = self.ods.trim().to_uppercase();
        referral.referrer_person = tidy(&self.person);
        referral.referrer_contact = tidy(&self.contact);
        referral.disposition = disposition(&self.disposition).unwrap_or_default();
        referral.due_at = self.due(now).map(time::stored).unwrap_or_default();
        strand.clone_into(&mut referral.strand);
        "action".clone_into(&mut referral.addressed_for);
        // Ids stand in one line with spaces between, so none may hold one.
        let case: String = self.case_reference.chars().filter(|c| !c.is_whitespace()).collect();
        if !case.is_empty() {
            let case = format!("case-reference|{case}");
            let ids = [referral.case_ids.as_str(), &case].join(" ");
            ids.trim().clone_into(&mut referral.case_ids);
        }
    }
}

/// What stands in the boxes. Copying it costs nothing.
#[derive(Clone, Copy)]
pub struct ReferrerBoxesState {
    kind: RwSignal<String>,
    name: RwSignal<String>,
    ods: RwSignal<String>,
    person: RwSignal<String>,
    contact: RwSignal<String>,
    case_reference: RwSignal<String>,
    disposition: RwSignal<String>,
    promised: RwSignal<String>,
}

impl ReferrerBoxesState {
    pub fn new(form: ReferrerForm) -> Self {
        let kind = if form.kind.is_empty() { REFERRER_TYPES[0].0.to_owned() } else { form.kind };
        Self {
            kind: RwSignal::new(kind),
            name: RwSignal::new(form.name),
            ods: RwSignal::new(form.ods),
            person: RwSignal::new(form.person),
            contact: RwSignal::new(form.contact),
            case_reference: RwSignal::new(form.case_reference),
            disposition: RwSignal::new(form.disposition),
            promised: RwSignal::new(form.promised),
        }
    }

    pub fn form(self) -> ReferrerForm {
        ReferrerForm {
            kind: self.kind.get(),
            name: self.name.get(),
            ods: self.ods.get(),
            person: self.person.get(),
            contact: self.contact.get(),
            case_reference: self.case_reference.get(),
            disposition: self.disposition.get(),
            promised: self.promised.get(),
        }
    }
}

/// Who referred, about which case, and what was promised. `strand` is that of the service chosen.
#[component]
pub fn ReferrerBoxes(
    boxes: ReferrerBoxesState,
    slips: RwSignal<Vec<Slip>>,
    strand: Signal<String>,
    now: Signal<Millis>,
) -> impl IntoView {
    let error = move |field: &'static str| {
        Signal::derive(move || {
            slips.with(|slips| {
                slips
                    .iter()
                    .find(|slip| slip.field == field)
                    .map(|slip| slip.words.clone())
                    .unwrap_or_default()
            })
        })
    };
    let types = REFERRER_TYPES.into_iter().map(|(code, words)| (code.to_owned(), words.to_owned())).collect();
    let unusual = move || supply_is_unusual(&strand.get(), &boxes.kind.get());
    let due = move || boxes.form().due(now.get()).map(|at| words::moment(at, now.get()));
    view! {
        <Choice id="referrer-type" label="Who referred the patient?" options=types value=boxes.kind/>
        <div role="status">
            <Show when=unusual>
                <p class="panel panel--notice">
                    "Urgent medicine supply is for referrals from NHS 111 and urgent care. General practice \
                     issues a prescription itself: ask the practice for one, or take this as minor illness."
                </p>
            </Show>
        </div>
        <Show when=move || boxes.kind.with(|kind| kind == "GP")>
            <PracticePicker
                id="referrer-search"
                label="Find the practice that referred"
                name=boxes.name
                ods=boxes.ods
            />
        </Show>
        <TextBox
            id="referrer-name"
            label="Name of the organisation"
            value=boxes.name
            error=error("referrer-name")
        />
        <TextBox
            id="referrer-ods"
            label="Its code, where it is known"
            hint="For example A82648."
            value=boxes.ods
            error=error("referrer-ods")
        />
        <TextBox id="referrer-person" label="Who you spoke to" value=boxes.person/>
        <TextBox
            id="referrer-contact"
            label="Their number, to call back"
            kind=TextKind::Phone
            value=boxes.contact
        />
        <TextBox
            id="referrer-case"
            label="Case reference"
            hint="The sender's own number of the case; an e-mail about it is put beside it by this."
            value=boxes.case_reference
        />
        <TextBox
            id="referrer-disposition"
            label="Disposition code"
            hint="For example Dx28, where the referrer gave one."
            value=boxes.disposition
            error=error("referrer-disposition")
        />
        <TextBox
            id="referrer-promised"
            label="By when was the patient told they would hear?"
            hint="Leave empty when nothing was said; then the disposition code decides."
            kind=TextKind::DateTime
            value=boxes.promised
            error=error("referrer-promised")
        />
        <p role="status">{move || due().map(|by| format!("Speak to the patient by {by}."))}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Millis {
        time::read("2026-11-23T10:00:00Z").expect("an instant")
    }

    fn called() -> ReferrerForm {
        ReferrerForm {
            kind: "NHS111".to_owned(),
            name: "NHS 111".to_owned(),
            case_reference: "A 1234".to_owned(),
            disposition: "dx85".to_owned(),
            ..ReferrerForm::default()
        }
    }

    #[test]
    fn a_phone_referral_is_due_by_its_disposition_and_earlier_or_later_where_something_was_promised() {
        assert_eq!(called().due(now()), Some(now() + 2 * 3_600_000));
        let promised = ReferrerForm { promised: "2026-11-23T18:30".to_owned(), ..called() };
        assert_eq!(promised.due(now()).map(time::stored).as_deref(), Some("2026-11-23T18:30:00Z"));
        assert_eq!(ReferrerForm::default().due(now()), None);
    }

    #[test]
    fn what_was_said_on_the_phone_is_written_and_nothing_else() {
        let mut referral = Referral::default();
        called().write(&mut referral, "UMS", now());
        assert_eq!(referral.case_ids, "case-reference|A1234", "so that the message itself finds it");
        assert_eq!(
            (referral.disposition.as_str(), referral.due_at.as_str()),
            ("Dx85", "2026-11-23T12:00:00Z")
        );
        assert_eq!((referral.referrer_ods.as_str(), referral.message_id.as_str()), ("", ""));
    }

    #[test]
    fn nobody_named_and_codes_that_cannot_be_are_sent_back() {
        let wrong = ReferrerForm {
            ods: "not a code".to_owned(),
            disposition: "sore throat".to_owned(),
            promised: "soon".to_owned(),
            ..ReferrerForm::default()
        };
        let fields: Vec<_> = wrong.mistakes().into_iter().map(|mistake| mistake.field).collect();
        assert_eq!(fields, ["referrer-name", "referrer-ods", "referrer-disposition", "referrer-promised"]);
        assert!(called().mistakes().is_empty());
    }

    #[test]
    fn an_ambulance_code_is_not_made_into_another_one() {
        assert_eq!(disposition("Dx011").as_deref(), Some("Dx011"));
        assert_eq!(disposition(" DX 28 ").as_deref(), Some("Dx28"));
        assert_eq!(disposition("28").as_deref(), Some("Dx28"));
        assert_eq!(disposition("Dx"), None);
    }
}
