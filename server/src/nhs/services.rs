//! What the three directories of services have in common: how they are asked, and what a failure means.

use super::http;
use reqwest::{RequestBuilder, StatusCode};
use shared::places::Session;
use std::time::Duration;

/// The answers of the directories stay far below this.
const LARGEST: usize = 8 * 1024 * 1024;
/// A pharmacist waits for the list, and another directory may have to be asked after this one.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Longer than any name, line or number in a directory.
const LONGEST: usize = 300;
/// Longer than any list of services that is asked for.
pub const MOST: usize = 500;

/// What to do when a directory of services does not answer.
#[derive(Debug, thiserror::Error)]
pub enum ServicesError {
    /// Nothing was asked: no directory is configured that knows this kind of service.
    #[error(
        "This server is not connected to a directory that knows such services. Type the name and the telephone number."
    )]
    NotSetUp,
    /// Too many asked at once: try again in a moment.
    #[error("The directory of services is asked by too many. Try again in a moment.")]
    Busy,
    /// Try again later; what is known from before still serves.
    #[error(
        "The directory of services does not answer. Try again later, or type the name and the telephone number."
    )]
    Away(#[source] Option<reqwest::Error>),
    /// A person must change what is asked.
    #[error("The directory of services could not search with this. Check the postcode.")]
    NotFound,
    /// Password, key or permission: tell whoever looks after the server.
    #[error("The directory of services refused this server (HTTP {status}). Tell whoever looks after it.")]
    Refused { status: u16 },
    /// Not an answer as it is specified.
    #[error(
        "The directory of services gave an answer that Satchel cannot read. Type the name and the telephone number."
    )]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ServicesError {
    /// For an answer that is none.
    pub fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unreadable(Box::new(cause))
    }
}

/// An answer with what it holds.
pub struct Answer {
    pub status: StatusCode,
    pub body: Vec<u8>,
}

/// Sends one question. Only answers that say something of the question come back: being away, busy and refusing this
/// server are the same for each directory.
pub async fn ask(request: RequestBuilder) -> Result<Answer, ServicesError> {
    // The address holds a postcode, and errors end up in logs.
    let response = request
        .timeout(ANSWER_WITHIN)
        .send()
        .await
        .map_err(|error| ServicesError::Away(Some(error.without_url())))?;
    let status = response.status();
    let body = match http::body(response, LARGEST).await {
        Ok(body) => body,
        Err(http::BodyError::BrokeOff(error)) => return Err(ServicesError::Away(Some(error))),
        Err(error) => return Err(ServicesError::unreadable(error)),
    };
    match status {
        StatusCode::TOO_MANY_REQUESTS => Err(ServicesError::Busy),
        StatusCode::REQUEST_TIMEOUT => Err(ServicesError::Away(None)),
        status if status.is_server_error() => Err(ServicesError::Away(None)),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(ServicesError::Refused { status: status.as_u16() })
        }
        // A redirect leads to a page for people, or to where nobody configured.
        status if status.is_redirection() => Err(ServicesError::Refused { status: status.as_u16() }),
        status => Ok(Answer { status, body }),
    }
}

/// Words on one line, not longer than a line.
pub fn words(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines of an address on one line, those that say something, each once.
pub fn address<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut said: Vec<String> = Vec::new();
    for line in lines.into_iter().map(words).filter(|line| !line.is_empty()) {
        if said.iter().all(|before| !before.eq_ignore_ascii_case(&line)) {
            said.push(line);
        }
    }
    said.join(", ")
}

/// A session from hours and minutes of both ends; `None` for what is none.
pub fn session(opens: (u16, u16), closes: (u16, u16)) -> Option<Session> {
    let minutes = |(hours, minutes): (u16, u16)| (hours <= 24 && minutes < 60).then(|| hours * 60 + minutes);
    Session::new(minutes(opens)?, minutes(closes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_each_line_once() {
        assert_eq!(address(["1 Elm Road ", "", "Zettington", "ZETTINGTON"]), "1 Elm Road, Zettington");
        assert_eq!(words(" a\r\n\tb  c "), "a b c");
    }

    #[test]
    fn hours_that_are_none_make_no_session() {
        assert!(session((9, 0), (17, 30)).is_some());
        assert!(session((9, 60), (17, 30)).is_none() && session((9, 0), (25, 0)).is_none());
        assert!(session((0, 0), (0, 0)).is_none(), "closed, or all day: nobody can tell");
    }
}
