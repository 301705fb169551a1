//! One answer to one question, stored as one scalar, so that two devices on different questions never touch.

use autosurgeon::{Hydrate, HydrateError, Prop, ReadDoc, Reconcile, Reconciler};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What was answered. Absent from the map means *not yet asked*, which is never “no”.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    YesNo(bool),
    /// In the unit that the pathway file names for the field.
    Number(f64),
    /// A choice's code, a date (`2026-11-22`), or words.
    Text(String),
}

/// Answers by pathway field id. A choice of several is one yes/no answer an option, keyed `field.option`.
pub type Answers = BTreeMap<String, Answer>;

impl Answer {
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_yes(&self) -> Option<bool> {
        match self {
            Self::YesNo(yes) => Some(*yes),
            _ => None,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::YesNo(true) => f.write_str("yes"),
            Self::YesNo(false) => f.write_str("no"),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Reconcile for Answer {
    type Key<'a> = autosurgeon::reconcile::NoKey;

    fn reconcile<R: Reconciler>(&self, mut to: R) -> Result<(), R::Error> {
        match self {
            Self::YesNo(yes) => to.boolean(*yes),
            Self::Number(number) => to.f64(*number),
            Self::Text(text) => to.str(text),
        }
    }
}

impl Hydrate for Answer {
    fn hydrate_bool(yes: bool) -> Result<Self, HydrateError> {
        Ok(Self::YesNo(yes))
    }
    fn hydrate_f64(number: f64) -> Result<Self, HydrateError> {
        Ok(Self::Number(number))
    }
    fn hydrate_int(number: i64) -> Result<Self, HydrateError> {
        Ok(Self::Number(number as f64))
    }
    fn hydrate_uint(number: u64) -> Result<Self, HydrateError> {
        Ok(Self::Number(number as f64))
    }
    fn hydrate_string(text: &'_ str) -> Result<Self, HydrateError> {
        Ok(Self::Text(text.to_owned()))
    }
    fn hydrate_text<D: ReadDoc>(doc: &D, obj: &automerge::ObjId) -> Result<Self, HydrateError> {
        // JavaScript's plain strings arrive as text objects; an answer from such a peer is still an answer.
        Ok(Self::Text(doc.text(obj)?))
    }
    fn hydrate<D: ReadDoc>(doc: &D, obj: &automerge::ObjId, prop: Prop<'_>) -> Result<Self, HydrateError> {
        use automerge::{ObjType, ScalarValue, Value};
        match doc.get(obj, &prop)? {
            Some((Value::Object(ObjType::Text), id)) => Self::hydrate_text(doc, &id),
            Some((Value::Scalar(scalar), _)) => match scalar.as_ref() {
                ScalarValue::Boolean(yes) => Self::hydrate_bool(*yes),
                ScalarValue::F64(number) => Self::hydrate_f64(*number),
                ScalarValue::Int(number) => Self::hydrate_int(*number),
                ScalarValue::Uint(number) => Self::hydrate_uint(*number),
                ScalarValue::Str(text) => Self::hydrate_string(text),
                other => Err(HydrateError::unexpected("an answer", other.to_string())),
            },
            other => Err(HydrateError::unexpected("an answer", format!("{other:?}"))),
        }
    }
}
