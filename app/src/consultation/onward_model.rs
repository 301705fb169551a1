//! What the panel for sending a patient on decides, without drawing.

use shared::api::AddressView;
use shared::consultation::{Answer, Consultation, Onward};
use shared::pathway::Pathway;
use shared::places::{Place, Service};
use shared::time;

/// The question of the pathways that holds whom the patient was sent to, in words.
const NAME: &str = "onward-name";

/// What the pathway's answers say about where to, and how urgently; `None` where they say nothing.
pub fn suggested(record: &Consultation) -> Option<(Service, &'static str)> {
    let answer = |field: &str| record.answers.get(field).and_then(Answer::as_text);
    match answer("decision")? {
        "onward-urgent" => {
            let service = match answer("onward-to-urgent")? {
                "own-gp-urgent" => Service::Gp,
                "out-of-hours" | "utc" => Service::OutOfHours,
                "ae" | "eye-casualty" => Service::EmergencyDepartment,
                _ => return None,
            };
            Some((service, "urgent"))
        }
        "onward-routine" => {
            let service = match answer("onward-to-routine")? {
                "own-gp-routine" => Service::Gp,
                "dentist" => Service::Dentist,
                "optometrist" => Service::Optometrist,
                "sexual-health" => Service::SexualHealth,
                "other-pharmacy" => Service::Pharmacy,
                _ => return None,
            };
            Some((service, "routine"))
        }
        _ => None,
    }
}

/// The practice that the patient is registered with, as a place; `None` where it is not known.
pub fn own_practice(record: &Consultation) -> Option<Place> {
    let patient = &record.patient;
    (!patient.gp_name.is_empty()).then(|| Place {
        ods: patient.gp_ods.clone(),
        name: patient.gp_name.clone(),
        ..Place::default()
    })
}

/// Writes whom the patient is sent to. What was agreed with somebody else is not agreed with these.
pub fn chosen(record: &mut Consultation, pathway: &Pathway, place: &Place) {
    let address: Vec<&str> =
        [place.address.as_str(), &place.postcode].into_iter().filter(|part| !part.is_empty()).collect();
    let number = place.number_to_call();
    let onward = &mut record.onward;
    onward.ods.clone_from(&place.ods);
    onward.dos_service_id.clone_from(&place.dos_service_id);
    onward.name.clone_from(&place.name);
    onward.address = address.join(", ");
    number.clone_into(&mut onward.phone);
    for agreed in [&mut onward.email, &mut onward.agreed_with, &mut onward.agreed_at] {
        agreed.clear();
    }
    // The question that most records have for it need not be filled in a second time.
    let unanswered = record.answers.get(NAME).and_then(Answer::as_text).is_none_or(str::is_empty);
    if unanswered && suggested(record).is_some() && pathway.field(NAME).is_some() {
        let words = if number.is_empty() { place.name.clone() } else { format!("{}, {number}", place.name) };
        record.answers.insert(NAME.to_owned(), Answer::Text(words));
    }
}

/// `2026-11-22T14:05`, as a box for day and time has it; empty for what is no time.
pub fn wall(rfc3339: &str) -> String {
    time::read(rfc3339).map(|at| format!("{}T{}", time::day(at), time::clock_time(at))).unwrap_or_default()
}

