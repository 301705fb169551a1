//! `satchel consultation ID`: one record, whole, with its history and what became of its messages.

use crate::app::App;
use crate::store::{AuditEntry, DeliveryRow, StoreError};
use crate::{intake, outbox};
use serde_json::{Value, json};
use shared::consultation::{Clash, Consultation, Document, DocumentError, Entry, LateEntry, WorkListRow};
use shared::ids::{ConsultationId, OdsCode};
use shared::pathway::{self, Facts};
use shared::time::{day_and_time, stored};
use std::error::Error;
use std::io::Write;

/// One consultation.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id, as `satchel consultations` shows it.
    id: ConsultationId,
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("There is no consultation {0} on this server.")]
struct Unknown(ConsultationId);

pub async fn run(app: &App, args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error + Send + Sync>> {
    let standing = app.store.standing(&args.id).await?.ok_or(Unknown(args.id))?;
    let stored = app.store.document(&standing.pharmacy, &args.id).await?.ok_or(Unknown(args.id))?;
    audit(app, &args.id, &standing.pharmacy).await?;
    let whole = Whole::of(intake::opened(&stored)?, app.store.deliveries_of(&args.id).await?)?;
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &whole.json())?;
        writeln!(out)?;
    } else {
        whole.print(out)?;
    }
    Ok(())
}

/// Somebody at the server's command line reads a patient's record.
async fn audit(app: &App, id: &ConsultationId, pharmacy: &OdsCode) -> Result<(), StoreError> {
    let entry = AuditEntry {
        at: app.clock.now(),
        pharmacy: Some(pharmacy.clone()),
        action: "opened-consultation".to_owned(),
        subject: id.to_string(),
        patient: app.patient_marks(&[*id]).await?.remove(id),
        ..AuditEntry::default()
    };
    app.store.record_audit(&entry).await
}

/// One record with all that is known of it.
pub(super) struct Whole {
    record: Consultation,
    row: WorkListRow,
    /// What was asked and answered, in the pathway's words: section, question, answer.
    summary: Vec<(String, String, String)>,
    history: Vec<Entry>,
    clashes: Vec<Clash>,
    late: Vec<LateEntry>,
    deliveries: Vec<DeliveryRow>,
}

impl Whole {
    pub(super) fn of(mut document: Document, deliveries: Vec<DeliveryRow>) -> Result<Self, DocumentError> {
        let record = document.read()?;
        Ok(Self {
            row: document.row()?,
            summary: summary(&record),
            history: document.history()?,
            clashes: document.clashes()?,
            late: document.late_entries()?,
            record,
            deliveries,
        })
    }

    pub(super) fn json(&self) -> Value {
        let Consultation { schema, id, pharmacy, pathway, created_at, referral, earlier_reports, .. } =
            &self.record;
        let Consultation { notices, patient, visit, answers, observations, medicines, outcome, .. } =
            &self.record;
        let Consultation { signatures, amendments, deliveries, .. } = &self.record;
        let history: Vec<Value> = self.history.iter().map(entry).collect();
        let clashes: Vec<Value> = self.clashes.iter().map(clash).collect();
        let late: Vec<Value> = self
            .late
            .iter()
            .map(|late| json!({ "by": late.by, "at": stored(late.at), "paths": late.paths }))
            .collect();
        let summary: Vec<Value> = self
            .summary
            .iter()
            .map(|(section, question, answer)| json!({ "section": section, "question": question, "answer": answer }))
            .collect();
        let outbox = outbox::views(&self.deliveries);
        json!({
            "schema": schema, "id": id, "pharmacy": pharmacy, "pathway": pathway, "created_at": created_at,
            "status": self.row.status, "row": self.row, "referral": referral, "earlier_reports": earlier_reports,
            "notices": notices, "patient": patient, "visit": visit, "answers": answers,
            "observations": observations, "medicines": medicines, "outcome": outcome,
            "notes": self.record.notes.as_str(), "signatures": signatures, "amendments": amendments,
            "deliveries": deliveries, "outbox": outbox, "summary": summary, "history": history,
            "clashes": clashes, "late_entries": late,
        })
    }

    fn print(&self, out: &mut impl Write) -> std::io::Result<()> {
        let Consultation { id, patient, referral, notes, .. } = &self.record;
        writeln!(out, "{}   {}", patient.list_name(), id)?;
        writeln!(
            out,
            "{}",
            [referral.disposition.as_str(), referral.disposition_text.as_str()].join(" ").trim()
        )?;
        writeln!(out, "{}", referral.complaint)?;
        let mut shown = "";
        for (section, question, answer) in &self.summary {
            if section != shown {
                writeln!(out, "\n{section}")?;
                shown = section;
            }
            writeln!(out, "  {question}: {answer}")?;
        }
        if !notes.as_str().is_empty() {
            writeln!(out, "\nNotes\n  {}", notes.as_str().replace('\n', "\n  "))?;
        }
        writeln!(out, "\nMessages")?;
        for delivery in &self.deliveries {
            writeln!(
                out,
                "  {} to {} by {}: {}. {}",
                delivery.kind, delivery.addressee, delivery.route, delivery.state, delivery.detail
            )?;
        }
        writeln!(out, "\nHistory")?;
        for entry in &self.history {
            let paths: Vec<&str> = entry.replaced.iter().map(|replaced| replaced.path.as_str()).collect();
            writeln!(
                out,
                "  {}  {} ({}): {}",
                day_and_time(entry.at),
                entry.by,
                entry.unlocked_by,
                paths.join(", ")
            )?;
        }
        Ok(())
    }
}

fn summary(record: &Consultation) -> Vec<(String, String, String)> {
    let Some(pathway) = pathway::find(&record.pathway) else { return Vec::new() };
    let facts = Facts::of(record);
    let assessment = pathway::assess_record(pathway, record);
    let asked = assessment
        .sections
        .iter()
        .flat_map(|state| state.questions.iter().map(|question| (&state.section.title, question.field)));
    asked
        .filter_map(|(section, field)| {
            let answer =
                pathway::answer_in_words(pathway, field, &record.answers, &record.observations, &facts)?;
            Some((section.clone(), field.short().to_owned(), answer))
        })
        .collect()
}

fn entry(entry: &Entry) -> Value {
    let changes: Vec<Value> = entry
        .replaced
        .iter()
        .map(|replaced| json!({ "path": replaced.path, "before": replaced.before, "after": replaced.after }))
        .collect();
    json!({ "at": stored(entry.at), "by": entry.by, "unlocked_by": entry.unlocked_by, "changes": changes })
}

fn clash(clash: &Clash) -> Value {
    let versions: Vec<Value> = clash
        .versions
        .iter()
        .map(|version| json!({ "value": version.value, "by": version.by, "at": stored(version.at) }))
        .collect();
    json!({ "path": clash.path, "versions": versions })
}
