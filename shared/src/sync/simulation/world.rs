//! Devices, servers, their database, and everything that happens to them.

use super::database::Database;
use super::dice::Dice;
use super::ledger::Ledger;
use super::network::{Address, Mail, Request};
use super::phone::Phone;
use super::say;
use super::server::Server;
use crate::ids::{ConsultationId, Epoch};
use crate::sync::device::{Failure, Hash, Input};
use crate::time::Millis;
use std::collections::BTreeSet;

const SERVERS: usize = 2;
const MOST_DEVICES: usize = 8;
/// Rounds of passing time in which everything must have settled once the network is whole again.
const PATIENCE: u32 = 60;
/// Steps that may follow each other without time passing.
const BUSY: u32 = 8_000;
const DAY: Millis = 86_400_000;

pub struct World {
    pub dice: Dice,
    pub database: Database,
    backup: Database,
    pub servers: Vec<Server>,
    pub phones: Vec<Phone>,
    /// Ways between a device and a server that are cut.
    cut: BTreeSet<(usize, usize)>,
    pub ledger: Ledger,
    /// The network drops, duplicates, reorders and cuts while this is set.
    wild: bool,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let database = Database::new(Epoch::from_bytes(dice.bytes()));
        let devices = 2 + dice.below(MOST_DEVICES - 1).min(dice.below(MOST_DEVICES - 1));
        let phones = (0..devices).map(|device| Phone::new(&mut dice, device)).collect();
        let servers = (0..SERVERS).map(|_| Server::start(&mut dice)).collect();
        Self {
            backup: database.clone(),
            database,
            servers,
            phones,
            cut: BTreeSet::new(),
            ledger: Ledger::default(),
            dice,
            wild: true,
        }
    }

    pub fn play(&mut self) {
        let events = 24 + 7 * self.phones.len();
        for event in 0..events {
            if event == events / 2 {
                self.backup = self.database.clone();
            }
            self.event();
        }
        self.heal();
        for round in 0.. {
            assert!(round < PATIENCE, "it never settles");
            self.run_dry();
            if self.has_settled() {
                break;
            }
            self.phones.iter_mut().for_each(Phone::sign_in);
            self.phones.iter_mut().for_each(Phone::pass_time);
        }
        self.ledger.check(&mut self.phones, &self.database);
    }

    /// Everything is connected and open again. Half of the time nobody tells the devices.
    fn heal(&mut self) {
        if self.dice.chance(30) {
            self.restore();
        }
        self.wild = false;
        self.cut.clear();
        for server in &mut self.servers {
            if !server.up {
                *server = Server::start(&mut self.dice);
            }
        }
        let told = self.dice.chance(50);
        for phone in &mut self.phones {
            phone.dies_after = None;
            phone.disk_full = false;
            if !phone.open {
                phone.unlock();
            }
            phone.sign_in();
            if told {
                phone.tell(Input::Online);
            }
        }
    }

    fn has_settled(&self) -> bool {
        let caught_up = |phone: &Phone| {
            let position = phone.machine.position();
            position.epoch == Some(self.database.epoch)
                && position.cursor == self.database.seq
                && !position.heads_due
        };
        self.phones.iter().all(|phone| phone.machine.unsent_documents() == 0 && caught_up(phone))
    }

    /// Lets everything under way arrive. Without time passing this must come to an end.
    fn run_dry(&mut self) {
        for step in 0.. {
            assert!(step < BUSY, "somebody asks again and again without waiting");
            let quiet = self.phones.iter().all(Phone::is_quiet) && self.servers.iter().all(Server::is_idle);
            if quiet {
                return;
            }
            for device in 0..self.phones.len() {
                self.send(device);
                self.deliver(device);
            }
            for server in 0..SERVERS {
                self.serve(server);
            }
        }
    }

    fn event(&mut self) {
        let device = self.dice.below(self.phones.len());
        let server = self.dice.below(SERVERS);
        match self.dice.below(200) {
            0..48 if self.phones[device].open => {
                let poisoned = self.dice.chance(5);
                let typed = self.phones[device].edit(poisoned);
                self.ledger.typed(typed);
            }
            0..76 => self.send(device),
            76..118 => self.serve(server),
            118..148 => self.deliver(device),
            148..156 => {
                self.phones[device].pass_time();
                if self.dice.chance(50) {
                    self.phones[device].sign_in();
                }
            }
            156..160 => {
                let jump = self.dice.below(9) as Millis * DAY / 2 - 2 * DAY;
                self.phones[device].clock += jump;
            }
            160..165 if !self.phones[device].open => self.phones[device].unlock(),
            160 => self.phones[device].lock(),
            161 => self.phones[device].kill(),
            162..165 => self.phones[device].dies_after = Some(self.dice.below(4)),
            165..168 => self.phones[device].disk_full ^= true,
            168 => self.phones[device].vault.compact(),
            169 if self.dice.chance(50) => self.evict(device),
            169..172 => self.phones[device].tell(Input::Online),
            172..176 if self.servers[server].up => self.crash(server),
            172..176 => self.servers[server] = Server::start(&mut self.dice),
            176..180 => self.backup = self.database.clone(),
            180..183 => self.restore(),
            183 => self.destroy(),
            184..187 if self.servers[server].up => {
                let before = self.database.seq;
                self.servers[server].write(&mut self.dice, &mut self.database);
                self.ring(before);
            }
            _ => {
                let way = (device, server);
                if !self.cut.remove(&way) {
                    self.cut.insert(way);
                }
            }
        }
    }

    /// One waiting request goes to a server, if there is a way.
    fn send(&mut self, device: usize) {
        let waiting = self.phones[device].requests.len();
        if waiting == 0 {
            return;
        }
        let mut request = self.phones[device].requests.remove(self.dice.below(waiting));
        let ways = (0..SERVERS).filter(|&to| self.servers[to].up && !self.cut.contains(&(device, to)));
        let ways: Vec<usize> = ways.collect();
        let lost = ways.is_empty() || self.wild && self.dice.chance(8);
        if lost {
            // Mostly the browser notices; sometimes nobody ever answers.
            if !(self.wild && self.dice.chance(20)) {
                self.phones[device].lose_request(&request, Failure::Unreachable);
            }
            return;
        }
        if self.wild && self.dice.chance(3) {
            self.phones[device].lose_request(&request, Failure::SignedOut);
            return;
        }
        if self.wild && self.dice.chance(3) && is_batch(&request) {
            self.phones[device].lose_request(&request, Failure::TooLarge);
            return;
        }
        let to = ways[self.dice.below(ways.len())];
        let from = self.phones[device].address;
        if self.wild && self.dice.chance(6) {
            // Sent twice by a proxy that lost patience; the first answer reaches nobody.
            self.servers[to].take(Address { start: u32::MAX, ..from }, request.clone());
        }
        if self.wild
            && self.dice.chance(4)
            && let Request::Push(_, bytes) = &mut request
        {
            bytes.truncate(self.dice.below(bytes.len()));
        }
        self.servers[to].take(from, request);
    }

    /// A server takes one step, and what it says goes on its way.
    fn serve(&mut self, server: usize) {
        let before = self.database.seq;
        let said = self.servers[server].step(&mut self.dice, &mut self.database);
        self.ring(before);
        if let Some((to, mail)) = said {
            self.post(server, to, mail);
        }
    }

    fn post(&mut self, server: usize, to: Address, mail: Mail) {
        let phone = &mut self.phones[to.device];
        if phone.address != to {
            return;
        }
        let lost = self.wild && (self.cut.contains(&(to.device, server)) || self.dice.chance(5));
        match mail {
            Mail::Frame(ticket, mut bytes) if lost => {
                bytes.truncate(self.dice.below(bytes.len()));
                phone.mail.push(Mail::Frame(ticket, bytes));
                phone.mail.push(Mail::PullFailed(ticket, Failure::Unreachable));
            }
            mail if lost && self.dice.chance(80) => phone.mail.push(mail.lost()),
            _ if lost => {}
            mail => phone.mail.push(mail),
        }
    }

    /// News of what was committed, to whoever hears it.
    fn ring(&mut self, before: u64) {
        if self.database.seq == before {
            return;
        }
        for phone in &mut self.phones {
            if !(self.wild && self.dice.chance(30)) {
                phone.mail.push(Mail::News(self.database.seq));
            }
        }
    }

    /// Mail arrives in order on one stream, but streams overtake each other, and some arrives again.
    fn deliver(&mut self, device: usize) {
        let phone = &mut self.phones[device];
        if phone.mail.is_empty() {
            return;
        }
        let mut at = if self.wild && self.dice.chance(25) { self.dice.below(phone.mail.len()) } else { 0 };
        if let Some(stream) = phone.mail[at].stream() {
            at = phone.mail.iter().position(|mail| mail.stream() == Some(stream)).unwrap_or(at);
        }
        let mail = phone.mail.remove(at);
        if self.wild && self.dice.chance(8) {
            phone.mail.push(mail.clone());
        }
        phone.receive(mail);
    }

    fn crash(&mut self, server: usize) {
        for (to, mail) in self.servers[server].crash() {
            self.post(server, to, mail);
        }
    }

    /// Both servers are stopped, an older backup becomes the database, and they start in a new life.
    fn restore(&mut self) {
        for server in 0..SERVERS {
            self.crash(server);
            self.servers[server] = Server::start(&mut self.dice);
        }
        say(format_args!("the servers are restored from a backup"));
        let before = self.database.hashes();
        self.database.restore(&self.backup, Epoch::from_bytes(self.dice.bytes()));
        let forgotten: BTreeSet<Hash> =
            before.into_iter().filter(|change| !self.database.has(change)).collect();
        let held: BTreeSet<Hash> = self.phones.iter_mut().flat_map(|phone| phone.vault.hashes()).collect();
        // What evicted devices had brought to the server in time goes with what the backup does not have.
        self.ledger.lost.extend(forgotten.difference(&held).copied());
        self.ledger.forgotten.extend(forgotten);
    }

    fn destroy(&mut self) {
        if self.database.records.is_empty() {
            return;
        }
        let at = self.dice.below(self.database.records.len());
        let id: ConsultationId = *self.database.records.keys().nth(at).expect("it was counted");
        let before = self.database.seq;
        self.database.destroy(id);
        self.ring(before);
    }

    /// Storage is taken back; what only lay there is counted as lost, and never was with the server.
    fn evict(&mut self, device: usize) {
        say(format_args!("device {device} loses its storage"));
        let lying = self.phones[device].vault.hashes();
        let unsent: BTreeSet<_> =
            self.phones[device].vault.unsent.values().flat_map(|unsent| unsent.changes.clone()).collect();
        let elsewhere: BTreeSet<_> = (0..self.phones.len())
            .filter(|&other| other != device)
            .flat_map(|other| self.phones[other].vault.hashes())
            .collect();
        for change in lying {
            let kept = self.database.has(&change) || elsewhere.contains(&change);
            if kept || self.ledger.is_of(&change, &self.database.destroyed) {
                continue;
            }
            self.ledger.lose(change, unsent.contains(&change), &self.phones[device]);
        }
        self.phones[device].evict();
    }
}

fn is_batch(request: &Request) -> bool {
    use crate::sync::frame::PushFrame;
    match request {
        Request::Push(_, bytes) => PushFrame::from_bytes(bytes).is_ok_and(|frame| frame.documents.len() > 1),
        _ => false,
    }
}
