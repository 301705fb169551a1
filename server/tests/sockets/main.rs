//! The promises of sync once more, over real sockets: devices, a network that cuts, and servers that are killed.
//!
//! `SATCHEL_SOCKET_SEED=N` plays the chances of that run again, as far as sockets and processes allow;
//! `SATCHEL_SOCKET_KILLS=N` sets how often a server is killed.

#[path = "../support/databases.rs"]
mod databases;
mod device;
mod dice;
#[path = "../support/headless.rs"]
mod headless;
mod kills;
mod network;
mod news;
mod promises;
mod restore;
mod server;
mod talk;
mod vault;
mod world;

/// A number that the run was given.
#[expect(
    clippy::disallowed_methods,
    reason = "a test reads how long it is to run, and which run is played again"
)]
fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// A new seed for each run, printed so that it can be given again.
fn seed() -> u64 {
    let seed = setting("SATCHEL_SOCKET_SEED").unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("SATCHEL_SOCKET_SEED={seed}");
    seed
}
