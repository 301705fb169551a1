//! `satchel serve` as a process of its own, which can be killed at any moment.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The same for all servers on one database.
pub const SECRET_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// Kept open: a server that cannot print would end.
    _said: BufReader<ChildStdout>,
}

/// What every `satchel` of one world is told.
#[derive(Clone)]
pub struct Place {
    pub database: String,
    pub origin: String,
    pub log: PathBuf,
}

impl Place {
    /// The program with its settings, nothing of this process's own.
    fn satchel(&self) -> Command {
        let log = File::options().append(true).create(true).open(&self.log).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_satchel"));
        command
            .env_clear()
            .env("SATCHEL_ORIGIN", &self.origin)
            .env("SATCHEL_DATABASE_URL", &self.database)
            .env("SATCHEL_SECRET_KEY", SECRET_KEY)
            .env("SATCHEL_LOG", "warn")
            .env("SATCHEL_DIST", "none")
            .current_dir(self.log.parent().expect("the log lies in a folder"))
            .stderr(log);
        command
    }

    /// Runs a command beside the servers, as an administrator does; it must succeed.
    pub async fn run(&self, arguments: &[&str]) {
        let mut command = self.satchel();
        command.args(arguments).stdout(Stdio::null());
        let status = tokio::task::spawn_blocking(move || command.status()).await.expect("it runs");
        assert!(status.is_ok_and(|status| status.success()), "satchel {arguments:?} failed");
    }

    /// Starts a server and waits until it answers.
    pub async fn serve(&self) -> Server {
        let place = self.clone();
        tokio::task::spawn_blocking(move || place.start()).await.expect("it starts")
    }

    fn start(&self) -> Server {
        // Another program may take the port between our asking for it and the server's.
        for _ in 0..5 {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            let address = free.local_addr().expect("an address");
            drop(free);
            let mut command = self.satchel();
            command.arg("serve").env("SATCHEL_LISTEN", address.to_string()).stdout(Stdio::piped());
            let mut child = command.spawn().expect("the server's program");
            let mut said = BufReader::new(child.stdout.take().expect("it was asked for"));
            let mut line = String::new();
            while said.read_line(&mut line).is_ok_and(|read| read > 0) {
                if line.starts_with("Ready:") {
                    return Server { child, address, _said: said };
                }
                line.clear();
            }
            child.wait().expect("it is gone");
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        panic!("the server does not start: {log}");
    }
}

impl Server {
    /// SIGKILL, at whatever it is doing.
    pub fn kill(&mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = (self.child.kill(), self.child.wait());
    }
}
