// How many NHS 111 reports a second are read, filed and on disk before the sender hears yes, and how long each waits.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { report } from "./report.js";
import { Server } from "./server.js";

const REPORTS = 1_000;
const AT_ONCE = 16;
/** The pace that must be kept, and for how long. */
const A_SECOND = 200;
const SECONDS = 30;
const fixture = readFileSync(
  new URL("../../server/src/intake/itk111/fixtures/minor-illness-dx28.xml", import.meta.url),
  "utf8",
).replaceAll("FZ999", "FA123");

export async function itkReports(): Promise<void> {
  const server = await Server.start();
  try {
    const before = JSON.parse(await server.command("consultations", "--json")).length;
    const bodies = Array.from({ length: REPORTS }, (_, index) => another(index));
    const began = performance.now();
    const sender = async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await post(server, body);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    const seconds = (performance.now() - began) / 1000;
    const added = JSON.parse(await server.command("consultations", "--json")).length - before;
    if (added !== REPORTS) throw new Error(`${REPORTS} reports made ${added} consultations`);
    report({ bench: "itk-reports", value: REPORTS / seconds, unit: "per second", n: REPORTS });
  } finally {
    await server.dispose();
  }
}

/** 200 a second for half a minute, each counted from when it was due: one that waits for the one before it waits too. */
export async function itkPaced(): Promise<void> {
  const server = await Server.start();
  try {
    const before = JSON.parse(await server.command("consultations", "--json")).length;
    const bodies = Array.from({ length: A_SECOND * SECONDS }, (_, index) => another(index));
    // The first reports meet a server that has not yet touched its database.
    for (let index = 0; index < A_SECOND; index++) await post(server, another(bodies.length + index));
    const began = performance.now();
    const waited = await Promise.all(
      bodies.map(async (body, index) => {
        const due = began + (index * 1000) / A_SECOND;
        await new Promise((wake) => setTimeout(wake, due - performance.now()));
        await post(server, body);
        return performance.now() - due;
      }),
    );
    const added = JSON.parse(await server.command("consultations", "--json")).length - before;
    const n = bodies.length;
    if (added !== n + A_SECOND) throw new Error(`${n + A_SECOND} reports made ${added} consultations`);
    waited.sort((a, b) => a - b);
    report({ bench: "itk-reports-p50", value: waited[Math.floor(n * 0.5)]!, unit: "ms", n });
    report({ bench: "itk-reports-p99", value: waited[Math.floor(n * 0.99)]!, unit: "ms", n });
  } finally {
    await server.dispose();
  }
}

/** Sends one report; resolves once the sender has been told yes. */
export async function post(server: Server, body: string): Promise<void> {
  const answer = await fetch(`${server.origin}/itk/report`, {
    method: "POST",
    headers: { "content-type": "text/xml" },
    body,
  });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`A report was not taken: ${answer.status} ${said}`);
}

/** The same call by another patient: every identity that a report is recognised by is new. */
export function another(index: number): string {
  const fresh = new Map<string, string>();
  const anew = (id: string) => fresh.get(id) ?? fresh.set(id, randomUUID().toUpperCase()).get(id)!;
  return fixture
    .replace(/[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}/g, anew)
    .replaceAll('extension="70101"', `extension="${800_000 + index}"`)
    .replaceAll("9997001028", nhsNumber(index))
    .replaceAll("Brambleworth", `Brambleworth${index}`);
}

/** A number that passes the check digit, from the 999 range that is never given to anyone. */
function nhsNumber(index: number): string {
  for (let candidate = index * 11; ; candidate++) {
    const nine = `999${String(candidate).padStart(6, "0")}`;
    const sum = [...nine].reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check !== 10) return `${nine}${check}`;
  }
}
