//! Consultations while the vault is open: opened, shown, changed, signed. Nothing here knows how merging works.

use super::keeper::{Keeper, OpenDocument, Unwritten};
use super::opened::Opened;
use super::store::row_write;
use super::{audited, edits, list};
use crate::platform::clock;
use crate::platform::trouble::Trouble;
use crate::standing::model::responsible_words;
use crate::state::{OpenConsultation, Satchel};
use crate::sync::driver;
use leptos::prelude::*;
use shared::consultation::{
    Answer, Consultation, Document, DocumentError, Entry, Signature, WorkListRow, Writer, parse_heads,
};
use shared::ids::{ConsultationId, OdsCode};
use shared::time::{self, Millis};
use std::rc::Rc;

/// Opens a consultation on the screen.
pub async fn open(satchel: Satchel, id: ConsultationId) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let opened = keeper.opened()?;
    let _one_at_a_time = keeper.0.loading.lock().await;
    if keeper.0.document.borrow().as_ref().is_some_and(|open| open.id == id) {
        show(satchel);
        return Ok(());
    }
    let mut document = edits::load_document(satchel, &opened, &id).await?;
    if !keeper.is_current(&opened) {
        return Err(Trouble::Locked);
    }
    if list::listed(satchel, &id).is_some_and(|row| row.is_unopenable()) {
        // Only the summary was damaged, and here it is again.
        renew_row(satchel, &opened, &id, document.row()?).await?;
    }
    let listed = list::listed(satchel, &id);
    *keeper.0.document.borrow_mut() = Some(OpenDocument {
        id,
        document,
        saved_at: listed.as_ref().and_then(|row| row.saved_at),
        sent_at: listed.and_then(|row| row.sent_at),
    });
    driver::on_screen(satchel, Some(id));
    audited::note(satchel, audited::OPENED, id, String::new());
    show(satchel);
    Ok(())
}

/// Puts the open consultation away. Edits on their way to the disk go on.
pub fn close(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    if keeper.0.document.borrow_mut().take().is_some() {
        driver::on_screen(satchel, None);
    }
    if satchel.consultation.with_untracked(Option::is_some) {
        satchel.consultation.set(None);
    }
}

/// Renews the snapshot of the open consultation.
pub fn show(satchel: Satchel) {
    let keeper = satchel.keeper.get_value();
    let shown = {
        let mut document = keeper.0.document.borrow_mut();
        let Some(open) = document.as_mut() else { return };
        snapshot(satchel, &keeper, open)
    };
    match shown {
        Ok(shown) => satchel.consultation.set(Some(shown)),
        Err(trouble) => satchel.trouble.set(Some(trouble.to_string())),
    }
}

fn snapshot(satchel: Satchel, keeper: &Keeper, open: &mut OpenDocument) -> Result<OpenConsultation, Trouble> {
    let listed = list::listed(satchel, &open.id);
    let unsaved = keeper.0.unwritten.borrow().iter().any(|edit| edit.id == open.id);
    Ok(OpenConsultation {
        id: open.id,
        record: open.document.read()?,
        clashes: open.document.clashes()?,
        late_entries: open.document.late_entries()?,
        editable: open.document.is_editable()?,
        saved_at: open.saved_at,
        sent_at: open.sent_at,
        unsaved,
        unsent: unsaved || listed.as_ref().is_some_and(|row| row.unsent),
        set_aside: listed.and_then(|row| row.set_aside),
    })
}

/// Changes the open consultation; on disk when this returns. The first thing recorded begins the visit.
pub async fn edit(
    satchel: Satchel,
    id: ConsultationId,
    change: impl FnOnce(&mut Consultation) + 'static,
) -> Result<(), Trouble> {
    let responsible = satchel.standing.with_untracked(|kept| {
        kept.as_ref().and_then(|kept| kept.view.responsible.as_ref()).map(responsible_words)
    });
    write(satchel, id, move |document, at, writer| {
        Ok(document.edit_visit_under(at, writer, responsible.as_deref(), change)?)
    })
    .await
}

/// Writes the chosen value of a clash over all live ones.
pub async fn settle(
    satchel: Satchel,
    id: ConsultationId,
    path: String,
    chosen: Answer,
) -> Result<(), Trouble> {
    write(satchel, id, move |document, at, writer| Ok(document.settle(at, writer, &path, &chosen)?)).await
}

/// Signs the open consultation.
pub async fn sign(satchel: Satchel, emergency: bool) -> Result<(), Trouble> {
    let id = open_id(satchel)?;
    let gphc = satchel.keeper.get_value().opened()?.who.gphc.clone();
    write(satchel, id, move |document, at, writer| Ok(Some(document.sign(at, writer, &gphc, emergency)?)))
        .await
}