/// By which way the referral will go once it is signed.
pub fn how_it_goes(onward: &Onward, book: &[AddressView]) -> String {
    if !onward.is_chosen() {
        return String::new();
    }
    if onward.is_refused() {
        return "Nothing is sent: the patient does not want that.".to_owned();
    }
    let fits = |entry: &&AddressView| {
        let address = &entry.address;
        let same = if onward.ods.is_empty() {
            address.email.eq_ignore_ascii_case(&onward.email)
        } else {
            address.ods == onward.ods
        };
        same && !entry.confirmed_at.is_empty()
    };
    let by_mail = book.iter().find(fits).map(|entry| format!("by e-mail to {}", entry.address.email));
    let else_by = by_mail.unwrap_or_else(|| "on paper: no e-mail address of theirs is confirmed".to_owned());
    if onward.service == Service::Pharmacy.as_str() {
        return format!(
            "Once signed, it goes to their work list if they use this server, and else {else_by}."
        );
    }
    format!("Once signed, it goes {else_by}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::api::AddressChange;
    use shared::ids::ConsultationId;

    fn record(decision: &str, field: &str, to: &str) -> Consultation {
        let ods = "FA123".parse().expect("an ODS code");
        let mut record = Consultation::new(ConsultationId::from_bytes([7; 16]), &ods, "minor-illness@1", 0);
        for (key, words) in [("decision", decision), (field, to)] {
            record.answers.insert(key.to_owned(), Answer::text(words));
        }
        record
    }

    fn sycamore() -> Place {
        Place {
            dos_service_id: "2099000002".into(),
            ods: "FB456".into(),
            name: "Sycamore Pharmacy".into(),
            address: "2 Heron Close".into(),
            postcode: "ZZ99 3WZ".into(),
            phone: "01632 960805".into(),
            clinician_phone: "07700 900111".into(),
            ..Place::default()
        }
    }

    #[test]
    fn the_answers_say_where_to() {
        for (decision, field, to, expected) in [
            ("onward-urgent", "onward-to-urgent", "utc", Some((Service::OutOfHours, "urgent"))),
            ("onward-urgent", "onward-to-urgent", "ae", Some((Service::EmergencyDepartment, "urgent"))),
            ("onward-routine", "onward-to-routine", "other-pharmacy", Some((Service::Pharmacy, "routine"))),
            ("onward-routine", "onward-to-routine", "other", None),
            ("advice", "onward-to-routine", "dentist", None),
        ] {
            assert_eq!(suggested(&record(decision, field, to)), expected, "{to}");
        }
    }

    #[test]
    fn every_answer_of_the_pathways_leads_to_a_service_or_is_left_to_words() {
        let in_words = ["111-clinician", "other"];
        for pathway in shared::pathway::all() {
            for (decision, name) in
                [("onward-urgent", "onward-to-urgent"), ("onward-routine", "onward-to-routine")]
            {
                for option in pathway.field(name).map(|field| &field.options).into_iter().flatten() {
                    let found = suggested(&record(decision, name, &option.id)).is_some();
                    assert_eq!(found, !in_words.contains(&option.id.as_str()), "{}", option.id);
                }
            }
        }
    }

    #[test]
    fn another_choice_is_not_agreed_with_by_those_before() {
        let pathway = shared::pathway::find("minor-illness@1").expect("in every build");
        let mut record = record("onward-routine", "onward-to-routine", "other-pharmacy");
        record.onward.agreed_with = "Jo Reed".into();
        record.onward.agreed_at = "2026-11-22T14:05:00Z".into();
        chosen(&mut record, pathway, &sycamore());
        assert_eq!((record.onward.agreed_with.as_str(), record.onward.agreed_at.as_str()), ("", ""));
        assert_eq!((record.onward.ods.as_str(), record.onward.phone.as_str()), ("FB456", "07700 900111"));
        assert_eq!(record.answers["onward-name"], Answer::text("Sycamore Pharmacy, 07700 900111"));
        record.answers.insert(NAME.into(), Answer::text("Typed before"));
        chosen(&mut record, pathway, &sycamore());
        assert_eq!(record.answers["onward-name"], Answer::text("Typed before"));
    }

    #[test]
    fn it_says_by_which_way_it_goes_and_counts_no_unconfirmed_address() {
        let mut onward = Onward { service: "gp".into(), ods: "A99999".into(), ..Onward::default() };
        let mut entry = AddressView {
            address: AddressChange {
                ods: "A99999".into(),
                email: "elm@nhs.net".into(),
                ..AddressChange::default()
            },
            ..AddressView::default()
        };
        assert!(how_it_goes(&onward, std::slice::from_ref(&entry)).contains("on paper"));
        entry.confirmed_at = "2026-11-22T14:00:00Z".into();
        assert!(how_it_goes(&onward, std::slice::from_ref(&entry)).contains("by e-mail to elm@nhs.net"));
        onward.service = "pharmacy".into();
        assert!(how_it_goes(&onward, &[entry]).contains("their work list"));
        assert_eq!(wall("2026-11-22T14:05:00Z"), "2026-11-22T14:05");
        assert_eq!(wall(""), "");
    }
}
