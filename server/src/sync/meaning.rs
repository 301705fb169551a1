//! What a person's changes may mean: judged operation by operation, so that nothing hides behind a merge.

use super::authorship::{Lost, Refused, Who, Writer, Writers};
use crate::store::Person;
use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{AutoCommit, Change, ChangeHash, ObjId, Prop, ReadDoc as _, ScalarValue};
use shared::api::Refusal;
use shared::consultation::{Consultation, Document, Patient, hex, parse_heads};
use shared::ids::{ConsultationId, GphcNumber, OdsCode};
use shared::people::{Permission, Role};
use shared::referral::PERSONS_CHANNELS;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Sections that only the server writes: what became of messages, and what arrived later.
const SERVER_ONLY: [&str; 3] = ["deliveries", "notices", "earlier_reports"];
/// What a look-up in PDS leaves beside the patient is noted on the device that made it, and settled there; key and
/// kind of such a notice both begin so.
const PDS_NOTICE: &str = "pds-";
/// Made with the document and never replaced as objects.
const MADE_ONCE: [&str; 20] = [
    "schema",
    "id",
    "created_at",
    "referral",
    "patient",
    "visit",
    "answers",
    "observations",
    "medicines",
    "attempts",
    "calls",
    "onward",
    "charge",
    "lookups",
    "outcome",
    "notes",
    "signatures",
    "amendments",
    "authors",
    "pharmacy",
];

/// Made by the first who writes to a document of the first release, and never replaced after that.
const MADE_LATER: [&str; 5] = ["attempts", "calls", "onward", "charge", "lookups"];

fn refused(reason: Refusal, detail: &str) -> Refused {
    (reason, detail.to_owned())
}

/// One change's author, as judged: who the server knows them to be.
struct Author<'a> {
    person: String,
    name: &'a str,
    gphc: &'a str,
    role: Role,
    unlocked_by: &'static str,
}

impl<'a> Author<'a> {
    /// `None` for the server. Of somebody lost in a restore, and of a role that was another one then, the record's own
    /// words are taken: who released the work vouches for them.
    fn of(writer: &'a Writer, record: &'a Consultation, change: &Change) -> Result<Option<Self>, Refused> {
        match &writer.who {
            Who::Server => Ok(None),
            Who::Staff(person, role) => {
                let mut author = Self::known(writer, person, *role);
                let named = named(record, change)?;
                if named.role == role.name() || writer.own {
                    return Ok(Some(author));
                }
                if !writer.released {
                    let detail = "its author has another role now than the record says; an administrator can \
                                  release the work";
                    return Err(refused(Refusal::FormerRole, detail));
                }
                author.role = claimed(named)?;
                author.fits_the_number()?;
                Ok(Some(author))
            }
            Who::Lost(Lost { person, known: Some(known), .. }) if known.id == *person => {
                let author = Self::known(writer, known, claimed(named(record, change)?)?);
                author.fits_the_number()?;
                Ok(Some(author))
            }
            Who::Lost(lost) => Self::lost(writer, lost, record, change).map(Some),
        }
    }

    fn known(writer: &Writer, person: &'a Person, role: Role) -> Self {
        Self {
            person: person.id.to_string(),
            name: &person.name,
            gphc: person.gphc.as_ref().map(GphcNumber::as_str).unwrap_or_default(),
            role,
            unlocked_by: writer.unlocked_by,
        }
    }

    fn lost(
        writer: &Writer,
        lost: &Lost,
        record: &'a Consultation,
        change: &Change,
    ) -> Result<Self, Refused> {
        let named = named(record, change)?;
        let person = lost.person.to_string();
        let signed = record.signatures.values().find(|signature| signature.person == person);
        let gphc = signed.map(|signature| signature.gphc.as_str()).unwrap_or_default();
        let author =
            Self { person, name: &named.name, gphc, role: claimed(named)?, unlocked_by: writer.unlocked_by };
        if signed.is_some() {
            author.fits_the_number()?;
        }
        let passes_as = |colleague: &&Person| {
            let number = colleague.gphc.as_ref().map(GphcNumber::as_str);
            same_name(&colleague.name, author.name) || (!gphc.is_empty() && number == Some(gphc))
        };
        if lost.colleagues.iter().any(|colleague| passes_as(&colleague)) {
            return Err(refused(
                Refusal::ForeignActor,
                "the record gives its author the name or number of somebody else who works here",
            ));
        }
        Ok(author)
    }

