//! The way between devices and servers: chooses a server for each connection and, while it is wild, cuts connections
//! at any byte in either direction.

use crate::dice::Dice;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Connections out of a hundred that are cut in the middle.
const CUT: u64 = 35;

/// A port that leads to whichever servers are named.
#[derive(Clone)]
pub struct Network {
    pub address: SocketAddr,
    ways: Arc<Ways>,
}

struct Ways {
    servers: Mutex<Vec<SocketAddr>>,
    dice: Mutex<Dice>,
    wild: AtomicBool,
    cuts: AtomicU64,
}

impl Network {
    pub async fn start(dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let ways = Arc::new(Ways {
            servers: Mutex::new(Vec::new()),
            dice: Mutex::new(dice),
            wild: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
        });
        let carried = Arc::clone(&ways);
        tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                tokio::spawn(carry(Arc::clone(&carried), device));
            }
        });
        Self { address, ways }
    }

    /// What the devices type, and the servers know themselves by.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// From now on new connections lead to these.
    pub fn lead_to(&self, servers: Vec<SocketAddr>) {
        *locked(&self.ways.servers) = servers;
    }

    /// From now on connections are cut at random, or no longer.
    pub fn set_wild(&self, wild: bool) {
        self.ways.wild.store(wild, Ordering::SeqCst);
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.ways.cuts.load(Ordering::SeqCst)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn carry(ways: Arc<Ways>, device: TcpStream) {
    let (server, up, down) = {
        let servers = locked(&ways.servers);
        let mut dice = locked(&ways.dice);
        if servers.is_empty() {
            return;
        }
        let server = servers[dice.below(servers.len())];
        // Half of the cuts within the first few bytes and the rest anywhere up to a large frame.
        let limit = |dice: &mut Dice| {
            let most = [200, 1_000, 6_000, 60_000][dice.below(4)];
            dice.chance(CUT / 2).then(|| dice.below(most))
        };
        (server, limit(&mut dice), limit(&mut dice))
    };
    let Ok(server) = TcpStream::connect(server).await else { return };
    // Small frames must not wait for each other here, as they would not on a real link.
    let _ = (device.set_nodelay(true), server.set_nodelay(true));
    let ((from_device, to_device), (from_server, to_server)) = (device.into_split(), server.into_split());
    // Whichever side ends first ends both: what is still under way is lost, as on a real link.
    tokio::select! {
        () = pump(&ways, from_device, to_server, up) => {}
        () = pump(&ways, from_server, to_device, down) => {}
    }
}

async fn pump(ways: &Ways, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut limit: Option<usize>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let passed = match &mut limit {
            Some(left) if ways.wild.load(Ordering::SeqCst) => {
                let passed = read.min(*left);
                *left -= passed;
                passed
            }
            _ => read,
        };
        if to.write_all(&buffer[..passed]).await.is_err() {
            return;
        }
        if passed < read {
            ways.cuts.fetch_add(1, Ordering::SeqCst);
            return;
        }
    }
}
