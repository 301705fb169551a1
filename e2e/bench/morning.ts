// A thousand pharmacies start in the same moment, each with 200 consultations that changed overnight: on an SQLite file
// and on PostgreSQL.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { remark, report, type Measured } from "./report.js";
import { binary, morningStart } from "./server.js";

const PHARMACIES = 1_000;
const DOCUMENTS = 200;

export async function morning(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "satchel-morning-"));
  try {
    await on("sqlite", `sqlite://${folder}/satchel.db`, folder);
    const postgres = process.env.SATCHEL_TEST_POSTGRES;
    if (postgres) await on("postgres", postgres, folder);
    else remark("SATCHEL_TEST_POSTGRES is not set: measuring on SQLite only");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function on(database: string, url: string, folder: string): Promise<void> {
  const command = [binary, url, folder, String(PHARMACIES), String(DOCUMENTS)];
  const clients = spawn(morningStart, command, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(clients, "exit");
  for await (const line of createInterface(clients.stdout)) {
    const measured = JSON.parse(line) as Measured;
    report({ ...measured, bench: `${measured.bench}-${database}` });
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the devices ended with ${code}`);
}
