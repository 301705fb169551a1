//! Where two people disagree: every field with more than one live value (design 3).

use super::answer::Answer;
use super::document::{Document, DocumentError, Writer, hex};
use automerge::{ObjId, ObjType, ReadDoc as _, ScalarValue, Value};

/// One field on which two devices wrote different things without knowing of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    /// Where, for example `answers/penicillin-allergy`.
    pub path: String,
    /// Each live value, the one now shown first.
    pub versions: Vec<Version>,
}

/// One of the values of a clash.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// The value in words.
    pub value: String,
    /// Name of who wrote it; empty when the author is not known here.
    pub by: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// Sections that hold what people said. Bookkeeping cannot clash in a way a person could settle.
const SECTIONS: [&str; 11] = [
    "referral",
    "patient",
    "visit",
    "answers",
    "observations",
    "medicines",
    "charge",
    "lookups",
    "onward",
    "outcome",
    "signatures",
];

/// What devices write by themselves, times and what PDS said beside a trace: two of them differ without anybody
/// disagreeing.
const KEPT_BY_DEVICES: [&str; 7] = [
    "visit/taken_at",
    "visit/started_at",
    "visit/ended_at",
    "visit/responsible_pharmacist",
    "patient/traced_at",
    "patient/pds_version",
    "patient/nominated_pharmacy",
];

/// Of a medicine: what devices work out from the rest. Where two of them differ, the line is not confirmed any more
/// (`supply::is_confirmed`), and somebody looks at all of it.
const WORKED_OUT: [&str; 3] = ["confirmed", "broken_rules", "recorded_at"];

fn is_kept_by_devices(path: &str) -> bool {
    let of_medicine = path.strip_prefix("medicines/").and_then(|path| path.split_once('/'));
    KEPT_BY_DEVICES.contains(&path) || of_medicine.is_some_and(|(_, field)| WORKED_OUT.contains(&field))
}

impl Document {
    /// Every live disagreement, in the order of the record. Signing waits until there is none.
    pub fn clashes(&mut self) -> Result<Vec<Clash>, DocumentError> {
        let mut found = Vec::new();
        let walked = if self.reading()?.disputed { SECTIONS.as_slice() } else { &[] };
        for &section in walked {
            let at = self
                .inner()
                .get(automerge::ROOT, section)
                .map_err(|cause| DocumentError::Unfitting(cause.into()))?;
            if let Some((Value::Object(ObjType::Map), id)) = at {
                self.walk(&id, section, &mut found)?;
            }
        }
        // Settled by writing: what remains was written by different people or says different things.
        found.retain(|clash| clash.versions.windows(2).any(|pair| pair[0].value != pair[1].value));
        found.extend(self.rival_signatures()?);
        Ok(found)
    }

    /// Settles a clash: writes the chosen value over all live ones, even where it equals the one now shown.
    pub fn settle(
        &mut self,
        at: i64,
        writer: &Writer,
        path: &str,
        chosen: &Answer,
    ) -> Result<Option<Vec<u8>>, DocumentError> {
        let mut parts: Vec<&str> = path.split('/').collect();
        let Some(key) = parts.pop() else { return Ok(None) };
        let mut map = automerge::ROOT;
        for part in parts {
            match self.inner().get(&map, part).map_err(|cause| DocumentError::Unfitting(cause.into()))? {
                Some((Value::Object(ObjType::Map), id)) => map = id,
                _ => return Ok(None),
            }
        }
        let scalar = match chosen {
            Answer::YesNo(yes) => ScalarValue::Boolean(*yes),
            Answer::Number(number) => ScalarValue::F64(*number),
            Answer::Text(text) => ScalarValue::Str(text.as_str().into()),
        };
        self.overwrite(at, writer, &map, key, scalar)
    }

    fn walk(&mut self, map: &ObjId, path: &str, found: &mut Vec<Clash>) -> Result<(), DocumentError> {
        let keys: Vec<String> = self.inner().keys(map).collect();
        for key in keys {
            let values: Vec<(Value<'static>, ObjId)> = self
                .inner()
                .get_all(map, key.as_str())
                .map_err(|cause| DocumentError::Unfitting(cause.into()))?
                .into_iter()
                .map(|(value, id)| (value.into_owned(), id))
                .collect();
            let path = format!("{path}/{key}");
            if is_kept_by_devices(&path) {
                continue;
            }
            if values.len() > 1 {
                let mut versions = Vec::with_capacity(values.len());
                for (value, id) in values.iter().rev() {
                    versions.push(self.version(value, id));
                }
                found.push(Clash { path, versions });
            } else if let Some((Value::Object(ObjType::Map), id)) = values.into_iter().next() {
                self.walk(&id, &path, found)?;
            }
        }
        Ok(())
    }

    fn version(&mut self, value: &Value<'_>, id: &ObjId) -> Version {
        let words = match value {
            Value::Scalar(scalar) => match scalar.as_ref() {
                ScalarValue::Str(text) => text.to_string(),
                ScalarValue::Boolean(true) => "yes".to_owned(),
                ScalarValue::Boolean(false) => "no".to_owned(),
                ScalarValue::F64(number) => number.to_string(),
                ScalarValue::Null => String::new(),
                other => other.to_string(),
            },
            Value::Object(_) => "an entry".to_owned(),
        };
        let (by, at) = self.who_wrote(id);
        Version { value: words, by, at }
    }

    /// Name and time behind an operation id.
    pub(super) fn who_wrote(&mut self, id: &ObjId) -> (String, i64) {
        let ObjId::Id(counter, actor, _) = id else { return (String::new(), 0) };
        let (counter, key) = (*counter, hex(actor.to_bytes()));
        let at = self
            .inner_mut()
            .get_changes(&[])
            .iter()
            .find(|change| {
                hex(change.actor_id().to_bytes()) == key
                    && (change.start_op().get()..=change.max_op()).contains(&counter)
            })
            .map_or(0, automerge::Change::timestamp);
        let by = self
            .reading()
            .ok()
            .and_then(|r| r.record.authors.get(&key).map(|a| a.name.clone()))
            .unwrap_or_default();
        (by, at)
    }
}
