//! Reads columns that this program wrote; anything else in them is damage.

use super::DbRow;
use crate::store::StoreError;
use sqlx::Row as _;
use std::str::FromStr;

/// A stored value that this program cannot have written.
#[derive(Debug, thiserror::Error)]
#[error("the column {0} holds something that this program did not write")]
pub struct Unreadable(pub &'static str);

/// Text that stands for an id, a code, a role or a word.
pub fn parsed<T: FromStr>(row: &DbRow, column: &'static str) -> Result<T, StoreError> {
    row.try_get::<&str, _>(column)?.parse().map_err(|_| StoreError::broken(Unreadable(column)))
}

/// As [`parsed`]; `None` where nothing is stored.
pub fn parsed_if<T: FromStr>(row: &DbRow, column: &'static str) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<&str>, _>(column)?
        .map(|text| text.parse().map_err(|_| StoreError::broken(Unreadable(column))))
        .transpose()
}

/// A number that is never below zero: a place in a log, a version, a count.
pub fn count<T: TryFrom<i64>>(row: &DbRow, column: &'static str) -> Result<T, StoreError> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::broken(Unreadable(column)))
}

/// Bytes of a known length: a hash, an actor.
pub fn exactly<const N: usize>(row: &DbRow, column: &'static str) -> Result<[u8; N], StoreError> {
    row.try_get::<&[u8], _>(column)?.try_into().map_err(|_| StoreError::broken(Unreadable(column)))
}
