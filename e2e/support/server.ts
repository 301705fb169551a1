// The real server with simulated NHS services, one a journey, on a port and a database of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;
const binary = process.env.SATCHEL_BINARY ?? join(root, "target/debug/satchel");

export class Server {
  private process: ChildProcess | undefined;
  /** Everything the server has said, for searching. */
  log = "";
  readonly folder = mkdtempSync(join(tmpdir(), "satchel-e2e-"));

  private constructor(
    readonly port: number,
    private readonly settings: NodeJS.ProcessEnv,
  ) {}

  static async start(): Promise<Server> {
    const server = await Server.prepare();
    await server.start();
    return server;
  }

  /** Not started yet: its address is known, and settings can still be given. */
  static async prepare(): Promise<Server> {
    return new Server(await freePort(), {});
  }

  /** More settings, from the next start on. */
  set(settings: NodeJS.ProcessEnv): void {
    Object.assign(this.settings, settings);
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      RUST_LOG: "debug",
      SATCHEL_LISTEN: `127.0.0.1:${this.port}`,
      SATCHEL_ORIGIN: this.origin,
      SATCHEL_DATABASE_URL: `sqlite://${this.folder}/satchel.db`,
      SATCHEL_DIST: process.env.SATCHEL_DIST ?? join(root, "dist"),
      ...this.settings,
    };
  }

  /** Starts it, or starts it again on the same port with the same database. */
  async start(): Promise<void> {
    const process = spawn(binary, ["serve", "--demo"], { env: this.environment, cwd: this.folder });
    this.process = process;
    process.stdout.on("data", (text) => (this.log += text));
    process.stderr.on("data", (text) => (this.log += text));
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      if (process.exitCode !== null) throw new Error(`The server ended:\n${this.log}`);
      const answer = await fetch(`${this.origin}/health/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`The server was not ready within 20 s:\n${this.log}`);
  }

  /** The network goes away: the process is gone, not a flag in the page. */
  async stop(): Promise<void> {
    const process = this.process;
    if (!process || process.exitCode !== null) return;
    const ended = new Promise((done) => process.once("exit", done));
    process.kill("SIGTERM");
    const forced = setTimeout(() => process.kill("SIGKILL"), 8_000);
    await ended;
    clearTimeout(forced);
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a command of the server's own tool beside the running server. */
  async command(...args: string[]): Promise<string> {
    return await new Promise((done, failed) => {
      const child = spawn(binary, args, { env: this.environment, cwd: this.folder });
      let out = "";
      let err = "";
      child.stdout.on("data", (text) => (out += text));
      child.stderr.on("data", (text) => (err += text));
      child.once("exit", (code) => (code === 0 ? done(out) : failed(new Error(`satchel ${args.join(" ")}: ${err}${out}`))));
    });
  }

  /** The audit log, oldest first, straight from the database. */
  async audit(): Promise<Array<{ action: string; subject: string }>> {
    const read = 'import json,sqlite3,sys; rows = sqlite3.connect(sys.argv[1]).execute("select action, subject from audit order by place"); print(json.dumps([dict(action=a, subject=s) for a, s in rows]))';
    return await new Promise((done, failed) => {
      const child = spawn("python3", ["-c", read, join(this.folder, "satchel.db")]);
      let out = "";
      child.stdout.on("data", (text) => (out += text));
      child.once("error", failed);
      child.once("exit", () => done(JSON.parse(out)));
    });
  }

  async invite(role = "pharmacist"): Promise<string> {
    const printed = await this.command("invite", "--pharmacy", "FA123", "--role", role);
    const link = printed.match(/http\S+/)?.[0];
    if (!link) throw new Error(`No link in: ${printed}`);
    return link;
  }

  async consultations(): Promise<Array<Record<string, string>>> {
    return JSON.parse(await this.command("consultations", "--json"));
  }

  async deliveries(): Promise<Array<Record<string, string>>> {
    return JSON.parse(await this.command("deliveries", "--json"));
  }

  /** Next week's release of the invented dictionary is imported beside the running server; its day. */
  async newerMedicines(): Promise<string> {
    const file = join(this.folder, "newer.zip");
    const written = await this.command("dmd", "synthetic", file, "--week", "1");
    await this.command("dmd", "import", file);
    return written.match(/\d{4}-\d{2}-\d{2}/)![0];
  }

  /** A report of NHS 111 as it lies among the fixtures. */
  fixture(file: string): string {
    return readFileSync(new URL(`../../server/src/intake/itk111/fixtures/${file}`, import.meta.url), "utf8");
  }

  /** NHS 111 posts a report. */
  async report(file: string, replace: Record<string, string> = {}): Promise<Response> {
    let body = this.fixture(file);
    // The fixtures are addressed to nobody; here they are meant for the demonstration's pharmacy.
    for (const [from, to] of Object.entries({ FZ999: "FA123", ...replace })) body = body.replaceAll(from, to);
    return await fetch(`${this.origin}/itk/report`, {
      method: "POST",
      headers: { "content-type": "text/xml" },
      body,
    });
  }
}

async function freePort(): Promise<number> {
  return await new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}
