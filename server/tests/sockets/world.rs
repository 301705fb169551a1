//! One pharmacy: a database, the servers on it, the network before them, and the devices at its far end.

use crate::databases::TestDatabase;
use crate::device::{Device, Mode, Seen};
use crate::dice::Dice;
use crate::headless::Headless;
use crate::network::Network;
use crate::server::{Place, SECRET_KEY, Server};
use satchel::app::App;
use satchel::clock::{Clock, Stopwatch};
use satchel::config::Config;
use satchel::session::invite;
use satchel::store::Pharmacy;
use shared::ids::OdsCode;
use shared::people::Role;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Seconds within which everything has settled once the network is whole.
const PATIENCE: f64 = 60.0;

pub struct World {
    pub network: Network,
    pub servers: Vec<Server>,
    pub dice: Dice,
    pub place: Place,
    /// For making links and for looking into the database; serves nobody.
    app: App,
    pharmacy: OdsCode,
    mode: watch::Sender<Mode>,
    devices: Vec<(JoinHandle<Device>, Arc<Mutex<Seen>>)>,
    pub folder: TempDir,
    _database: TestDatabase,
}

impl World {
    /// One pharmacy in that database, and as many servers before it.
    pub async fn begin(seed: u64, database: TestDatabase, servers: usize) -> Self {
        let mut dice = Dice(seed);
        let folder = tempfile::tempdir().expect("a folder");
        let network = Network::start(dice.fork()).await;
        let place = Place {
            database: database.url.clone(),
            origin: network.origin(),
            log: folder.path().join("log.txt"),
        };
        let settings = [
            ("database_url", &place.database),
            ("origin", &place.origin),
            ("secret_key", &SECRET_KEY.to_owned()),
        ];
        let settings: BTreeMap<String, String> =
            settings.into_iter().map(|(name, text)| (name.to_owned(), text.clone())).collect();
        let config = Config::read(settings, false).expect("settings");
        let app = App::new(config, Clock::Real, database.open().await).await.expect("an app");
        let pharmacy = Pharmacy {
            ods: "FA123".parse().expect("an ODS code"),
            name: "Elm Road Pharmacy".to_owned(),
            dos_ids: Vec::new(),
            mailbox: String::new(),
            phone: String::new(),
            address: String::new(),
        };
        app.store.put_pharmacy(&pharmacy).await.expect("a pharmacy");
        let mut world = Self {
            network,
            servers: Vec::new(),
            dice,
            place,
            app,
            pharmacy: pharmacy.ods,
            mode: watch::Sender::new(Mode::Work),
            devices: Vec::new(),
            folder,
            _database: database,
        };
        for _ in 0..servers {
            world.servers.push(world.place.serve().await);
        }
        world.lead_to_all();
        world
    }

    /// One more person with a device of their own.
    pub async fn enrol(&self) -> Headless {
        let link = invite(&self.app, &self.pharmacy, Role::Pharmacist, None).await.expect("a link").link;
        Headless::enrol(&self.network.origin(), &link, "Asha Patel", "127.0.0.1").await.expect("it enrols")
    }

    /// Devices that from now on record, and do so over a network that cuts.
    pub async fn employ(&mut self, devices: usize) {
        for _ in 0..devices {
            let headless = self.enrol().await;
            self.take_on(headless);
        }
        self.network.set_wild(true);
    }

    fn take_on(&mut self, headless: Headless) {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let device = Device::new(headless, self.network.address, self.dice.fork(), seen.clone());
        self.devices.push((tokio::spawn(device.run(self.mode.subscribe())), seen));
    }

    fn lead_to_all(&self) {
        self.network.lead_to(self.servers.iter().map(|server| server.address).collect());
    }

    /// Lets everybody work for a while, and a server be killed at random moments.
    pub async fn kill_often(&mut self, kills: u64) {
        let watch = Stopwatch::start();
        for _ in 0..kills {
            let work = self.dice.milliseconds(10, 220);
            tokio::time::sleep(work).await;
            let index = self.dice.below(self.servers.len());
            self.kill(index).await;
        }
        println!("{kills} kills in {:.1} s, {} connections cut", watch.seconds(), self.network.cuts());
    }

    /// Kills one server with SIGKILL and starts another in its place.
    async fn kill(&mut self, index: usize) {
        self.servers[index].kill();
        self.servers[index] = self.place.serve().await;
        self.lead_to_all();
    }

    /// Everybody stops recording, the network is whole, and everything comes to rest.
    pub async fn settle(&self) {
        self.network.set_wild(false);
        self.mode.send_replace(Mode::Rest);
        let watch = Stopwatch::start();
        let mut last = None;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let standing = self.standing().await;
            if standing.is_some() && standing == last {
                break;
            }
            last = standing;
            assert!(watch.seconds() < PATIENCE, "it never settles: {}", self.told());
        }
        println!("settled in {:.1} s", watch.seconds());
    }

    /// The last number of the log, where every device has it and has nothing more to say.
    async fn standing(&self) -> Option<u64> {
        let seq = self.app.store.last_seq(&self.pharmacy).await.expect("the store reads");
        let epoch = self.app.store.meta("epoch").await.expect("the store reads");
        let shown = self.app.store.unshown_deliveries(1).await.expect("the store reads").is_empty();
        let rests = self.devices.iter().all(|(task, seen)| {
            assert!(!task.is_finished(), "a device gave up; the reason stands above");
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let position = seen.position;
            seen.unsent == 0
                && position.cursor == seq
                && !position.heads_due
                && position.epoch.map(|epoch| epoch.to_string()) == epoch
        });
        (rests && shown).then_some(seq)
    }

    fn told(&self) -> String {
        let mut told = String::new();
        for (_, seen) in &self.devices {
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let _ =
                writeln!(told, "{} unsent at {:?}, refused {:?}", seen.unsent, seen.position, seen.refused);
        }
        format!("\n{told}the servers said: {}", self.said())
    }

    /// What the servers logged, the end of it.
    fn said(&self) -> String {
        let log = std::fs::read_to_string(&self.place.log).unwrap_or_default();
        let from = log.len().saturating_sub(2_000);
        log.get(from..).unwrap_or_default().to_owned()
    }

    /// Everybody goes home; the promises are checked.
    pub async fn end(mut self) {
        self.mode.send_replace(Mode::End);
        let mut devices = Vec::new();
        for (task, _) in std::mem::take(&mut self.devices) {
            devices.push(task.await.expect("a device lives to the end"));
        }
        let log = std::fs::read_to_string(&self.place.log).unwrap_or_default();
        assert!(!log.contains("panicked"), "a server panicked: {log}");
        crate::promises::check(&*self.app.store, &self.pharmacy, &mut devices).await;
    }
}
