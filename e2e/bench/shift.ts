// The memory that a shift takes: sixty visits on one device that is never reloaded, locked and unlocked in between.
import type { CDPSession, Page } from "@playwright/test";
import { Device, IPAD } from "../support/device.js";
import { SignIn } from "../support/screens/sign-in.js";
import { WorkList } from "../support/screens/work-list.js";
import { everythingListed, fill } from "./filled.js";
import { rendererOf } from "./renderer.js";
import { remark, report } from "./report.js";
import { Server } from "./server.js";

const CONSULTATIONS = 1_000;
/** Eight hours with a visit every eight minutes. */
const VISITS = 60;
/** Visits after which the device is put away and taken out again. */
const LOCKED_AFTER = 5;

export async function shift(): Promise<void> {
  const server = await Server.start();
  const device = await Device.open({ viewport: IPAD });
  const { page } = device;
  page.setDefaultTimeout(60_000);
  await page.addInitScript(() => {
    addEventListener("TrunkApplicationStarted", (event) => Object.assign(window, { started: (event as CustomEvent).detail }));
  });
  try {
    await fill(server, CONSULTATIONS);
    const signIn = new SignIn(page);
    await signIn.enrol(await server.invite());
    await everythingListed(page, CONSULTATIONS, 0);
    const session = await page.context().newCDPSession(page);
    for (let visits = 0; visits <= VISITS; visits++) {
      if (visits === LOCKED_AFTER || visits === VISITS / 4 || visits === VISITS / 2 || visits === VISITS) {
        await measure(session, page, device, visits);
      }
      if (visits < VISITS) await visit(page, visits);
      if (visits % LOCKED_AFTER === LOCKED_AFTER - 1) {
        await signIn.lock();
        await signIn.touchSensor();
        await page.locator(".entry__link").first().waitFor();
      }
    }
  } finally {
    await device.dispose();
    await server.dispose();
  }
}

/** Finds a patient, opens the consultation, writes three things, and goes back once they are with the server. */
async function visit(page: Page, index: number): Promise<void> {
  const workList = new WorkList(page);
  await workList.search(`bench${100 + index * 7},`);
  await page.getByRole("link", { name: new RegExp(`^Bench${100 + index * 7},`, "i") }).click();
  const answers = page.locator(".visit__form textarea");
  await answers.first().waitFor();
  for (let answer = 0; answer < 3; answer++) {
    await answers.nth(answer).fill(`Visit ${index}: it began on Friday and is no worse today, number ${answer}`);
    await page.keyboard.press("Tab");
  }
  await page.getByText("With the server").first().waitFor();
  await workList.goto();
}

async function measure(session: CDPSession, page: Page, device: Device, visits: number): Promise<void> {
  await new Promise((wake) => setTimeout(wake, 3_000));
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const wasm = await page.evaluate(
    () => (window as unknown as { started: { wasm: { memory: WebAssembly.Memory } } }).started.wasm.memory.buffer.byteLength,
  );
  const { nodes, jsEventListeners } = await session.send("Memory.getDOMCounters");
  remark(`After ${visits} visits: ${nodes} nodes, ${jsEventListeners} listeners`);
  const line = (bench: string, bytes: number) =>
    report({ bench, value: bytes / (1 << 20), unit: "MB", n: visits });
  line("shift-script-memory", usedSize);
  line("shift-wasm-memory", wasm);
  line("shift-renderer-memory", rendererOf(device).bytes);
}
