// The released server as a process that is watched from outside: when it is ready, and how much memory it takes.
import { spawn, execFile, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const root = new URL("../../", import.meta.url).pathname;
export const binary = join(root, "target/release/satchel");
export const benchDevice = join(root, "target/release/examples/bench_sync");
export const searchMedicines = join(root, "target/release/examples/search_medicines");
export const morningStart = join(root, "target/release/examples/morning_start");
export const year = join(root, "target/release/examples/year");

export class Server {
  private process: ChildProcess | undefined;
  private log = "";
  private readonly folder = mkdtempSync(join(tmpdir(), "satchel-bench-"));
  /** Milliseconds from starting the process until it answered that it is ready. */
  readyAfter = 0;

  private constructor(private readonly port: number) {}

  /** With an empty folder and simulated NHS services. */
  static async start(): Promise<Server> {
    const server = new Server(await freePort());
    const began = performance.now();
    const process = spawn(binary, ["serve", "--demo"], { env: server.environment, cwd: server.folder });
    server.process = process;
    for (const stream of [process.stdout, process.stderr]) stream.on("data", (text) => (server.log += text));
    while (!(await server.ready())) {
      if (process.exitCode !== null || performance.now() - began > 30_000) {
        await server.dispose();
        throw new Error(`The server did not start:\n${server.log}`);
      }
      await new Promise((wake) => setTimeout(wake, 2));
    }
    server.readyAfter = performance.now() - began;
    return server;
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  /** Where its records are. */
  get database(): string {
    return `sqlite://${this.folder}/satchel.db`;
  }

  private async ready(): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/health/ready`).catch(() => undefined);
    return answer?.ok ?? false;
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      SATCHEL_LOG: "warn",
      // As docs/benchmarks.md advises for a server with little memory.
      MALLOC_ARENA_MAX: "2",
      SATCHEL_LISTEN: `127.0.0.1:${this.port}`,
      SATCHEL_ORIGIN: this.origin,
      SATCHEL_DATABASE_URL: this.database,
      SATCHEL_DIST: process.env.SATCHEL_DIST,
    };
  }

  /** Runs a command of the server's own tool beside the running server. */
  async command(...args: string[]): Promise<string> {
    const options = { env: this.environment, cwd: this.folder, maxBuffer: 64 << 20 };
    return (await promisify(execFile)(binary, args, options)).stdout;
  }

  async invite(): Promise<string> {
    const printed = await this.command("invite", "--pharmacy", "FA123", "--role", "pharmacist");
    const link = printed.match(/http\S+/)?.[0];
    if (!link) throw new Error(`No link in: ${printed}`);
    return link;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  memory(): { now: number; peak: number } {
    return memoryOf(this.pid);
  }

  /** Seconds of processor time so far. */
  seconds(): number {
    return secondsOf(this.pid);
  }

  async dispose(): Promise<void> {
    const process = this.process;
    if (process && process.exitCode === null) {
      const ended = new Promise((done) => process.once("exit", done));
      process.kill("SIGTERM");
      const forced = setTimeout(() => process.kill("SIGKILL"), 8_000);
      await ended;
      clearTimeout(forced);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resident megabytes of a process, now and at most so far (Linux). */
export function memoryOf(pid: number | undefined): { now: number; peak: number } {
  const path = `/proc/${pid}/status`;
  const status = existsSync(path) ? readFileSync(path, "utf8") : "";
  const megabytes = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+) kB`))?.[1] ?? NaN) / 1024;
  return { now: megabytes("VmRSS"), peak: megabytes("VmHWM") };
}

/** User and system seconds a process has used so far (Linux). */
export function secondsOf(pid: number | undefined): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return NaN;
  const [user, system] = readFileSync(path, "utf8").split(") ")[1]!.split(" ").slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

export async function freePort(): Promise<number> {
  return await new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? done(address.port) : failed(new Error("no port"))));
    });
  });
}
