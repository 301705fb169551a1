//! A device without a screen, for `script/bench`: pushes many consultations, pulls them, and records single edits.
//!
//! `push ORIGIN LINK COUNT` only fills the server; `bulk ORIGIN LINK COUNT` measures pushing and pulling,
//! `edits ORIGIN LINK COUNT` single edits, and `all ORIGIN LINK COUNT` both, one JSON object a line. With the number of
//! the server's process behind it, edits say what processor time they took there;
//! `records COUNT` prints the same consultations as plain JSON, for peers that keep no changes; `steps COUNT` times
//! each step of taking a document in; `limits COUNT FOLDER` measures what bounds any server on this machine.

mod device;
mod limits;
mod records;
mod steps;

use device::Device;
use records::{Made, consultations, print_records};
use satchel::clock::Stopwatch;
use serde_json::json;
use shared::sync::frame::split_stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Single edits whose way to the disk is timed one after another.
const SINGLE_EDITS: usize = 500;
/// Devices that record at the same time; what each records before the clock starts, as fast as it is acknowledged, and
/// then at each pace.
const DEVICES: usize = 500;
const WARMING: usize = 1;
const EDITS_OF_EACH: usize = 10;
const PACED_EDITS_OF_EACH: usize = 5;
/// Edits a second of all devices together when they keep a pace; the last is what the design asks for.
const PACES: [u32; 2] = [1_000, 2_500];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["records", count] => print_records(count.parse()?),
        ["push", origin, link, count] => fill(origin, link, count.parse()?).await,
        ["bulk", origin, link, count] => bulk(origin, link, count.parse()?).await.map(drop),
        ["edits", origin, link, count, server @ ..] => {
            let device = Arc::new(Device::enrol(origin, link).await?);
            let made = consultations(count.parse()?, &device.pharmacy, &device.writer)?;
            push_all(&device, &made).await?;
            edits(&device, &made, server.first().copied()).await
        }
        ["all", origin, link, count, server @ ..] => {
            let (device, made) = bulk(origin, link, count.parse()?).await?;
            edits(&device, &made, server.first().copied()).await
        }
        ["steps", count] => steps::steps(count.parse()?),
        ["limits", count, folder] => limits::limits(count.parse()?, std::path::Path::new(folder)),
        _ => {
            Err("arguments: records|steps COUNT, push|bulk ORIGIN LINK COUNT, edits|all ORIGIN LINK COUNT [SERVER], limits COUNT FOLDER".into())
        }
    }
}

async fn fill(origin: &str, link: &str, count: usize) -> Result<(), Failure> {
    let device = Device::enrol(origin, link).await?;
    let made = consultations(count, &device.pharmacy, &device.writer)?;
    push_all(&device, &made).await.map(drop)
}

/// Bytes that were sent.
async fn push_all(device: &Device, made: &[Made]) -> Result<usize, Failure> {
    let mut bytes = 0;
    for body in device.frames(made) {
        bytes += body.len();
        device.push(body).await?;
    }
    Ok(bytes)
}

/// Everything to the server, and back with an empty cursor.
async fn bulk(origin: &str, link: &str, count: usize) -> Result<(Arc<Device>, Vec<Made>), Failure> {
    let device = Arc::new(Device::enrol(origin, link).await?);
    let made = consultations(count, &device.pharmacy, &device.writer)?;

    // The peer, too, has its records in its own store before the clock starts; packing for the wire is timed.
    let used = processor_seconds("self")?;
    let watch = Stopwatch::start();
    let bytes = push_all(&device, &made).await?;
    report("push", milliseconds(watch), "ms", count);
    report("push-wire", bytes as f64, "bytes", count);

    let watch = Stopwatch::start();
    let mut stream = device.pull(0).await?;
    let bytes = stream.len();
    let pulled: usize = split_stream(&mut stream)?.iter().map(|frame| frame.documents.len()).sum();
    if pulled < count {
        return Err(format!("pulled {pulled} of {count} consultations").into());
    }
    report("pull", milliseconds(watch), "ms", pulled);
    report("pull-wire", bytes as f64, "bytes", pulled);

    report("client-cpu", processor_seconds("self")? - used, "s", count);
    Ok((device, made))
}

/// User and system seconds of a process so far (Linux).
fn processor_seconds(process: &str) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> =
        fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / 100.0)
}

/// Processor time of both ends, from when it is made until it is asked.
struct Used<'a> {
    server: Option<&'a str>,
    before: (f64, f64),
}

impl<'a> Used<'a> {
    fn from_now(server: Option<&'a str>) -> Result<Self, Failure> {
        let mut used = Self { server, before: (0.0, 0.0) };
        used.before = used.seconds()?;
        Ok(used)
    }

    fn seconds(&self) -> Result<(f64, f64), Failure> {
        Ok((processor_seconds("self")?, self.server.map_or(Ok(0.0), processor_seconds)?))
    }

    /// Milliseconds for each of so many edits.
    fn report(&self, bench: &str, edits: usize) -> Result<(), Failure> {
        let (client, server) = self.seconds()?;
        let each = |seconds: f64| seconds * 1e3 / edits as f64;
        report(&format!("{bench}-client-cpu"), each(client - self.before.0), "ms", edits);
        if self.server.is_some() {
            report(&format!("{bench}-server-cpu"), each(server - self.before.1), "ms", edits);
        }
        Ok(())
    }
}