    /// Nobody becomes a pharmacist by what a record says: it takes a pharmacist's number.
    fn fits_the_number(&self) -> Result<(), Refused> {
        let pharmacist = self.gphc.parse::<GphcNumber>().is_ok_and(|number| number.is_pharmacist());
        if pharmacist || !self.role.may(Permission::SignConsultations) {
            Ok(())
        } else {
            Err(refused(Refusal::ForbiddenSignature, "the signer has no pharmacist’s GPhC number"))
        }
    }
}

/// The role a record gives an author.
fn claimed(named: &shared::consultation::Author) -> Result<Role, Refused> {
    named.role.parse().map_err(|_| refused(Refusal::RoleMayNot, "the record gives its author no known role"))
}

/// Names that nobody tells apart on a screen.
fn same_name(left: &str, right: &str) -> bool {
    let words = |name: &str| name.to_lowercase().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    words(left) == words(right)
}

/// Judges new changes, each as its author's; `merged` is the document with them in it, `again` the same loaded anew.
pub fn judge(
    id: &ConsultationId,
    pharmacy: &OdsCode,
    writers: &Writers,
    merged: &mut Document,
    again: &AutoCommit,
    new: &[Change],
) -> Result<(), Refused> {
    let record = merged.read().map_err(|why| refused(Refusal::Unreadable, &why.to_string()))?;
    if record.id != id.to_string() {
        return Err(refused(Refusal::Unreadable, "the record names another consultation"));
    }
    if record.pharmacy != pharmacy.as_str() {
        return Err(refused(Refusal::ForeignPharmacy, "the record names another pharmacy"));
    }
    let mut paths = Paths { document: again, known: HashMap::new() };
    // Once anything was ever signed, each change is read against what its author had before them.
    let mut ever_signed = !record.signatures.is_empty();
    let mut signed_now = BTreeMap::new();
    let mut number_touched = false;
    for change in new {
        let Some(author) = Author::of(writers.find(change.actor_id().to_bytes())?, &record, change)? else {
            named_as_server(&record, change)?;
            continue;
        };
        if !author.role.may(Permission::RecordConsultations) {
            return Err(refused(Refusal::RoleMayNot, "the author’s role does not record consultations"));
        }
        let actor = hex(change.actor_id().to_bytes());
        let first = change.deps().is_empty();
        let mut touched = BTreeSet::new();
        for op in change.decode().operations {
            if holds_nul(&op) {
                return Err(refused(
                    Refusal::Unreadable,
                    "a text holds a character that cannot be kept (NUL)",
                ));
            }
            let path = paths.of(&op.obj, &op.key)?;
            let [section, rest @ ..] = path.as_slice() else { continue };
            let entry = rest.first().map(String::as_str);
            // The first change makes every section; what it made is looked at below, as it stood then.
            if !(first && entry.is_none()) {
                allowed(section, entry, &actor)?;
            }
            if !first && entry.is_none() && MADE_LATER.contains(&section.as_str()) {
                not_yet_made(again, section, change.deps())?;
            }
            touched.insert((section.clone(), entry.unwrap_or_default().to_owned()));
        }
        let notes = touched.iter().filter(|(section, _)| section == "notices").map(|(_, entry)| entry);
        if notes.filter_map(|entry| record.notices.get(entry)).any(|note| !note.kind.starts_with(PDS_NOTICE))
        {
            return Err(refused(
                Refusal::WroteDeliveries,
                "what a sender told is written by the server only",
            ));
        }
        for (_, entry) in
            touched.iter().filter(|(section, entry)| section == "signatures" && !entry.is_empty())
        {
            may_sign(&author, entry)?;
            signed_now.insert(entry.clone(), change);
            ever_signed = true;
        }
        if first || touched.contains(&("referral".to_owned(), "channel".to_owned())) {
            came_by_a_person(merged, change)?;
        }
        if touched.iter().any(|(section, entry)| section == "patient" && entry.starts_with("nhs_number")) {
            number_touched = true;
            number_not_verified_by_hand(merged, change.deps(), &[change.hash()])?;
        }
        if first {
            fresh(merged, change)?;
        } else if ever_signed {
            unsigned_or_amended(merged, change, &touched)?;
        }
        named_as(&author, &record, change)?;
    }
    if number_touched {
        // A number changed apart from the server's verifying another one would come out as verified.
        let by_people: Vec<&Change> = new
            .iter()
            .filter(|change| {
                let writer = writers.find(change.actor_id().to_bytes());
                !writer.is_ok_and(|writer| matches!(writer.who, Who::Server))
            })
            .collect();
        let had = heads_without(merged, &by_people);
        let now = merged.heads();
        number_not_verified_by_hand(merged, &had, &now)?;
    }
    for (key, change) in signed_now {
        if let Some(author) = Author::of(writers.find(change.actor_id().to_bytes())?, &record, change)? {
            signature(&author, merged, &record, &key)?;
        }
    }
    Ok(())
}

