// A synthetic year of 200,000 consultations at 40 pharmacies: the month of claims, the figures and the exports on the
// server, and the figures of one pharmacy on a device without a network.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { Device, IPAD } from "../support/device.js";
import { SignIn } from "../support/screens/sign-in.js";
import { WorkList } from "../support/screens/work-list.js";
import { everythingListed } from "./filled.js";
import { clickToPainted } from "./painted.js";
import { medianOf, report, type Measured } from "./report.js";
import { Server, year as program } from "./server.js";

const CONSULTATIONS = Number(process.env.SATCHEL_BENCH_YEAR ?? 200_000);
const PHARMACIES = 40;
const ONE = CONSULTATIONS / PHARMACIES;
/** A device keeps what was signed within so many days. */
const DAYS = 28;
const TIMES = 5;
const SLOWER = 4;

export async function year(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "satchel-year-"));
  try {
    const command = [`sqlite://${folder}/satchel.db`, String(CONSULTATIONS), String(PHARMACIES)];
    const measuring = spawn(program, command, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(measuring, "exit");
    for await (const line of createInterface(measuring.stdout)) report(JSON.parse(line) as Measured);
    const [code] = await ended;
    if (code !== 0) throw new Error(`the year ended with ${code}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await onTheDevice();
}

async function onTheDevice(): Promise<void> {
  const server = await Server.start();
  const device = await Device.open({ viewport: IPAD });
  const { page } = device;
  page.setDefaultTimeout(300_000);
  try {
    await promisify(execFile)(program, ["fill", server.database, String(ONE), "1", String(DAYS)]);
    await new SignIn(page).enrol(await server.invite());
    await everythingListed(page, ONE, 5_000);
    await server.dispose();
    const throttle = await page.context().newCDPSession(page);
    for (const rate of [1, SLOWER]) {
      await throttle.send("Emulation.setCPUThrottlingRate", { rate });
      for (const [name, drawn] of [["Figures", ".figure__picture"], ["Claims", "[data-service]"]] as const) {
        const opened = async () => {
          const painted = clickToPainted(page, drawn);
          await page.getByRole("link", { name, exact: true }).click();
          const took = await painted;
          await new WorkList(page).goto();
          return took;
        };
        const suffix = rate === 1 ? "" : `-${rate}x-slower`;
        const value = await medianOf(TIMES, opened);
        report({ bench: `${name.toLowerCase()}-on-device${suffix}`, value, unit: "ms", n: ONE });
      }
    }
  } finally {
    await device.dispose();
    await server.dispose();
  }
}