async fn edits(device: &Arc<Device>, made: &[Made], server: Option<&str>) -> Result<(), Failure> {
    let [first, others @ ..] = made else { return Err("there is no consultation to edit".into()) };
    single_edits(device, first, server).await?;
    edits_of_many(device, others, server).await
}

/// One edit at a time: until it is durable, and until a second device that was nudged has it.
async fn single_edits(device: &Device, made: &Made, server: Option<&str>) -> Result<(), Failure> {
    let mut durable = Vec::with_capacity(SINGLE_EDITS);
    let mut seen = Vec::with_capacity(SINGLE_EDITS);
    let mut sizes = Vec::with_capacity(SINGLE_EDITS);
    let frames = device.edit_frames(made, SINGLE_EDITS)?;
    let used = Used::from_now(server)?;
    for body in frames {
        sizes.push(body.len() as f64);
        let watch = Stopwatch::start();
        let seq = device.push(body).await?;
        durable.push(milliseconds(watch));
        let mut stream = device.pull(seq - 1).await?;
        if !split_stream(&mut stream)?.iter().any(|frame| frame.documents.iter().any(|d| d.id == made.id)) {
            return Err("an edit that was stored did not reach the next pull".into());
        }
        seen.push(milliseconds(watch));
    }
    used.report("edit-to-second-device", SINGLE_EDITS)?;
    report("edit-durable-median", quantile(&mut durable, 0.5), "ms", SINGLE_EDITS);
    report("edit-durable-p99", quantile(&mut durable, 0.99), "ms", SINGLE_EDITS);
    report("edit-to-second-device-p99", quantile(&mut seen, 0.99), "ms", SINGLE_EDITS);
    report("edit-frame", quantile(&mut sizes, 0.5), "bytes", SINGLE_EDITS);
    Ok(())
}

/// Many at once, each on a consultation of its own, one edit a request: first each the next as soon as the last is
/// acknowledged, which says how many the server takes; then at a pace, which says how long one waits.
async fn edits_of_many(device: &Arc<Device>, made: &[Made], server: Option<&str>) -> Result<(), Failure> {
    let mut frames = Vec::new();
    for one in made.iter().take(DEVICES) {
        // Signing is not what is measured.
        let all = WARMING + EDITS_OF_EACH + PACED_EDITS_OF_EACH * PACES.len();
        frames.push(device.edit_frames(one, all)?.into_iter());
    }
    let mut next = |many| frames.iter_mut().map(|frames| frames.by_ref().take(many).collect()).collect();
    at_once(device, next(WARMING), Duration::ZERO).await?;

    let rushing = next(EDITS_OF_EACH);
    let used = Used::from_now(server)?;
    let watch = Stopwatch::start();
    let mut took = at_once(device, rushing, Duration::ZERO).await?;
    report("edits", took.len() as f64 / watch.seconds(), "per second", took.len());
    used.report("edits", took.len())?;
    report("edits-p99", quantile(&mut took, 0.99), "ms", took.len());

    for rate in PACES {
        let paced: Vec<_> = next(PACED_EDITS_OF_EACH);
        let pace = Duration::from_secs(1) / rate * paced.len() as u32;
        let mut took = at_once(device, paced, pace).await?;
        report(&format!("edits-at-{rate}-median"), quantile(&mut took, 0.5), "ms", took.len());
        report(&format!("edits-at-{rate}-p99"), quantile(&mut took, 0.99), "ms", took.len());
    }
    Ok(())
}

/// Sends each one's frames one after the other, and answers how many milliseconds each took. Where they keep a pace it
/// counts from when an edit was due: one that must wait for the edit before it has waited, too.
async fn at_once(
    device: &Arc<Device>,
    frames: Vec<Vec<Vec<u8>>>,
    pace: Duration,
) -> Result<Vec<f64>, Failure> {
    let mut devices = JoinSet::new();
    let writers = frames.len() as u32;
    for (place, frames) in (0..).zip(frames) {
        let device = Arc::clone(device);
        devices.spawn(async move {
            // Nobody begins at the same moment as another.
            tokio::time::sleep(pace / writers * place).await;
            let began = Stopwatch::start();
            let mut took = Vec::with_capacity(frames.len());
            for (index, body) in (0..).zip(frames) {
                let due = if pace.is_zero() { began.seconds() } else { (pace * index).as_secs_f64() };
                tokio::time::sleep(Duration::from_secs_f64((due - began.seconds()).max(0.0))).await;
                device.push(body).await?;
                took.push((began.seconds() - due) * 1e3);
            }
            Ok::<_, Failure>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(one) = devices.join_next().await {
        took.extend(one??);
    }
    Ok(took)
}

fn report(bench: &str, value: f64, unit: &str, n: usize) {
    println!("{}", json!({"bench": bench, "value": (value * 100.0).round() / 100.0, "unit": unit, "n": n}));
}

fn milliseconds(watch: Stopwatch) -> f64 {
    watch.seconds() * 1e3
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}
