//! The record read in one pass over the document: asking for its fields one by one takes six times as long.

use super::document::DocumentError;
use super::record::Consultation;
use automerge::iter::{DocItem, ListRange, MapRange};
use automerge::transaction::Transactable as _;
use automerge::{AutoCommit, AutomergeError, ChangeHash, ObjId, ObjType, Parents, Prop, ReadDoc, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeBounds;

/// What one pass found.
#[derive(Debug)]
pub(super) struct Reading {
    pub record: Consultation,
    /// Some field holds more than one live value. Which ones, and whether a person must settle them, is not said here.
    pub disputed: bool,
}

impl Reading {
    /// The record now, or as it stood at `heads`, all of which must be known to the document.
    pub fn of(document: &AutoCommit, heads: Option<&[ChangeHash]>) -> Result<Self, DocumentError> {
        let pass = Pass::over(document, heads);
        let strange = |cause: autosurgeon::HydrateError| DocumentError::NotAConsultation(cause.into());
        let mut record: Consultation = autosurgeon::hydrate(&pass).map_err(strange)?;
        for (section, other) in &pass.others {
            match *section {
                "attempts" => pass.join(other, &mut record.attempts),
                "calls" => pass.join(other, &mut record.calls),
                "lookups" => pass.join(other, &mut record.lookups),
                "turns" => pass.join(other, &mut record.turns),
                // Fields, which were mixed when they were gathered; but what was paid is entries again.
                "charge" => match pass.objects.get(other).and_then(|charge| charge.entries.get("paid")) {
                    Some((Value::Object(ObjType::Map), paid)) => pass.join(paid, &mut record.charge.paid),
                    _ => Ok(()),
                },
                _ => Ok(()),
            }
            .map_err(strange)?;
        }
        Ok(Self { record, disputed: pass.disputed })
    }
}

/// Every live value of a document, ready to be asked for by place.
struct Pass<'a> {
    document: &'a AutoCommit,
    heads: Option<&'a [ChangeHash]>,
    objects: BTreeMap<ObjId, Object>,
    disputed: bool,
    /// Sections that were made more than once, as they stand beside the one that is shown.
    others: Vec<(&'static str, ObjId)>,
}

struct Object {
    kind: ObjType,
    entries: BTreeMap<String, Held>,
    items: Vec<Held>,
}

type Held = (Value<'static>, ObjId);

/// Sections that documents of the first release lack: whoever first writes to such a document makes them, so that two
/// devices apart may each make one. What stands in either is read, and written into the one that stays with the next
/// change.
const MADE_LATER: [&str; 6] = ["attempts", "calls", "onward", "charge", "lookups", "turns"];
/// Those of them that are one set of fields; the others hold entries.
const OF_FIELDS: [&str; 2] = ["onward", "charge"];

impl Object {
    fn empty(kind: ObjType) -> Self {
        Self { kind, entries: BTreeMap::new(), items: Vec::new() }
    }
}

impl<'a> Pass<'a> {
    fn over(document: &'a AutoCommit, heads: Option<&'a [ChangeHash]>) -> Self {
        let mut pass =
            Self { document, heads, objects: BTreeMap::new(), disputed: false, others: Vec::new() };
        pass.objects.insert(ObjId::Root, Object::empty(ObjType::Map));
        pass.gather(&ObjId::Root);
        if pass.disputed {
            for section in MADE_LATER {
                pass.unite(section);
            }
        }
        pass
    }

    /// Takes in what is below that object, which has its place already.
    fn gather(&mut self, from: &ObjId) {
        let Self { document, heads, objects, disputed, .. } = self;
        for found in document.iter_at(from.clone(), *heads) {
            // A text's own content is asked of the document, which joins its pieces.
            let (key, held) = match found.item {
                DocItem::Map(entry) => {
                    *disputed |= entry.conflict;
                    let id = entry.id();
                    (Some(entry.key.into_owned()), (Value::from(entry.value), id))
                }
                DocItem::List(item) => {
                    let id = item.id();
                    (None, (Value::from(item.value), id))
                }
                DocItem::Text(_) => continue,
            };
            if let Value::Object(kind) = held.0 {
                objects.entry(held.1.clone()).or_insert_with(|| Object::empty(kind));
            }
            // Objects come after the entry that holds them, so the place is there already.
            let Some(place) = objects.get_mut(&*found.obj) else { continue };
            match key {
                Some(key) => drop(place.entries.insert(key, held)),
                None => place.items.push(held),
            }
        }
    }

    /// Where a section was made more than once, what stands in the others joins the one that is shown.
    fn unite(&mut self, section: &'static str) {
        let shown = self.objects.get(&ObjId::Root).and_then(|root| root.entries.get(section)).cloned();
        let Some((Value::Object(ObjType::Map), shown)) = shown else { return };
        let all = match self.heads {
            Some(heads) => self.document.get_all_at(automerge::ROOT, section, heads),
            None => self.document.get_all(automerge::ROOT, section),
        };
        let others = all.unwrap_or_default().into_iter().map(|(value, id)| (value.is_object(), id));
        let others: Vec<ObjId> =
            others.filter(|(object, id)| *object && *id != shown).map(|(_, id)| id).collect();
        for other in others {
            self.objects.insert(other.clone(), Object::empty(ObjType::Map));
            self.gather(&other);
            self.others.push((section, other.clone()));
            if !OF_FIELDS.contains(&section) {
                continue;
            }
            let beside = self.objects.get(&other).map(|object| object.entries.clone()).unwrap_or_default();
            let Some(place) = self.objects.get_mut(&shown) else { return };
            for (key, held) in beside {
                let stands = place.entries.get(&key).is_some_and(|(value, _)| value.as_str() != Some(""));
                if !stands {
                    place.entries.insert(key, held);
                }
            }
        }
    }
}

impl Pass<'_> {
    /// Adds the entries of a map that stands beside the one that is shown.
    fn join<T: autosurgeon::Hydrate>(
        &self,
        other: &ObjId,
        into: &mut BTreeMap<String, T>,
    ) -> Result<(), autosurgeon::HydrateError> {
        let beside = self.objects.get(other).map(|object| &object.entries);
        for key in beside.into_iter().flat_map(BTreeMap::keys) {
            if !into.contains_key(key) {
                into.insert(key.clone(), autosurgeon::hydrate_prop(self, other, key.as_str())?);
            }
        }
        Ok(())
    }
}

impl autosurgeon::ReadDoc for Pass<'_> {
    type Parents<'b>
        = Parents<'b>
    where
        Self: 'b;

    fn get_heads(&self) -> Vec<ChangeHash> {
        self.heads.map_or_else(|| self.document.base_heads(), <[ChangeHash]>::to_vec)
    }

    fn get<P: Into<Prop>>(
        &self,
        object: &ObjId,
        at: P,
    ) -> Result<Option<(Value<'_>, ObjId)>, AutomergeError> {
        let held = self.objects.get(object).and_then(|object| match at.into() {
            Prop::Map(key) => object.entries.get(&key),
            Prop::Seq(index) => object.items.get(index),
        });
        Ok(held.map(|(value, id)| {
            let value = match value {
                Value::Object(kind) => Value::Object(*kind),
                Value::Scalar(scalar) => Value::Scalar(Cow::Borrowed(scalar.as_ref())),
            };
            (value, id.clone())
        }))
    }

    fn object_type<O: AsRef<ObjId>>(&self, object: O) -> Option<ObjType> {
        self.objects.get(object.as_ref()).map(|object| object.kind)
    }

    fn map_range<'b, O, R>(&'b self, object: O, range: R) -> MapRange<'b>
    where
        R: RangeBounds<String> + 'b,
        O: AsRef<ObjId>,
    {
        let empty = self.objects.get(object.as_ref()).is_none_or(|object| object.entries.is_empty());
        match self.heads {
            _ if empty => MapRange::default(),
            Some(heads) => self.document.map_range_at(object, range, heads),
            None => ReadDoc::map_range(self.document, object, range),
        }
    }

    fn list_range<O: AsRef<ObjId>, R: RangeBounds<usize>>(&self, object: O, range: R) -> ListRange<'_> {
        match self.heads {
            Some(heads) => self.document.list_range_at(object, range, heads),
            None => ReadDoc::list_range(self.document, object, range),
        }
    }

    fn length<O: AsRef<ObjId>>(&self, object: O) -> usize {
        match (self.objects.get(object.as_ref()), self.heads) {
            (Some(Object { kind: ObjType::List, items, .. }), _) => items.len(),
            (_, Some(heads)) => self.document.length_at(object, heads),
            (_, None) => ReadDoc::length(self.document, object),
        }
    }

    fn text<O: AsRef<ObjId>>(&self, object: O) -> Result<String, AutomergeError> {
        match self.heads {
            Some(heads) => self.document.text_at(object, heads),
            None => ReadDoc::text(self.document, object),
        }
    }

    fn parents<O: AsRef<ObjId>>(&self, object: O) -> Result<Self::Parents<'_>, AutomergeError> {
        match self.heads {
            Some(heads) => self.document.parents_at(object, heads),
            None => ReadDoc::parents(self.document, object),
        }
    }

    fn is_empty(&self) -> bool {
        self.objects.get(&ObjId::Root).is_none_or(|root| root.entries.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consultation::{Answer, Attempt, Author, Document, Lookup, Medicine, ReportSection, Writer};
    use crate::ids::ConsultationId;
    use proptest::prelude::*;

    fn writer(name: u8) -> Writer {
        let author = Author { name: format!("Person {name}"), ..Author::default() };
        Writer { actor: [name; 16], author }
    }

    fn made() -> Document {
        let pharmacy = "FA123".parse().expect("an ODS code");
        let mut record =
            Consultation::new(ConsultationId::from_bytes([3; 16]), &pharmacy, "minor-illness@1", 1_000);
        record.referral.sections =
            vec![ReportSection { title: "Summary".to_owned(), text: "Sore throat".to_owned() }];
        Document::create(1_000, &writer(1), &record).expect("made")
    }

    /// One thing somebody does to the record.
    fn recorded(record: &mut Consultation, what: u8, words: u8) {
        match what % 6 {
            0 => record.patient.family_name = format!("Winters {words}"),
            1 => drop(record.answers.insert(format!("question-{}", words % 3), Answer::Number(words.into()))),
            2 => drop(record.answers.remove(&format!("question-{}", words % 3))),
            3 => record.notes.splice(0, 0, format!("Note {words}. ")),
            4 => record
                .referral
                .sections
                .push(ReportSection { title: words.to_string(), ..Default::default() }),
            _ => {
                let line = Medicine { name: words.to_string(), ..Medicine::default() };
                record.medicines.insert(format!("line-{}", words % 2), line);
            }
        }
    }

    proptest! {
        /// The slow way, field by field, is the library's own, and says what is right.
        #[test]
        fn one_pass_reads_what_asking_field_by_field_reads(edits in prop::collection::vec(any::<(bool, u8, u8)>(), 1..12)) {
            let mut one = made();
            let mut other = one.clone();
            for (index, (here, what, words)) in edits.into_iter().enumerate() {
                let (document, name) = if here { (&mut one, 1) } else { (&mut other, 2) };
                let at = 2_000 + index as i64;
                document.edit(at, &writer(name), |record| recorded(record, what, words)).expect("written");
            }
            let before = one.heads();
            one.apply(other.changes_since(&[])).expect("merges");
            let asked: Consultation = autosurgeon::hydrate(one.inner()).expect("a consultation");
            prop_assert_eq!(format!("{:?}", one.read().expect("read")), format!("{asked:?}"));
            let past = one.inner().clone().fork_at(&before).expect("a point of its history");
            let asked: Consultation = autosurgeon::hydrate(&past).expect("a consultation");
            prop_assert_eq!(format!("{:?}", one.read_at(&before).expect("read")), format!("{asked:?}"));
        }
    }

    /// As the first release made it: without the sections that came later.
    fn of_the_first_release() -> Document {
        let mut inner = AutoCommit::load(&made().save()).expect("a document");
        for section in MADE_LATER {
            inner.delete(automerge::ROOT, section).expect("taken out");
        }
        inner.commit();
        Document::load(&inner.save()).expect("a document")
    }

    #[test]
    fn what_two_devices_put_into_an_old_document_apart_is_all_there_when_they_meet() {
        let mut one = of_the_first_release();
        let (mut two, mut three) = (one.clone(), one.clone());
        let attempt = |how: &str| Attempt { how: how.to_owned(), ..Attempt::default() };
        let tried = |id: &'static str, how: &'static str| {
            move |record: &mut Consultation| drop(record.attempts.insert(id.to_owned(), attempt(how)))
        };
        one.edit(2_000, &writer(1), tried("a", "phone")).expect("written");
        two.edit(2_000, &writer(2), tried("b", "text")).expect("written");
        three.edit(2_000, &writer(3), |record| record.onward.name = "Elm Road".to_owned()).expect("written");
        let look = |id: &'static str| {
            move |record: &mut Consultation| drop(record.lookups.insert(id.to_owned(), Lookup::default()))
        };
        one.edit(2_001, &writer(1), look("a")).expect("written");
        two.edit(2_001, &writer(2), look("b")).expect("written");
        let paid = |line: &'static str| {
            move |record: &mut Consultation| {
                drop(record.charge.paid.insert(line.to_owned(), "990".to_owned()));
            }
        };
        one.edit(2_002, &writer(1), paid("a")).expect("written");
        two.edit(2_002, &writer(2), paid("b")).expect("written");
        three.edit(2_002, &writer(3), |record| record.charge.status = "paid".to_owned()).expect("written");
        one.apply(two.changes_since(&[])).expect("merges");
        one.apply(three.changes_since(&[])).expect("merges");
        let merged = one.heads();
        let read = one.read().expect("read");
        assert_eq!(read.attempts.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(read.onward.name, "Elm Road");
        assert_eq!(read.lookups.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(read.charge.paid.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(read.charge.status, "paid");
        one.edit(3_000, &writer(1), |record| record.notes.splice(0, 0, "Seen.")).expect("written");
        let after = one.read().expect("read");
        assert_eq!((after.attempts.len(), after.onward.name.as_str()), (2, "Elm Road"));
        assert_eq!((after.lookups.len(), after.charge.paid.len()), (2, 2));
        let then = one.read_at(&merged).expect("read");
        assert_eq!((then.attempts.len(), then.onward.name.as_str()), (2, "Elm Road"), "as it stood, too");
    }

    #[test]
    fn what_was_never_here_cannot_be_read() {
        assert!(made().read_at(&[ChangeHash([9; 32])]).is_err());
    }
}
