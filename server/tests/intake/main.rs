//! What comes in from outside, over HTTP and from the command line.

mod adaptor;
mod bars;
mod bars_back;
mod bars_trust;
mod command_line;
mod itk;
mod support;
#[path = "../chaos/weather.rs"]
#[expect(dead_code, reason = "only MESH has messages of which one can be broken")]
mod weather;