/// Whether it writes the one character that PostgreSQL cannot keep in a text: what one database takes, both take.
fn holds_nul(op: &Op) -> bool {
    let in_text = matches!(&op.action, OpType::Put(ScalarValue::Str(text)) if text.contains('\0'));
    in_text || matches!(&op.key, Key::Map(key) if key.contains('\0'))
}

/// A number that stands as verified afterwards was the very same, and verified, before (practice 11), or comes with
/// the time at which PDS is said to have confirmed it. Whether it did is not believed: the practice is told of a
/// verified number only where this server saw it ([`crate::patients::Vouched`]). It is stored, since a server restored
/// from a backup has forgotten what it saw, and a record must not be set aside for that.
fn number_not_verified_by_hand(
    merged: &mut Document,
    before: &[ChangeHash],
    after: &[ChangeHash],
) -> Result<(), Refused> {
    let mut number_at = |heads: &[ChangeHash]| -> Result<_, Refused> {
        if heads.is_empty() {
            return Ok((String::new(), String::new(), String::new()));
        }
        let Patient { nhs_number, nhs_number_status, traced_at, .. } =
            merged.read_at(heads).map_err(|why| refused(Refusal::Unreadable, &why.to_string()))?.patient;
        Ok((nhs_number, nhs_number_status, traced_at))
    };
    let stands = number_at(after)?;
    if stands.1 != "verified" {
        return Ok(());
    }
    let stood = number_at(before)?;
    let same = (&stands.0, &stands.1) == (&stood.0, &stood.1);
    let traced = !stands.2.is_empty() && stands.2 != stood.2;
    if same || traced {
        return Ok(());
    }
    Err(refused(Refusal::VerifiedNumber, "only the server records that an NHS number is verified"))
}

/// The newest changes of a document as it was before `new` joined it; empty where there was none.
fn heads_without(merged: &mut Document, new: &[&Change]) -> Vec<ChangeHash> {
    let joined: BTreeSet<ChangeHash> = new.iter().map(|change| change.hash()).collect();
    let mut had = merged.changes_since(&[]);
    had.retain(|change| !joined.contains(&change.hash()));
    let built_on: BTreeSet<ChangeHash> =
        had.iter().flat_map(|change| change.deps().iter().copied()).collect();
    had.iter().map(Change::hash).filter(|hash| !built_on.contains(hash)).collect()
}

fn allowed(section: &str, entry: Option<&str>, actor: &str) -> Result<(), Refused> {
    if section == "notices" && entry.is_some_and(|entry| entry.starts_with(PDS_NOTICE)) {
        return Ok(());
    }
    if SERVER_ONLY.contains(&section) {
        return Err(refused(
            Refusal::WroteDeliveries,
            "deliveries and notices are written by the server only",
        ));
    }
    match (section, entry) {
        ("pharmacy", _) => {
            Err(refused(Refusal::ForeignPharmacy, "a record belongs to one pharmacy for ever"))
        }
        ("authors", Some(entry)) if entry != actor => {
            Err(refused(Refusal::ForeignActor, "an author’s entry is written under that author’s own actor"))
        }
        (section, None) if MADE_ONCE.contains(&section) => {
            Err(refused(Refusal::Unreadable, "a part of the record was replaced as a whole"))
        }
        _ => Ok(()),
    }
}

