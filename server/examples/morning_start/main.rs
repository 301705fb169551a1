//! A thousand pharmacies' morning start, for `script/bench` and `docs/scaling.md`: each device asks for what changed
//! overnight, all at once.
//!
//! `SATCHEL DATABASE_URL FOLDER PHARMACIES DOCUMENTS`: the program to measure, an empty database, a folder for its
//! log. Fills the database, starts the server anew, and prints one JSON object a line; last come the bytes and rows of
//! each table.

#[path = "../../tests/support/headless.rs"]
mod headless;
mod night;
mod server;
mod sizes;

use headless::Headless;
use night::Night;
use satchel::clock::Stopwatch;
use serde_json::json;
use server::Server;
use shared::sync::device::FIRST_WAIT;
use shared::sync::frame::split_stream;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Enrolments at the same time; more would only wait for each other.
const AT_ONCE: usize = 32;
/// How often a device asks again before it is a failure.
const TRIES: u32 = 5;

/// What one device's start cost.
struct Started {
    milliseconds: f64,
    bytes: usize,
    /// How often it was told to come again.
    again: u32,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, database, folder, pharmacies, documents] = arguments.as_slice() else {
        return Err("arguments: SATCHEL DATABASE_URL FOLDER PHARMACIES DOCUMENTS".into());
    };
    let (pharmacies, documents) = (pharmacies.parse()?, documents.parse()?);
    let mut server = Server::start(program, database, Path::new(folder))?;
    let night = Night::begin(database, &server.origin, pharmacies).await?;
    let watch = Stopwatch::start();
    let devices = enrol(&server.origin, night.links().await?).await?;
    eprintln!("{} devices enrolled in {:.1} s", devices.len(), watch.seconds());
    let watch = Stopwatch::start();
    let yesterday = night.pass(&devices, documents).await?;
    eprintln!("the night passed in {:.1} s", watch.seconds());

    // A server that has just started has nothing in memory yet.
    server.restart()?;
    measure("morning-start", &server, &devices, yesterday, documents).await?;
    server.restart()?;
    measure("first-start", &server, &devices, 0, documents).await?;
    drop(server);
    sizes::report(database).await
}

async fn enrol(origin: &str, links: Vec<String>) -> Result<Vec<Headless>, Failure> {
    let mut devices = Vec::with_capacity(links.len());
    for (group, links) in links.chunks(AT_ONCE).enumerate() {
        let mut enrolling = JoinSet::new();
        for (index, link) in links.iter().enumerate() {
            // Each from an address of its own, as a proxy reports them: tries are counted by address.
            let visitor = format!("10.{}.{}.{index}", group / 256, group % 256);
            let (origin, link) = (origin.to_owned(), link.clone());
            enrolling.spawn(async move { Headless::enrol(&origin, &link, "Asha Patel", &visitor).await });
        }
        while let Some(enrolled) = enrolling.join_next().await {
            devices.push(enrolled??);
        }
    }
    Ok(devices)
}

/// All devices at once: who am I, and what is new after my cursor.
async fn measure(
    bench: &str,
    server: &Server,
    devices: &[Headless],
    after: u64,
    documents: usize,
) -> Result<(), Failure> {
    let before = server.cpu_seconds();
    let watch = Stopwatch::start();
    let mut starting = JoinSet::new();
    for device in devices {
        let device = device.clone();
        starting.spawn(async move { start(&device, after, documents).await });
    }
    let mut started = Vec::with_capacity(devices.len());
    while let Some(one) = starting.join_next().await {
        started.push(one??);
    }
    let wall = watch.seconds();
    let bytes: usize = started.iter().map(|one| one.bytes).sum();
    let mut took: Vec<f64> = started.iter().map(|one| one.milliseconds).collect();
    took.sort_by(f64::total_cmp);
    let quantile = |share: f64| took[((took.len() - 1) as f64 * share).round() as usize];
    let n = devices.len();
    report(bench, wall, "s", n);
    report(&format!("{bench}-client-median"), quantile(0.5), "ms", n);
    report(&format!("{bench}-client-p99"), quantile(0.99), "ms", n);
    let again: u32 = started.iter().map(|one| one.again).sum();
    report(&format!("{bench}-asked-again"), f64::from(again), "times", n);
    report(&format!("{bench}-server-cpu"), server.cpu_seconds() - before, "s", n);
    report(&format!("{bench}-server-peak-memory"), server.peak_megabytes(), "MB", n);
    report(&format!("{bench}-wire"), bytes as f64 / n as f64, "bytes a device", n);
    Ok(())
}

/// Asks as a device does: what cannot be answered now is asked again, a little later each time.
async fn start(device: &Headless, after: u64, documents: usize) -> Result<Started, Failure> {
    let watch = Stopwatch::start();
    let mut again = 0;
    let (session, mut stream) = loop {
        match ask(device, after).await {
            Ok(answers) => break answers,
            Err(failure) if again == TRIES => return Err(failure),
            Err(_) => tokio::time::sleep(Duration::from_millis(FIRST_WAIT as u64) * (1 << again)).await,
        }
        again += 1;
    };
    let milliseconds = watch.seconds() * 1e3;
    let bytes = session.len() + stream.len();
    let frames = split_stream(&mut stream)?;
    let pulled: usize = frames.iter().map(|frame| frame.documents.len()).sum();
    if pulled < documents {
        return Err(format!("pulled {pulled} of {documents} documents").into());
    }
    Ok(Started { milliseconds, bytes, again })
}

async fn ask(device: &Headless, after: u64) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let session = device.ask(reqwest::Method::GET, "/api/session").send().await?.error_for_status()?;
    let session = session.bytes().await?.to_vec();
    let pulled = device.pull(after).send().await?.error_for_status()?;
    Ok((session, pulled.bytes().await?.to_vec()))
}

fn report(bench: &str, value: f64, unit: &str, n: usize) {
    println!("{}", json!({"bench": bench, "value": (value * 100.0).round() / 100.0, "unit": unit, "n": n}));
}
