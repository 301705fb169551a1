//! The server as a process of its own, watched from outside.

use crate::Failure;
use crate::night::SECRET_KEY;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Ticks of the kernel's process clock in a second (Linux, for programs).
const TICKS: f64 = 100.0;

pub struct Server {
    pub origin: String,
    program: String,
    database: String,
    log: PathBuf,
    port: u16,
    running: Option<(Child, BufReader<ChildStdout>)>,
}

impl Server {
    /// Starts it on a free port and waits until it answers.
    pub fn start(program: &str, database: &str, folder: &Path) -> Result<Self, Failure> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self {
            origin: format!("http://localhost:{port}"),
            program: program.to_owned(),
            database: database.to_owned(),
            log: folder.join("log.txt"),
            port,
            running: None,
        };
        server.restart()?;
        Ok(server)
    }

    /// Ends it, where it runs, and starts it with nothing in memory.
    pub fn restart(&mut self) -> Result<(), Failure> {
        self.stop();
        let mut child = Command::new(&self.program)
            .arg("serve")
            .env_clear()
            .env("SATCHEL_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("SATCHEL_ORIGIN", &self.origin)
            .env("SATCHEL_DATABASE_URL", &self.database)
            .env("SATCHEL_SECRET_KEY", SECRET_KEY)
            .env("SATCHEL_TRUSTED_PROXY", "true")
            .env("SATCHEL_LOG", "warn")
            .env("SATCHEL_DIST", "none")
            .current_dir(self.log.parent().unwrap_or(Path::new("/")))
            .stdout(Stdio::piped())
            .stderr(File::options().append(true).create(true).open(&self.log)?)
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        while said.read_line(&mut line)? > 0 {
            if line.starts_with("Ready:") {
                self.running = Some((child, said));
                return Ok(());
            }
            line.clear();
        }
        child.wait()?;
        Err(format!("the server did not start: {}", std::fs::read_to_string(&self.log)?).into())
    }

    fn stop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            // It may have ended by itself.
            let _ = (child.kill(), child.wait());
        }
    }

    fn proc(&self, file: &str) -> String {
        let id = self.running.as_ref().map(|(child, _)| child.id()).unwrap_or_default();
        std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
    }

    /// User and system time so far.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = self.proc("stat");
        let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
    }

    /// Most memory it has held at a time.
    pub fn peak_megabytes(&self) -> f64 {
        let status = self.proc("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
        kilobytes.unwrap_or_default() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
