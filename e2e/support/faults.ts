// Faults of the browser's storage, brought about in the page and in its worker. The app's own code runs unchanged.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    faults: { databases: IDBDatabase[]; abortNext: boolean; full: boolean };
  }
}

/** How many writing transactions still reach the disk before nothing does any more. */
export interface WritesLeft {
  page?: number;
  worker?: number;
}

/** To be called once, before the app is opened. */
export async function withFaults(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const left = sessionStorage.getItem("page-writes");
    let writesLeft = left === null ? Infinity : Number(left);
    const faults = { databases: [] as IDBDatabase[], abortNext: false, full: false };
    window.faults = faults;
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...given) {
      if (!faults.databases.includes(this)) faults.databases.push(this);
      const transaction = begin.apply(this, given);
      if (transaction.mode !== "readwrite") return transaction;
      // Aborted once all of it has been asked for, as a tab that dies leaves it.
      if (faults.abortNext || writesLeft-- <= 0) queueMicrotask(() => transaction.abort());
      faults.abortNext = false;
      return transaction;
    };
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      if (faults.full) throw new DOMException("no space", "QuotaExceededError");
      return put.apply(this, given);
    };
    const Plain = window.Worker;
    window.Worker = class extends Plain {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, { ...options, name: sessionStorage.getItem("worker-writes") ?? "" });
      }
    };
  });
}

/** Puts the app away; the next start of it, in the same tab, has so many writes left. */
export async function leave(page: Page, origin: string, left: WritesLeft): Promise<void> {
  // A page of the same website that runs nothing of the app.
  await page.goto(`${origin}/manifest.webmanifest`);
  await page.evaluate((left) => {
    sessionStorage.clear();
    for (const [where, count] of Object.entries(left)) sessionStorage.setItem(`${where}-writes`, String(count));
  }, left);
}

const WORKER = `
if (self.name !== "") {
  let left = Number(self.name);
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...given) {
    const transaction = begin.apply(this, given);
    if (transaction.mode === "readwrite" && left-- <= 0) queueMicrotask(() => transaction.abort());
    return transaction;
  };
}
`;

/** The built app in a folder of its own, with a worker whose writes can be counted. */
export function faultyApp(): { folder: string; dispose: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "satchel-faulty-"));
  cpSync(process.env.SATCHEL_DIST ?? new URL("../../dist", import.meta.url).pathname, folder, { recursive: true });
  const script = join(folder, "records-worker.js");
  writeFileSync(script, WORKER + readFileSync(script, "utf8"));
  rmSync(`${script}.br`, { force: true });
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}
