//! Why a code that was scanned or typed is not taken, in words for whoever holds the pack.

/// What is wrong with the code. Nothing of a code that is wrong somewhere is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPack {
    #[error("Nothing was read. Scan the code again, or type batch and expiry from the pack.")]
    Nothing,
    #[error("This is longer than any code on a medicine pack. Scan only one code at a time.")]
    TooLong,
    #[error(
        "This is another kind of barcode, not the GS1 code of a medicine pack. Scan the square code beside the expiry date, or type batch and expiry from the pack."
    )]
    AnotherKind,
    #[error(
        "This does not read as the code of a medicine pack. Scan it again, or type batch and expiry from the pack."
    )]
    Unreadable,
    #[error("The product number {0} has a wrong check digit, so something was misread. Scan it again.")]
    WrongCheckDigit(String),
    #[error("The expiry {0} is not a date. Scan it again, or type the expiry from the pack.")]
    NotADate(String),
    #[error("The code ends within the {0}, so it was not read whole. Scan it again.")]
    Cut(&'static str),
    #[error("The {0} is missing although the code announces it. Scan it again, or type it from the pack.")]
    Empty(&'static str),
    #[error(
        "The {0} is longer than 20 characters, so two parts of the code ran together. Type batch and expiry from the pack."
    )]
    RanTogether(&'static str),
    #[error("The {0} has a character that such a code cannot hold, so it was misread. Scan it again.")]
    StrangeCharacter(&'static str),
    #[error(
        "The code says two different things for the {0}. Do not use it; type what is printed on the pack."
    )]
    SaidTwice(&'static str),
    #[error(
        "The code has no product number, so it cannot be said what it belongs to. Type batch and expiry from the pack."
    )]
    NoProduct,
}