/// Opens a signed record for change.
pub async fn amend(satchel: Satchel, reason: String) -> Result<(), Trouble> {
    let id = open_id(satchel)?;
    write(satchel, id, move |document, at, writer| Ok(document.amend(at, writer, &reason)?)).await
}

/// The history of the open consultation.
pub fn history(satchel: Satchel) -> Result<Vec<Entry>, Trouble> {
    let keeper = satchel.keeper.get_value();
    let mut document = keeper.0.document.borrow_mut();
    let open = document.as_mut().ok_or(Trouble::NotHere)?;
    Ok(open.document.history()?)
}

/// The open consultation as its latest signature signed it, with that signature; `None` before the first.
pub fn as_signed(satchel: Satchel) -> Result<Option<(Consultation, Signature)>, Trouble> {
    let keeper = satchel.keeper.get_value();
    let mut document = keeper.0.document.borrow_mut();
    let open = document.as_mut().ok_or(Trouble::NotHere)?;
    let record = open.document.read()?;
    let latest = record.signatures.values().max_by_key(|signature| signature.amendment);
    let Some(signature) = latest else { return Ok(None) };
    let signed = open.document.read_at(&parse_heads(&signature.heads))?;
    Ok(Some((signed, signature.clone())))
}

fn open_id(satchel: Satchel) -> Result<ConsultationId, Trouble> {
    let keeper = satchel.keeper.get_value();
    let document = keeper.0.document.borrow();
    document.as_ref().map(|open| open.id).ok_or(Trouble::NotHere)
}

/// *I am taking this*; from the list or on the screen.
pub async fn take(satchel: Satchel, id: ConsultationId) -> Result<(), Trouble> {
    write(satchel, id, |document, at, writer| {
        let name = writer.author.name.clone();
        Ok(document.edit(at, writer, |record| {
            record.visit.taken_by = name;
            record.visit.taken_at = time::stored(at);
        })?)
    })
    .await
}

/// Writes what does not begin the visit, on the screen or beside it: what a look-up in PDS came to, tries to reach the
/// patient.
pub async fn beside(
    satchel: Satchel,
    id: ConsultationId,
    change: impl FnOnce(&mut Consultation) + 'static,
) -> Result<(), Trouble> {
    write(satchel, id, move |document, at, writer| Ok(document.edit(at, writer, change)?)).await
}

/// A consultation as it stands, without putting it on the screen.
pub async fn read(satchel: Satchel, id: ConsultationId) -> Result<Consultation, Trouble> {
    let keeper = satchel.keeper.get_value();
    let opened = keeper.opened()?;
    if let Some(open) = keeper.0.document.borrow().as_ref().filter(|open| open.id == id) {
        return Ok(open.document.read()?);
    }
    let _one_at_a_time = keeper.0.loading.lock().await;
    Ok(edits::load_document(satchel, &opened, &id).await?.read()?)
}

/// Makes a consultation on this device.
pub async fn add_walk_in(
    satchel: Satchel,
    pathway: String,
    change: impl FnOnce(&mut Consultation),
) -> Result<ConsultationId, Trouble> {
    let keeper = satchel.keeper.get_value();
    let opened = keeper.opened()?;
    let id = ConsultationId(uuid::Uuid::new_v4());
    let at = clock::now();
    let pharmacy: OdsCode = opened.who.ods.parse().map_err(|_| Trouble::Unsealable)?;
    let mut record = Consultation::new(id, &pharmacy, &pathway, at);
    "walkin".clone_into(&mut record.referral.channel);
    record.referral.received_at = time::stored(at);
    change(&mut record);
    let mut document = Document::create(at, &opened.writer, &record)?;
    let bytes = document.changes_for(&[]).pop().ok_or(Trouble::Unsealable)?;
    remember(&keeper, &opened, id, &mut document, bytes, true)?;
    written(satchel, &opened).await?;
    Ok(id)
}

/// Writes into the open document, or into one loaded for the purpose; on disk when this returns.
async fn write(
    satchel: Satchel,
    id: ConsultationId,
    change: impl FnOnce(&mut Document, Millis, &Writer) -> Result<Option<Vec<u8>>, Trouble>,
) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let opened = keeper.opened()?;
    let at = clock::now();
    if keeper.0.document.borrow().as_ref().is_some_and(|open| open.id == id) {
        let changed = {
            let mut document = keeper.0.document.borrow_mut();
            let open = document.as_mut().ok_or(Trouble::NotHere)?;
            change_document(&keeper, &opened, id, &mut open.document, at, change)?
        };
        if changed {
            show(satchel);
        }
    } else {
        let _one_at_a_time = keeper.0.loading.lock().await;
        let mut document = edits::load_document(satchel, &opened, &id).await?;
        change_document(&keeper, &opened, id, &mut document, at, change)?;
    }
    written(satchel, &opened).await
}

