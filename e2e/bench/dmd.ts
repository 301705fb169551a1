// The dictionary of medicines at full size: how it comes in, what devices fetch, and how quickly they find in it.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { Device, IPAD } from "../support/device.js";
import { SignIn } from "../support/screens/sign-in.js";
import { percentile, remark, report } from "./report.js";
import { binary, searchMedicines, Server } from "./server.js";

const run = promisify(execFile);
/** How much slower an old tablet is than this machine. */
const SLOWER = 4;
/** Typed letter by letter, as people do; every letter is measured. */
const TYPED = [
  "amox 500 cap", "co-amox", "salb inh", "amoxicillin 500mg capsules", "para", "paracetamol 500 tab", "pred 5",
  "prednisolone 5mg tab", "ventolin", "omep 20", "ator 40", "metf 500 mr", "insulin asp", "levothyroxine 100", "ram 5 cap",
  "bisop 2.5", "co-cod 30/500", "tab", "t", "a", "5", "500 mg", "cream 1%", "eye drops", "doxy 100", "pen v 250", "susp 5ml",
];

async function synthetic(file: string, folder: string): Promise<void> {
  const options = { cwd: folder, env: { PATH: process.env.PATH }, maxBuffer: 16 << 20 };
  // A week later than the small one that a demonstration begins with.
  await run(binary, ["dmd", "synthetic", file, "--size", "full", "--week", "1"], options);
}

export async function dmdImport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "satchel-bench-"));
  const environment = {
    PATH: process.env.PATH,
    MALLOC_ARENA_MAX: "2",
    SATCHEL_DATABASE_URL: `sqlite://${folder}/satchel.db`,
  };
  const options = { cwd: folder, env: environment, maxBuffer: 16 << 20 };
  try {
    await synthetic("release.zip", folder);
    const memory = join(folder, "memory");
    const began = performance.now();
    await run("/usr/bin/time", ["-f", "%M", "-o", memory, binary, "dmd", "import", "release.zip"], options);
    report({ bench: "dmd-import", value: (performance.now() - began) / 1000, unit: "s" });
    report({ bench: "dmd-import-memory", value: Number(readFileSync(memory, "utf8")) / 1024, unit: "MB" });
    const status = (await run(binary, ["dmd", "status"], options)).stdout;
    for (const [, name, bytes] of status.matchAll(/^(core|full): (\d+) bytes/gm)) {
      report({ bench: `dmd-${name}-file`, value: Number(bytes) / 1e6, unit: "MB" });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the browser with brands, offline; then the same file natively, in turn with SQLite's full-text search. */
export async function dmdSearch(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "satchel-bench-"));
  const server = await Server.start();
  const device = await Device.open({ viewport: IPAD });
  const { page } = device;
  page.setDefaultTimeout(120_000);
  try {
    const release = join(folder, "release.zip");
    await synthetic(release, folder);
    await server.command("dmd", "import", release);
    await new SignIn(page).enrol(await server.invite());
    await page.getByRole("link", { name: "Medicines", exact: true }).first().click();
    const file = await fetched(page);
    // From here on there is no network.
    await server.dispose();
    const throttle = await page.context().newCDPSession(page);
    for (const rate of [1, SLOWER]) {
      await throttle.send("Emulation.setCPUThrottlingRate", { rate });
      const suffix = rate === 1 ? "" : `-${rate}x-slower`;
      const times = await keystrokes(page);
      for (const [what, each] of [["search", times.map((time) => time.search)], ["keystroke", times.map((time) => time.all)]] as const) {
        for (const share of [50, 99]) {
          report({ bench: `dmd-${what}-p${share}${suffix}`, value: percentile(each, share), unit: "ms", n: each.length });
        }
      }
    }
    const path = join(folder, "medicines");
    writeFileSync(path, file);
    remark("Measuring natively, in turn with SQLite FTS5");
    const { stdout } = await run(searchMedicines, [path, ...TYPED], { cwd: folder, maxBuffer: 16 << 20 });
    process.stdout.write(stdout);
  } finally {
    await device.dispose();
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until the file with brands is kept on the device and reads it from there. */
async function fetched(page: Page): Promise<Buffer> {
  for (let tries = 0; tries < 240; tries++) {
    const file = await page.evaluate(async () => {
      const cache = await caches.open("medicines");
      const request = (await cache.keys()).find((request) => /full/.test(request.url));
      const answer = request && (await cache.match(request));
      if (!answer) return "";
      const bytes = new Uint8Array(await answer.arrayBuffer());
      let text = "";
      for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
      return btoa(text);
    });
    if (file) return Buffer.from(file, "base64");
    await page.waitForTimeout(500);
  }
  throw new Error("The file with brands did not arrive within two minutes.");
}

/** Milliseconds for each letter: the search alone, and until the list for it stands in the page. */
async function keystrokes(page: Page): Promise<{ all: number; search: number }[]> {
  const box = page.getByRole("combobox").first();
  await box.fill("amoxicillin");
  await page.getByRole("option").first().waitFor();
  return await box.evaluate(async (element, typed) => {
    const input = element as HTMLInputElement;
    const times: { all: number; search: number }[] = [];
    const turn = new MessageChannel();
    for (const words of typed) {
      for (let letters = 0; letters <= words.length; letters++) {
        const before = performance.now();
        input.value = words.slice(0, letters);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        // What was put off until the next turn is done by then. (A named function would not survive the way into the page.)
        await new Promise<void>((done) => {
          turn.port1.onmessage = () => done();
          turn.port2.postMessage(0);
        });
        const all = performance.now() - before;
        const [search] = performance.getEntriesByName("medicines-search");
        if (letters > 0) times.push({ all, search: search?.duration ?? Number.NaN });
        // Painting is the browser's, and must not run into the next letter.
        await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
      }
    }
    return times;
  }, TYPED);
}
