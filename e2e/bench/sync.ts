// Consultations to the server and back, single edits, many devices at once; and PouchDB with the same records in turn.
import { fork, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { automergeRepo } from "./automerge-repo.js";
import { median, remark, report, rounded, type Measured } from "./report.js";
import { Server, benchDevice, freePort, memoryOf, secondsOf } from "./server.js";

/** How many consultations, and how often each side is measured with them, one after the other. */
const SIZES = [
  { n: 1_000, runs: 5, edits: true },
  { n: 10_000, runs: 3, edits: false },
];
/** Beyond this many, PouchDB takes so long to make its own records that it is measured once. */
const ONCE_BEYOND = 1_000;
const PEER = "pouchdb";
/** On a disk: the folder for passing files may be memory, where nothing waits for a disk. */
const work = new URL("../../target/bench/", import.meta.url).pathname;

/** What both sides are measured by, under the names of our lines. */
type Theirs = Record<"push" | "pull" | "client-cpu" | "server-cpu" | "cpu" | "server-peak-memory", number>;

export async function sync(): Promise<void> {
  mkdirSync(work, { recursive: true });
  await printed(["steps", "1000"]);
  await printed(["limits", "1000", work]);
  for (const { n, runs, edits } of SIZES) {
    const ours: Measured[][] = [];
    const theirs: Theirs[] = [];
    for (let run = 0; run < runs; run++) {
      ours.push(await measured(n, edits));
      if (run > 0 && n > ONCE_BEYOND) continue;
      await pouchdb(n).then((figures) => theirs.push(figures), (problem) => remark(`Measuring without PouchDB: ${problem}`));
    }
    compare(ours, theirs, n);
  }
  await automergeRepo(SIZES[0]!.n).catch((problem) => remark(`Measuring without automerge-repo: ${problem}`));
}

/** Each line's median of all runs, beside the peer's. */
function compare(ours: Measured[][], theirs: Theirs[], n: number): void {
  for (const line of ours[0] ?? []) {
    const value = median(ours.flatMap((run) => run.filter(({ bench }) => bench === line.bench).map((line) => line.value)));
    const of = theirs.map((figures) => figures[line.bench as keyof Theirs]).filter((value) => value !== undefined);
    report(of.length ? { ...line, value, peer: PEER, ratio: rounded(value / median(of)) } : { ...line, value });
    if (of.length) report({ bench: `${line.bench}-of-peer`, value: median(of), unit: line.unit, n, peer: PEER });
  }
}

/** Passes on what the bench device prints. */
async function printed(command: string[]): Promise<void> {
  for (const line of await lines(spawn(benchDevice, command, { stdio: ["ignore", "pipe", "inherit"] }))) report(line);
}

async function lines(device: ChildProcess, seen?: (line: Measured) => Measured[]): Promise<Measured[]> {
  const ended = once(device, "exit");
  const found: Measured[] = [];
  for await (const text of createInterface({ input: device.stdout! })) {
    const line = JSON.parse(text) as Measured;
    found.push(line, ...(seen?.(line) ?? []));
  }
  const [code] = await ended;
  if (code !== 0) throw new Error("The bench device failed; the reason stands above.");
  return found;
}

async function measured(n: number, edits: boolean): Promise<Measured[]> {
  const server = await Server.start();
  try {
    const idle = server.memory().now;
    const link = await server.invite();
    const before = server.seconds();
    const command = edits
      ? ["all", server.origin, link, String(n), String(server.pid)]
      : ["bulk", server.origin, link, String(n)];
    const device = spawn(benchDevice, command, { stdio: ["ignore", "pipe", "inherit"] });
    return await lines(device, ({ bench, value }) => {
      // The single edits that follow are another matter.
      if (bench !== "client-cpu") return [];
      const { peak } = server.memory();
      const seconds = server.seconds() - before;
      return [
        { bench: "server-cpu", value: seconds, unit: "s", n },
        { bench: "cpu", value: seconds + value, unit: "s", n },
        { bench: "server-peak-memory", value: peak, unit: "MB", n },
        { bench: "server-peak-memory-over-idle", value: peak - idle, unit: "MB", n },
      ];
    });
  } finally {
    await server.dispose();
  }
}

async function pouchdb(n: number): Promise<Theirs> {
  const code = new URL("peer/", import.meta.url).pathname;
  if (!existsSync(join(code, "node_modules"))) throw new Error("it is not installed");
  const folder = mkdtempSync(join(tmpdir(), "satchel-peer-"));
  const port = await freePort();
  const server = fork(join(code, "server.mjs"), [folder, String(port)], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
  try {
    await once(server, "message");
    const client = fork(join(code, "client.mjs"), [folder, `http://127.0.0.1:${port}/consultations`], {
      stdio: ["pipe", "ignore", "inherit", "ipc"],
      execArgv: [],
    });
    const failed = once(client, "exit").then(([code]) => {
      throw new Error(`its client ended with ${code}`);
    });
    failed.catch(() => {});
    const records = spawn(benchDevice, ["records", String(n)], { stdio: ["ignore", "pipe", "inherit"] });
    records.stdout.pipe(client.stdin!);
    await Promise.race([once(client, "message"), failed]);
    const before = secondsOf(server.pid);
    client.send("begin");
    const [said] = (await Promise.race([once(client, "message"), failed])) as [
      { push: number; pull: number; bytes: number; seconds: number },
    ];
    remark(`PouchDB's records are ${said.bytes} bytes of JSON each`);
    const seconds = secondsOf(server.pid) - before;
    return {
      push: said.push,
      pull: said.pull,
      "client-cpu": said.seconds,
      "server-cpu": seconds,
      cpu: seconds + said.seconds,
      "server-peak-memory": memoryOf(server.pid).peak,
    };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
