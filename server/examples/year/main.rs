//! A synthetic year, for `script/bench`: loads it, and measures the month of claims, the figures and the exports.
//!
//! `DATABASE_URL CONSULTATIONS PHARMACIES [DAYS]`: an empty database, how many signed consultations at how many pharmacies,
//! over so many days (365). Prints one JSON object a line. With `fill` in front it only fills the database.

mod records;

use futures_util::StreamExt as _;
use records::Year;
use satchel::activity;
use satchel::app::App;
use satchel::clock::{Clock, Stopwatch};
use satchel::config::Config;
use satchel::exports::{self, File, Wanted};
use satchel::store;
use serde_json::json;
use shared::activity::Asked;
use shared::claim::month_of;
use shared::ids::OdsCode;
use shared::time;
use std::collections::BTreeMap;
use std::pin::pin;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How often each question is asked; the median is told.
const TIMES: usize = 15;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let only_fill = arguments.first().is_some_and(|first| first == "fill");
    if only_fill {
        arguments.remove(0);
    }
    let ([database, consultations, pharmacies] | [database, consultations, pharmacies, _]) =
        arguments.as_slice()
    else {
        return Err("arguments: [fill] DATABASE_URL CONSULTATIONS PHARMACIES [DAYS]".into());
    };
    let days: i64 = arguments.get(3).map_or(Ok(365), |days| days.parse())?;
    let (consultations, pharmacies): (usize, usize) = (consultations.parse()?, pharmacies.parse()?);
    let app = open(database).await?;
    let year = Year::new(pharmacies, days, app.clock.now());
    let watch = Stopwatch::start();
    year.load(&app, consultations).await?;
    let seconds = watch.seconds();
    if only_fill {
        return Ok(());
    }
    told("year-loaded", seconds, "s", consultations);
    questions(&app, &year, consultations).await?;
    files(&app, &year, consultations).await
}

async fn open(database: &str) -> Result<App, Failure> {
    let settings = BTreeMap::from([
        ("origin".to_owned(), "http://localhost:8080".to_owned()),
        ("database_url".to_owned(), database.to_owned()),
    ]);
    let config = Config::read(settings, true)?;
    let store = store::open(&config.database_url, config.database_connections).await?;
    Ok(App::new(config, Clock::Real, store).await?)
}

fn told(bench: &str, value: f64, unit: &str, n: usize) {
    println!("{}", json!({ "bench": bench, "value": (value * 100.0).round() / 100.0, "unit": unit, "n": n }));
}

/// The median of so many runs, in milliseconds.
async fn median<T>(run: impl AsyncFn() -> Result<T, Failure>) -> Result<f64, Failure> {
    let mut all = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        run().await?;
        all.push(watch.seconds() * 1000.0);
    }
    all.sort_by(f64::total_cmp);
    Ok(all[TIMES / 2])
}

async fn questions(app: &App, year: &Year, n: usize) -> Result<(), Failure> {
    let one = &year.pharmacies[..1];
    let (from, to) = year.days();
    let asked = |from: &str| Asked { from: from.to_owned(), to: to.clone(), ..Asked::default() };
    let month = month_of(time::day(app.clock.now()));
    let month_view = median(async || Ok(activity::month(app, &one[0], &month).await?)).await?;
    told("claims-month", month_view, "ms", n);
    let lately = to.parse::<jiff::civil::Date>()?.first_of_month().to_string();
    let figures = median(async || Ok(activity::dashboard(app, one, asked(&lately)).await?)).await?;
    told("figures-month", figures, "ms", n);
    let figures = median(async || Ok(activity::dashboard(app, one, asked(&from)).await?)).await?;
    told("figures-year", figures, "ms", n);
    let all: &[OdsCode] = &year.pharmacies;
    let watch = Stopwatch::start();
    let view = activity::dashboard(app, all, asked(&from)).await?;
    if usize::try_from(view.consultations + view.closed)? != n {
        return Err(
            format!("{} of {n} consultations are in the figures", view.consultations + view.closed).into()
        );
    }
    told("figures-year-all-pharmacies", watch.seconds() * 1000.0, "ms", n);
    Ok(())
}

async fn files(app: &App, year: &Year, n: usize) -> Result<(), Failure> {
    let (from, to) = year.days();
    let before = memory()?;
    let watch = Stopwatch::start();
    let (mut lines, mut bytes) = (0, 0);
    for pharmacy in &year.pharmacies {
        let wanted = Wanted {
            pharmacy: pharmacy.clone(),
            from: from.clone(),
            to: to.clone(),
            marked_for: Some("bench".to_owned()),
        };
        for part in exports::parts(from.parse()?, to.parse()?) {
            let mut pieces = pin!(exports::stream(app, &wanted, File::Consultations, &part).await?);
            while let Some(piece) = pieces.next().await {
                let piece = piece?;
                bytes += piece.len();
                lines += piece.split(|byte| *byte == b'\n').count() - 1;
            }
        }
    }
    let seconds = watch.seconds();
    if lines < n {
        return Err(format!("{lines} lines for {n} consultations").into());
    }
    told("export-year", seconds, "s", n);
    told("export-year-size", bytes as f64 / 1e6, "MB", n);
    told("export-year-memory", memory()? - before, "MB more at the peak", n);
    Ok(())
}

/// The most memory this process has had so far, in MB.
fn memory() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}
