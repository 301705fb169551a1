// A thousand consultations to the server and back, single edits, many devices at once; and PouchDB with the same records.
import { fork, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { remark, report, rounded, type Measured } from "./report.js";
import { Server, benchDevice, freePort, memoryOf, secondsOf } from "./server.js";

const CONSULTATIONS = 1_000;
const PEER = "pouchdb";

/** What both sides are measured by. */
interface Figures {
  push: number;
  pull: number;
  serverSeconds: number;
}

export async function sync(): Promise<void> {
  const { lines, figures } = await ours();
  const peer = await theirs().catch((problem) => {
    remark(`Measuring without PouchDB: ${problem}`);
    return undefined;
  });
  for (const line of lines) {
    const theirs = peer && { push: peer.push, pull: peer.pull, "server-cpu": peer.serverSeconds }[line.bench];
    report(theirs ? { ...line, peer: PEER, ratio: rounded(line.value / theirs) } : line);
  }
  if (!peer) return;
  report({ bench: "push-of-peer", value: peer.push, unit: "ms", n: CONSULTATIONS, peer: PEER, ratio: rounded(peer.push / figures.push) });
  report({ bench: "pull-of-peer", value: peer.pull, unit: "ms", n: CONSULTATIONS, peer: PEER, ratio: rounded(peer.pull / figures.pull) });
}

async function ours(): Promise<{ lines: Measured[]; figures: Figures }> {
  const server = await Server.start();
  try {
    const idle = server.memory().now;
    const link = await server.invite();
    const secondsBefore = server.seconds();
    const device = spawn(benchDevice, ["all", server.origin, link, String(CONSULTATIONS)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(device, "exit");
    const lines: Measured[] = [];
    for await (const text of createInterface({ input: device.stdout })) {
      const line = JSON.parse(text) as Measured;
      lines.push(line);
      // The single edits that follow are another matter.
      if (line.bench !== "pull-wire") continue;
      const n = CONSULTATIONS;
      lines.push({ bench: "server-cpu", value: server.seconds() - secondsBefore, unit: "s", n });
      lines.push({ bench: "server-peak-memory", value: server.memory().peak, unit: "MB", n });
      lines.push({ bench: "server-peak-memory-over-idle", value: server.memory().peak - idle, unit: "MB", n });
    }
    const [code] = await ended;
    if (code !== 0) throw new Error("The bench device failed; the reason stands above.");
    const value = (bench: string) => lines.find((line) => line.bench === bench)?.value ?? NaN;
    return { lines, figures: { push: value("push"), pull: value("pull"), serverSeconds: value("server-cpu") } };
  } finally {
    await server.dispose();
  }
}

async function theirs(): Promise<Figures> {
  const code = new URL("peer/", import.meta.url).pathname;
  if (!existsSync(join(code, "node_modules"))) throw new Error("it is not installed");
  const folder = mkdtempSync(join(tmpdir(), "satchel-peer-"));
  const port = await freePort();
  const server = fork(join(code, "server.mjs"), [folder, String(port)], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
  try {
    await once(server, "message");
    remark(`PouchDB's server idles at ${rounded(memoryOf(server.pid).now)} MB`);
    const secondsBefore = secondsOf(server.pid);
    const client = fork(join(code, "client.mjs"), [folder, `http://127.0.0.1:${port}/consultations`], {
      stdio: ["pipe", "ignore", "inherit", "ipc"],
      execArgv: [],
    });
    const records = spawn(benchDevice, ["records", String(CONSULTATIONS)], { stdio: ["ignore", "pipe", "inherit"] });
    records.stdout.pipe(client.stdin!);
    const { push, pull, bytes } = await answer(client);
    remark(`PouchDB's records are ${bytes} bytes of JSON each; its server peaked at ${rounded(memoryOf(server.pid).peak)} MB`);
    return { push, pull, serverSeconds: secondsOf(server.pid) - secondsBefore };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answer(client: ChildProcess): Promise<{ push: number; pull: number; bytes: number }> {
  return await new Promise((done, failed) => {
    client.once("message", (said) => done(said as { push: number; pull: number; bytes: number }));
    client.once("exit", (code) => failed(new Error(`its client ended with ${code}`)));
  });
}
