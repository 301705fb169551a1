//! Tells on the device itself that a referral or a message came, and that one has waited thirty minutes.

use crate::platform::notifications;
use crate::state::Satchel;
use crate::ui::Clock;
use crate::vault::waiting;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::WaitingView;
use shared::consultation::{Status, WorkListRow};
use shared::referral::{PERSONS_CHANNELS, marks};
use shared::time::{self, Millis};
use std::collections::HashSet;

/// A referral that is older than this when it is first seen came while nobody was here, and is no news.
const NEWS: Millis = 5 * 60 * 1000;
/// Thirty minutes are told about until so long after.
const STILL_NEWS: Millis = 40 * 60 * 1000;
const THIRTY_MINUTES: Millis = 30 * 60 * 1000;

/// What is told about one referral or message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum News {
    Came,
    WaitsThirtyMinutes,
    /// On the waiting list; it may be a referral.
    MessageCame,
    MessageWaitsThirtyMinutes,
}

impl News {
    /// Words without anything about anybody: they stand on lock screens.
    pub fn words(self) -> &'static str {
        match self {
            Self::Came => "A new referral has come. Open Satchel.",
            Self::WaitsThirtyMinutes => {
                "A referral has waited 30 minutes and nobody has tried. Open Satchel."
            }
            Self::MessageCame => "A message has come, which may be a referral. Open Satchel.",
            Self::MessageWaitsThirtyMinutes => {
                "A message, which may be a referral, has waited 30 minutes. Open Satchel."
            }
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Self::Came => "came",
            Self::WaitsThirtyMinutes => "waits",
            Self::MessageCame => "message-came",
            Self::MessageWaitsThirtyMinutes => "message-waits",
        }
    }
}

/// What there is to tell about a row now; nothing about what a person wrote down, took or was sent for information.
pub fn news(row: &WorkListRow, now: Millis) -> Option<News> {
    let waits = row.status == Status::Received && row.taken_by.is_empty();
    let sent = !PERSONS_CHANNELS.contains(&row.channel.as_str()) && row.addressed_for != "information";
    if !waits || !sent {
        return None;
    }
    let age = now - time::read(&row.received_at)?;
    match age {
        // The server's clock may be a little ahead of ours.
        ..=NEWS if age > -NEWS => Some(News::Came),
        ..STILL_NEWS if marks(row, now).thirty_minutes => Some(News::WaitsThirtyMinutes),
        _ => None,
    }
}

/// What there is to tell about a message that nobody has decided about, as far as this device knows.
pub fn message_news(view: &WaitingView, now: Millis) -> Option<News> {
    let age = now - time::read(&view.arrived_at)?;
    match age {
        ..=NEWS if age > -NEWS => Some(News::MessageCame),
        THIRTY_MINUTES..STILL_NEWS => Some(News::MessageWaitsThirtyMinutes),
        _ => None,
    }
}

/// Draws nothing: listens to the list and the clock, and tells each thing once.
#[component]
pub fn Notifications() -> impl IntoView {
    let satchel = Satchel::from_context();
    let clock = Clock::from_context();
    let told = StoredValue::new(HashSet::<(String, News)>::new());
    let tell = move |found: Vec<(String, News)>| {
        for (id, news) in found {
            if told.try_update_value(|told| told.insert((id, news))).unwrap_or_default() {
                notifications::show(news.tag(), news.words());
            }
        }
    };
    Effect::new(move |_| {
        let now = clock.now();
        tell(satchel.rows.with(|rows| {
            rows.iter().filter_map(|listed| Some((listed.id.to_string(), news(&listed.row, now)?))).collect()
        }));
        // What this device was told of last: asking the server anew would be a line in the audit log every minute.
        spawn_local(async move {
            if let Ok(held) = waiting::kept(satchel).await {
                let found =
                    held.undecided().filter_map(|view| Some((view.id.clone(), message_news(view, now)?)));
                tell(found.collect());
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        time::read(text).expect("an instant")
    }

    fn referral() -> WorkListRow {
        WorkListRow {
            channel: "itk111".to_owned(),
            patient_name: "WINTERS, Hettie".to_owned(),
            received_at: "2026-11-23T09:00:00Z".to_owned(),
            ..WorkListRow::default()
        }
    }

    #[test]
    fn a_referral_is_told_when_it_comes_and_when_it_has_waited_thirty_minutes() {
        assert_eq!(news(&referral(), at("2026-11-23T09:00:05Z")), Some(News::Came));
        assert_eq!(news(&referral(), at("2026-11-23T09:20:00Z")), None);
        assert_eq!(news(&referral(), at("2026-11-23T09:30:00Z")), Some(News::WaitsThirtyMinutes));
        assert_eq!(news(&referral(), at("2026-11-23T12:00:00Z")), None, "it stands on the list");
    }

    #[test]
    fn a_message_is_told_when_it_comes_and_when_nobody_has_decided_for_thirty_minutes() {
        let view = WaitingView { arrived_at: "2026-11-23T09:00:00Z".to_owned(), ..WaitingView::default() };
        assert_eq!(message_news(&view, at("2026-11-23T09:00:05Z")), Some(News::MessageCame));
        assert_eq!(message_news(&view, at("2026-11-23T09:20:00Z")), None);
        let waits = message_news(&view, at("2026-11-23T09:30:00Z"));
        assert_eq!(waits, Some(News::MessageWaitsThirtyMinutes));
        assert_eq!(message_news(&view, at("2026-11-23T12:00:00Z")), None);
    }

    #[test]
    fn what_is_in_hand_or_asks_for_nothing_is_not_told() {
        let now = at("2026-11-23T09:30:00Z");
        for row in [
            WorkListRow { taken_by: "Asha Rao".to_owned(), ..referral() },
            WorkListRow { attempts: 1, ..referral() },
            WorkListRow { status: Status::Open, ..referral() },
            WorkListRow { channel: "walkin".to_owned(), ..referral() },
            WorkListRow { addressed_for: "information".to_owned(), ..referral() },
        ] {
            assert_eq!(news(&row, now), None, "{row:?}");
        }
    }
}
