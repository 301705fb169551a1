// A device with 10,000 consultations: pulling them, painting the list offline, opening one, searching.
import type { Page } from "@playwright/test";
import { Device, IPAD } from "../support/device.js";
import { SignIn } from "../support/screens/sign-in.js";
import { WorkList } from "../support/screens/work-list.js";
import { everythingListed, fill } from "./filled.js";
import { fromTouchToList } from "./fingerprint.js";
import { traceTasks } from "./main-thread.js";
import { clickToPainted } from "./painted.js";
import { slowedDown } from "./renderer.js";
import { median, medianOf, remark, report } from "./report.js";
import { Server } from "./server.js";

const CONSULTATIONS = Number(process.env.SATCHEL_BENCH_CONSULTATIONS ?? 10_000);
const TIMES = 5;
/** How much slower an old tablet is than this machine. */
const SLOWER = 4;
/** Milliseconds for what is still being written after the last consultation has arrived. */
const SETTLE = 8_000;
/** Typed a letter at a time: a word that many have, one's own name, and a number. */
const SEARCHES = ["bench12", "throat", "bench4321", "9991"];

export async function fullVault(): Promise<void> {
  const server = await Server.start();
  const device = await Device.open({ viewport: IPAD });
  const { page } = device;
  page.setDefaultTimeout(300_000);
  try {
    await fill(server, CONSULTATIONS);
    const throttle = await page.context().newCDPSession(page);
    await throttle.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await pull(server, device);
    // From here on there is no network.
    await server.dispose();
    for (const rate of [1, SLOWER]) {
      await throttle.send("Emulation.setCPUThrottlingRate", { rate });
      const line = (bench: string, value: number) =>
        report({ bench: rate === 1 ? bench : `${bench}-${rate}x-slower`, value, unit: "ms", n: CONSULTATIONS });
      const reopened = async () => {
        await reopen(server, device);
        return await fromTouchToList(device);
      };
      line("list-painted", await medianOf(TIMES, reopened));
      await everythingListed(page, CONSULTATIONS, SETTLE);
      await searches(page, line);
      line("record-open", await medianOf(TIMES * 2, () => openOne(page)));
    }
    await throttle.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    const workersToo = async () => {
      await reopen(server, device);
      return await slowedDown(device, SLOWER, () => fromTouchToList(device));
    };
    const suffix = `-${SLOWER}x-slower-workers-too`;
    report({ bench: `list-painted${suffix}`, value: await medianOf(TIMES, workersToo), unit: "ms", n: CONSULTATIONS });
    await everythingListed(page, CONSULTATIONS, SETTLE);
    const opened = () => slowedDown(device, SLOWER, () => clickToForm(page));
    report({ bench: `record-open${suffix}`, value: await medianOf(TIMES, () => openOne(page, opened)), unit: "ms", n: CONSULTATIONS });
  } finally {
    await device.dispose();
    await server.dispose();
  }
}

/** Enrols and pulls everything, with the main thread slowed down; how long its longest task was. */
async function pull(server: Server, device: Device): Promise<void> {
  const { page } = device;
  await new SignIn(page).enrol(await server.invite());
  const traced = await traceTasks(page);
  const began = performance.now();
  await everythingListed(page, CONSULTATIONS, SETTLE);
  const line = (bench: string, value: number, unit: string) =>
    report({ bench: `${bench}-${SLOWER}x-slower`, value, unit, n: CONSULTATIONS });
  line("pull-all", (performance.now() - began) / 1000, "s");
  const tasks = (await traced()).tasks.map((task) => task.length).sort((a, b) => b - a);
  remark(`Longest tasks: ${tasks.slice(0, 12).map((length) => length.toFixed(0)).join(", ")} ms`);
  line("pull-longest-task", tasks[0] ?? NaN, "ms");
  line("pull-tasks-over-50ms", tasks.filter((length) => length > 50).length, "tasks");
}

async function reopen(server: Server, device: Device): Promise<void> {
  await device.closeApp();
  await device.page.goto(server.origin);
  await device.page.getByRole("button", { name: "Touch sensor" }).waitFor();
  // What an app does on its own while somebody reaches for the sensor.
  await new Promise((wake) => setTimeout(wake, 1_000));
}

/** Opens a consultation that was not open before, and goes back. */
async function openOne(page: Page, measured = () => clickToForm(page)): Promise<number> {
  const took = await measured();
  await new WorkList(page).goto();
  await page.locator(".entry__link").first().waitFor();
  await new Promise((wake) => setTimeout(wake, 1_500));
  return took;
}

/** Milliseconds by the page's own clock from the click on an entry until its consultation has been painted. */
async function clickToForm(page: Page): Promise<number> {
  const painted = clickToPainted(page, ".visit__form .page-heading");
  // Those in sight; each time another one.
  opened = (opened + 1) % 5;
  await page.locator(".entry__link").nth(opened).click();
  return await painted;
}

let opened = 0;

/** Processor time of the main thread from each keystroke in the search until its result has been painted. */
async function searches(page: Page, line: (bench: string, value: number) => void): Promise<void> {
  await page.evaluate(() => {
    addEventListener(
      "input",
      () => {
        performance.mark("typed");
        requestAnimationFrame(() => {
          const after = new MessageChannel();
          after.port1.onmessage = () => performance.mark("painted");
          after.port2.postMessage(0);
        });
      },
      { capture: true },
    );
  });
  const traced = await traceTasks(page);
  const box = page.getByLabel("Search by name, NHS number or postcode");
  for (const words of SEARCHES) {
    await box.fill("");
    await box.pressSequentially(words, { delay: 180 });
    await new Promise((wake) => setTimeout(wake, 400));
  }
  await box.fill("");
  const { tasks, marks } = await traced();
  const typed = marks.filter((mark) => mark.name === "typed");
  const busy = typed.flatMap(({ at }) => {
    const painted = marks.find((mark) => mark.name === "painted" && mark.at > at);
    if (!painted) return [];
    const within = tasks.filter((task) => task.to >= at && task.from <= painted.at);
    return [within.reduce((sum, task) => sum + task.length, 0)];
  });
  remark(`Keystrokes: ${busy.map((length) => length.toFixed(0)).join(", ")} ms`);
  line("search-keystroke", median(busy));
  line("search-keystroke-longest", Math.max(...busy));
}
