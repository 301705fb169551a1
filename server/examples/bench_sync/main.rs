//! A device without a screen, for `script/bench`: pushes many consultations, pulls them, and records single edits.
//!
//! `push ORIGIN LINK COUNT` only fills the server; `bulk ORIGIN LINK COUNT` measures pushing and pulling, and
//! `all ORIGIN LINK COUNT` single edits too, one JSON object a line;
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
use tokio::task::JoinSet;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Single edits whose way to the disk is timed one after another.
const SINGLE_EDITS: usize = 500;
/// Devices that record at the same time, and what each records.
const DEVICES: usize = 500;
const EDITS_OF_EACH: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["records", count] => print_records(count.parse()?),
        ["push", origin, link, count] => fill(origin, link, count.parse()?).await,
        ["bulk", origin, link, count] => bulk(origin, link, count.parse()?).await.map(drop),
        ["all", origin, link, count] => {
            let (device, made) = bulk(origin, link, count.parse()?).await?;
            single_edits(&device, &made[0]).await?;
            edits_of_many(&device, &made).await
        }
        ["steps", count] => steps::steps(count.parse()?),
        ["limits", count, folder] => limits::limits(count.parse()?, std::path::Path::new(folder)),
        _ => {
            Err("arguments: records|steps COUNT, push|bulk|all ORIGIN LINK COUNT, limits COUNT FOLDER".into())
        }
    }
}

async fn fill(origin: &str, link: &str, count: usize) -> Result<(), Failure> {
    let device = Device::enrol(origin, link).await?;
    let made = consultations(count, &device.pharmacy, &device.writer)?;
    for body in device.frames(&made) {
        device.push(body).await?;
    }
    Ok(())
}

/// Everything to the server, and back with an empty cursor.
async fn bulk(origin: &str, link: &str, count: usize) -> Result<(Arc<Device>, Vec<Made>), Failure> {
    let device = Arc::new(Device::enrol(origin, link).await?);
    let made = consultations(count, &device.pharmacy, &device.writer)?;

    // The peer, too, has its records in its own store before the clock starts; packing for the wire is timed.
    let used = processor_seconds()?;
    let watch = Stopwatch::start();
    let mut bytes = 0;
    for body in device.frames(&made) {
        bytes += body.len();
        device.push(body).await?;
    }
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

    report("client-cpu", processor_seconds()? - used, "s", count);
    Ok((device, made))
}

/// User and system seconds of this process so far (Linux).
fn processor_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> =
        fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<u64>() as f64 / 100.0)
}

/// One edit at a time: until it is durable, and until a second device that was nudged has it.
async fn single_edits(device: &Device, made: &Made) -> Result<(), Failure> {
    let mut durable = Vec::with_capacity(SINGLE_EDITS);
    let mut seen = Vec::with_capacity(SINGLE_EDITS);
    let mut sizes = Vec::with_capacity(SINGLE_EDITS);
    for body in device.edit_frames(made, SINGLE_EDITS)? {
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
    report("edit-durable-median", quantile(&mut durable, 0.5), "ms", SINGLE_EDITS);
    report("edit-durable-p99", quantile(&mut durable, 0.99), "ms", SINGLE_EDITS);
    report("edit-to-second-device-p99", quantile(&mut seen, 0.99), "ms", SINGLE_EDITS);
    report("edit-frame", quantile(&mut sizes, 0.5), "bytes", SINGLE_EDITS);
    Ok(())
}

/// Many at once, each on a consultation of its own, one edit a request.
async fn edits_of_many(device: &Arc<Device>, made: &[Made]) -> Result<(), Failure> {
    let mut prepared = Vec::new();
    for one in made.iter().skip(1).take(DEVICES) {
        prepared.push(device.edit_frames(one, EDITS_OF_EACH)?);
    }
    let total = prepared.len() * EDITS_OF_EACH;
    let mut devices = JoinSet::new();
    let watch = Stopwatch::start();
    for frames in prepared {
        let device = Arc::clone(device);
        devices.spawn(async move {
            let mut took = Vec::with_capacity(frames.len());
            for body in frames {
                let watch = Stopwatch::start();
                device.push(body).await?;
                took.push(milliseconds(watch));
            }
            Ok::<_, Failure>(took)
        });
    }
    let mut took = Vec::with_capacity(total);
    while let Some(one) = devices.join_next().await {
        took.extend(one??);
    }
    report("edits", total as f64 / watch.seconds(), "per second", total);
    report("edits-p99", quantile(&mut took, 0.99), "ms", total);
    Ok(())
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
