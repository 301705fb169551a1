//! The files of an export, and how each is made: page by page.

use super::marked::{FEWEST, Marking};
use super::{Wanted, csv, fhir};
use crate::app::App;
use crate::problem::chain;
use crate::store::{DaysOf, StoreError};
use futures_util::Stream;
use futures_util::stream;
use jiff::ToSpan as _;
use jiff::civil::Date;
use shared::activity::Extract;
use shared::claim::month_of;

/// Consultations that are read and written at once.
const PAGE: u32 = 500;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    Consultations,
    Medicines,
    Encounter,
    Patient,
    ServiceRequest,
    MedicationDispense,
}

impl File {
    pub const CSV: [Self; 2] = [Self::Consultations, Self::Medicines];
    pub const FHIR: [Self; 4] =
        [Self::Encounter, Self::Patient, Self::ServiceRequest, Self::MedicationDispense];

    /// Its name, without the month.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consultations => "consultations.csv",
            Self::Medicines => "medicines.csv",
            Self::Encounter => "Encounter.ndjson",
            Self::Patient => "Patient.ndjson",
            Self::ServiceRequest => "ServiceRequest.ndjson",
            Self::MedicationDispense => "MedicationDispense.ndjson",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Consultations | Self::Medicines => "text/csv; charset=utf-8",
            _ => "application/fhir+ndjson",
        }
    }

    /// The file of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::CSV.into_iter().chain(Self::FHIR).find(|file| file.name() == name)
    }
}

/// One month of an export, or what is asked for of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `2026-11`.
    pub month: String,
    pub from: String,
    pub to: String,
}

/// The months that some days lie in.
pub fn parts(from: Date, to: Date) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut first = from;
    while first <= to {
        let last = first.last_of_month().min(to);
        parts.push(Part { month: month_of(first), from: first.to_string(), to: last.to_string() });
        let Ok(next) = last.tomorrow() else { break };
        first = next;
    }
    parts
}

/// One file of one part, piece by piece. `wanted` is the whole export: how many share something is counted over all of it.
pub async fn stream(
    app: &App,
    wanted: &Wanted,
    file: File,
    part: &Part,
) -> Result<impl Stream<Item = Result<Vec<u8>, std::io::Error>> + Send + use<>, StoreError> {
    let marking = match &wanted.marked_for {
        None => None,
        Some(recipient) => {
            let whole = days(wanted, &wanted.from, &wanted.to);
            let few = app.store.shared_by_few(&whole, FEWEST).await?;
            Some(Marking::new(app.server_keys.at_rest.clone(), recipient, few))
        }
    };
    let head = match file {
        File::Consultations => csv::consultations_head().map_err(StoreError::broken)?,
        File::Medicines => csv::medicines_head().map_err(StoreError::broken)?,
        _ => Vec::new(),
    };
    let begun = Running {
        app: app.clone(),
        days: days(wanted, &part.from, &part.to),
        file,
        marking,
        head: Some(head),
        after: None,
        day: part.from.parse().ok(),
    };
    Ok(stream::try_unfold(begun, Running::next))
}

fn days(wanted: &Wanted, from: &str, to: &str) -> DaysOf {
    DaysOf { pharmacy: wanted.pharmacy.clone(), from: from.to_owned(), to: to.to_owned() }
}

/// An export on its way out.
struct Running {
    app: App,
    days: DaysOf,
    file: File,
    marking: Option<Marking>,
    head: Option<Vec<u8>>,
    after: Option<(String, String)>,
    /// The next day of medicines; `None` after the last.
    day: Option<Date>,
}

impl Running {
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, std::io::Error> {
        if let Some(head) = self.head.take().filter(|head| !head.is_empty()) {
            return Ok(Some((head, self)));
        }
        let page = match self.file {
            File::Medicines | File::MedicationDispense => self.day_of_medicines().await,
            _ => self.page().await,
        };
        match page {
            Ok(Some(page)) => Ok(Some((page, self))),
            Ok(None) => Ok(None),
            // The status is sent already; breaking off is how the recipient learns of it.
            Err(error) => {
                tracing::error!(cause = %chain(&error), "an export was cut short");
                Err(std::io::Error::other("the records could not be read to their end"))
            }
        }
    }

    async fn page(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.app.store.extracts(&self.days, self.after.as_ref(), PAGE).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.after = Some(last.place.clone());
        let marking = self.marking.as_ref();
        let each = |write: fn(&Extract, Option<&Marking>) -> String| {
            rows.iter().map(|row| write(&row.items, marking)).collect::<String>().into_bytes()
        };
        Ok(Some(match self.file {
            File::Encounter => each(fhir::encounter),
            File::Patient => each(fhir::patient),
            File::ServiceRequest => each(fhir::service_request),
            _ => {
                csv::consultations(rows.iter().map(|row| &row.items), marking).map_err(StoreError::broken)?
            }
        }))
    }

    /// Medicines are read a day at a time: no day has many.
    async fn day_of_medicines(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(day) = self.day.filter(|day| day.to_string() <= self.days.to) else { return Ok(None) };
        self.day = day.checked_add(1.day()).ok();
        let day = day.to_string();
        let lines = self.app.store.supplied_between(&self.days.pharmacy, &day, &day).await?;
        let marking = self.marking.as_ref();
        Ok(Some(match self.file {
            File::MedicationDispense => lines
                .iter()
                .map(|line| fhir::medication_dispense(line, marking))
                .collect::<String>()
                .into_bytes(),
            _ => csv::medicines(&lines, marking).map_err(StoreError::broken)?,
        }))
    }
}