fn change_document(
    keeper: &Keeper,
    opened: &Opened,
    id: ConsultationId,
    document: &mut Document,
    at: Millis,
    change: impl FnOnce(&mut Document, Millis, &Writer) -> Result<Option<Vec<u8>>, Trouble>,
) -> Result<bool, Trouble> {
    match change(document, at, &opened.writer)? {
        Some(bytes) => remember(keeper, opened, id, document, bytes, false).map(|()| true),
        None => Ok(false),
    }
}

/// Queues what was just written into a document for the disk.
fn remember(
    keeper: &Keeper,
    opened: &Opened,
    id: ConsultationId,
    document: &mut Document,
    bytes: Vec<u8>,
    created: bool,
) -> Result<(), Trouble> {
    // A local change is made upon all heads, so it is the only one afterwards.
    let hash = document.head_hashes().pop().ok_or(Trouble::Unsealable)?;
    let row = document.row()?;
    let order = opened.next_edit();
    keeper.0.unwritten.borrow_mut().push_back(Unwritten { id, hash, bytes, order, row, created });
    Ok(())
}

async fn written(satchel: Satchel, opened: &Rc<Opened>) -> Result<(), Trouble> {
    let outcome = edits::flush(satchel, opened).await;
    if let Err(trouble) = &outcome
        && trouble.is_about_storage()
    {
        satchel.trouble.set(Some(trouble.to_string()));
    }
    outcome
}

/// Parts of the document on the screen have come from the server; the worker has tried them out.
pub async fn arrived(
    satchel: Satchel,
    opened: &Rc<Opened>,
    id: &ConsultationId,
    base: &[u8],
    changes: &[Vec<u8>],
) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let row = {
        let mut document = keeper.0.document.borrow_mut();
        let Some(open) = document.as_mut().filter(|open| open.id == *id) else { return Ok(()) };
        match open.document.apply_parts(base, changes) {
            // Frames may bring a document's parts in pieces; what is on disk has them all.
            Err(DocumentError::Gap) => None,
            Err(error) => return Err(error.into()),
            Ok(()) => Some(open.document.row()?),
        }
    };
    let Some(row) = row else { return reopen(satchel, opened, id).await };
    if let Some(listed) = list::listed(satchel, id)
        && !listed.unsent
        && let Some(open) = keeper.0.document.borrow_mut().as_mut()
    {
        open.sent_at = listed.sent_at;
    }
    show(satchel);
    renew_row(satchel, opened, id, row).await
}

/// Writes a renewed summary of a document that was opened here.
async fn renew_row(
    satchel: Satchel,
    opened: &Opened,
    id: &ConsultationId,
    row: WorkListRow,
) -> Result<(), Trouble> {
    let Some(mut listed) = list::listed(satchel, id) else { return Ok(()) };
    if listed.row == row {
        return Ok(());
    }
    if listed.is_unopenable() {
        listed.set_aside = None;
    }
    listed.row = row;
    let write = row_write(&opened.sealer, id, &listed.row, listed.saved_at, listed.sent_at).await?;
    let keeper = satchel.keeper.get_value();
    let vault = keeper.vault()?;
    let _one_at_a_time = keeper.0.writing.lock().await;
    vault.database.write(&[write]).await?;
    list::relist(satchel, vec![listed]);
    Ok(())
}

/// Builds the open document anew from what is on disk, for instance after something was set aside.
pub async fn reopen(satchel: Satchel, opened: &Rc<Opened>, id: &ConsultationId) -> Result<(), Trouble> {
    let keeper = satchel.keeper.get_value();
    let _one_at_a_time = keeper.0.loading.lock().await;
    let loaded = edits::load_document(satchel, opened, id).await;
    let is_open = keeper.0.document.borrow().as_ref().is_some_and(|open| open.id == *id);
    match loaded {
        Ok(mut document) => {
            let row = document.row()?;
            if is_open && let Some(open) = keeper.0.document.borrow_mut().as_mut() {
                open.document = document;
            }
            show(satchel);
            renew_row(satchel, opened, id, row).await
        }
        // All of it was set aside; the line of the list says why.
        Err(Trouble::NotHere) => {
            if is_open {
                close(satchel);
            }
            Ok(())
        }
        Err(trouble) => Err(trouble),
    }
}