/// A part of the record that whoever wrote saw there already is not made a second time.
fn not_yet_made(document: &AutoCommit, section: &str, seen: &[ChangeHash]) -> Result<(), Refused> {
    match document.get_at(automerge::ROOT, section, seen) {
        Ok(None) => Ok(()),
        _ => Err(refused(Refusal::Unreadable, "a part of the record was replaced as a whole")),
    }
}

/// A record says that a message came here only where this server took the message in.
fn came_by_a_person(merged: &mut Document, change: &Change) -> Result<(), Refused> {
    let record =
        merged.read_at(&[change.hash()]).map_err(|why| refused(Refusal::Unreadable, &why.to_string()))?;
    let channel = record.referral.channel.as_str();
    if channel.is_empty() || PERSONS_CHANNELS.contains(&channel) {
        Ok(())
    } else {
        let detail = "only the server records that a referral came as an electronic message";
        Err(refused(Refusal::WroteDeliveries, detail))
    }
}

/// The very first change, as it stood alone: nothing in it that only the server or a later step may write.
fn fresh(merged: &mut Document, change: &Change) -> Result<(), Refused> {
    let made =
        merged.read_at(&[change.hash()]).map_err(|why| refused(Refusal::Unreadable, &why.to_string()))?;
    let noted = made.notices.keys().any(|key| !key.starts_with(PDS_NOTICE));
    if !made.deliveries.is_empty() || noted || !made.earlier_reports.is_empty() {
        return Err(refused(
            Refusal::WroteDeliveries,
            "deliveries and notices are written by the server only",
        ));
    }
    if !made.signatures.is_empty() || !made.amendments.is_empty() {
        return Err(refused(Refusal::ForbiddenSignature, "a record cannot be made signed"));
    }
    if made.authors.len() != 1 {
        return Err(refused(Refusal::ForeignActor, "a new record has one author"));
    }
    Ok(())
}

fn may_sign(author: &Author<'_>, key: &str) -> Result<(), Refused> {
    if !author.role.may(Permission::SignConsultations) {
        return Err(refused(Refusal::ForbiddenSignature, "this role may not sign"));
    }
    let own = key.split_once('/').is_some_and(|(person, _)| person == author.person);
    if own {
        Ok(())
    } else {
        Err(refused(Refusal::ForbiddenSignature, "the signature is in another’s name"))
    }
}

/// What the author saw before this change must have been open: not signed yet, or with an amendment begun.
fn unsigned_or_amended(
    merged: &mut Document,
    change: &Change,
    touched: &BTreeSet<(String, String)>,
) -> Result<(), Refused> {
    let seen = merged.read_at(change.deps()).map_err(|why| refused(Refusal::Unreadable, &why.to_string()))?;
    let signed = seen.signatures.values().map(|signature| signature.amendment + 1).max().unwrap_or(0);
    let closed = signed > seen.amendments.len() as u64;
    let over = touched.iter().any(|(section, entry)| match section.as_str() {
        "signatures" => seen.signatures.contains_key(entry),
        "amendments" => seen.amendments.contains_key(entry),
        "authors" => false,
        _ => closed,
    });
    let signs_closed = closed && touched.iter().any(|(section, _)| section == "signatures");
    if over || signs_closed {
        return Err(refused(Refusal::SignedRecord, "a signed record is changed by an amendment only"));
    }
    Ok(())
}

/// What the record says of a change's author.
fn named<'a>(record: &'a Consultation, change: &Change) -> Result<&'a shared::consultation::Author, Refused> {
    record
        .authors
        .get(&hex(change.actor_id().to_bytes()))
        .ok_or_else(|| refused(Refusal::ForeignActor, "the record does not name this change’s author"))
}

/// The record says of this change's actor what is true of its author.
fn named_as(author: &Author<'_>, record: &Consultation, change: &Change) -> Result<(), Refused> {
    let named = named(record, change)?;
    if named.role != author.role.name() {
        return Err(refused(Refusal::RoleMayNot, "the author’s role is not the one they have here"));
    }
    let true_of_them =
        named.person == author.person && named.name == author.name && named.unlocked_by == author.unlocked_by;
    if true_of_them {
        Ok(())
    } else {
        Err(refused(Refusal::ForeignActor, "the record names somebody else as this change’s author"))
    }
}

