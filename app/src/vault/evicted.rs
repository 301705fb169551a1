//! Saying that the browser has deleted the vault by itself, and what that means for the work.

use crate::platform::settings;
use crate::state::Satchel;
use leptos::prelude::*;

/// Called where no vault was found: was there one before?
pub fn tell(satchel: Satchel) {
    if settings::pharmacy().is_some() {
        satchel.trouble.set(Some(words(settings::waiting())));
        // Said once; from here on this device is like a new one.
        settings::forget_pharmacy();
        settings::set_waiting(0);
    }
}

fn words(waiting: usize) -> String {
    let lost = match waiting {
        0 => "Everything recorded here had been sent.".to_owned(),
        1 => "One consultation had work that was not yet sent: it is lost, and must be recorded again."
            .to_owned(),
        many => format!(
            "{many} consultations had work that was not yet sent: it is lost, and must be recorded again."
        ),
    };
    format!(
        "The browser has deleted what Satchel kept on this device. {lost} Sign in again to fetch the rest from the \
         server, and add Satchel to the home screen so that this does not happen again."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_called_lost_only_where_some_had_not_been_sent() {
        assert!(words(0).contains("had been sent.") && !words(0).contains("lost"));
        assert!(words(1).contains("One consultation") && words(1).contains("lost"));
        assert!(words(3).contains("3 consultations"));
    }
}