fn named_as_server(record: &Consultation, change: &Change) -> Result<(), Refused> {
    let named = named(record, change)?;
    if named.person.is_empty() && named.role == "server" {
        Ok(())
    } else {
        Err(refused(Refusal::ForeignActor, "the record names a person for what the server wrote"))
    }
}

/// Whose signature it is, and over what. A signature over a supply that the rules do not carry is taken in like any other:
/// a record of what happened is never refused for what happened (practice 14). The device closes the way to such a
/// signature, and where one comes all the same, from an older app or by hand, the summary, the notice and the claim show
/// it by themselves (`shared::supply::is_claimable`, `standing`).
fn signature(
    author: &Author<'_>,
    merged: &mut Document,
    record: &Consultation,
    key: &str,
) -> Result<(), Refused> {
    let forbidden = |detail| Err(refused(Refusal::ForbiddenSignature, detail));
    let Some(signature) = record.signatures.get(key) else { return forbidden("a signature was removed") };
    let expected = format!("{}/{}", author.person, signature.amendment);
    if signature.person != author.person || key != expected {
        return forbidden("the signature is in another’s name");
    }
    if signature.role != author.role.name() || signature.name != author.name {
        return forbidden("the signature’s name or role is not the signer’s");
    }
    if signature.gphc != author.gphc {
        return forbidden("the signature’s GPhC number is not the signer’s");
    }
    let heads = parse_heads(&signature.heads);
    if heads.is_empty() || !heads.iter().all(|head| merged.has(head)) {
        return forbidden("what was signed is not in the record");
    }
    Ok(())
}

/// Where operations stand in the record, each object looked up once.
struct Paths<'a> {
    document: &'a AutoCommit,
    known: HashMap<ObjectId, Vec<String>>,
}

impl Paths<'_> {
    /// Section, entry and so on, down to the operation's own key.
    fn of(&mut self, object: &ObjectId, key: &Key) -> Result<Vec<String>, Refused> {
        let mut path = if let Some(path) = self.known.get(object) {
            path.clone()
        } else {
            let path = self.find(object)?;
            self.known.insert(object.clone(), path.clone());
            path
        };
        path.push(match key {
            Key::Map(key) => key.to_string(),
            Key::Seq(_) => String::new(),
        });
        Ok(path)
    }

    fn find(&self, object: &ObjectId) -> Result<Vec<String>, Refused> {
        let ObjectId::Id(id) = object else { return Ok(Vec::new()) };
        let lost =
            || refused(Refusal::Unreadable, "a change writes to a part of the record that is not there");
        let object = ObjId::Id(id.counter(), id.actor().clone(), 0);
        let mut path: Vec<String> = self
            .document
            .parents(&object)
            .map_err(|_| lost())?
            .map(|parent| match parent.prop {
                Prop::Map(key) => key,
                Prop::Seq(_) => String::new(),
            })
            .collect();
        path.reverse();
        if path.is_empty() { Err(lost()) } else { Ok(path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::Transactable as _;
    use shared::consultation::{Author as Named, Writer as Hand};

    #[test]
    fn a_section_that_the_first_release_lacked_is_made_once() {
        let pharmacy: OdsCode = "FA123".parse().expect("a code");
        let record = Consultation::new(ConsultationId::from_bytes([1; 16]), &pharmacy, "minor-illness@1", 0);
        let hand = Hand { actor: [1; 16], author: Named::default() };
        let mut document = Document::create(0, &hand, &record).expect("made");
        let mut inner = AutoCommit::load(&document.save()).expect("a document");
        let with = inner.get_heads();
        inner.delete(automerge::ROOT, "attempts").expect("taken out");
        inner.commit();
        let without = inner.get_heads();
        assert!(not_yet_made(&inner, "attempts", &without).is_ok(), "as in a document of the first release");
        assert!(not_yet_made(&inner, "attempts", &with).is_err());
    }
}
