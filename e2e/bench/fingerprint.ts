// From the finger on the sensor to the first patients on the screen, offline, with a full vault.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Device, IPAD } from "../support/device.js";
import { SignIn } from "../support/screens/sign-in.js";
import { medianOf, remark, report } from "./report.js";
import { Server, benchDevice } from "./server.js";

const CONSULTATIONS = 1_000;
const TIMES = 5;
/** How much slower an old tablet is than this machine. */
const SLOWER = 4;

export async function fingerprintToList(): Promise<void> {
  const server = await Server.start();
  const device = await Device.open({ viewport: IPAD });
  const { page } = device;
  page.setDefaultTimeout(120_000);
  try {
    remark(`Filling the server with ${CONSULTATIONS} consultations`);
    await promisify(execFile)(benchDevice, ["push", server.origin, await server.invite(), String(CONSULTATIONS)]);
    const signIn = new SignIn(page);
    await signIn.enrol(await server.invite());
    await page.waitForFunction(
      (all) => [...document.querySelectorAll(".tabs__count")].some((count) => Number(count.textContent) >= all),
      CONSULTATIONS,
    );
    // What is still being written would be counted as unlocking.
    await page.evaluate("navigator.serviceWorker.ready");
    await new Promise((wake) => setTimeout(wake, 3_000));
    // From here on there is no network.
    await server.dispose();

    const throttle = await page.context().newCDPSession(page);
    const locked = async () => {
      await page.getByRole("button", { name: "Lock" }).click();
      return await fromTouchToList(device);
    };
    const reopened = async () => {
      await device.closeApp();
      await page.goto(server.origin);
      return await fromTouchToList(device);
    };
    for (const rate of [1, SLOWER]) {
      await throttle.send("Emulation.setCPUThrottlingRate", { rate });
      const suffix = rate === 1 ? "" : `-${rate}x-slower`;
      report({ bench: `fingerprint-to-list${suffix}`, value: await medianOf(TIMES, locked), unit: "ms", n: CONSULTATIONS });
      report({ bench: `reopened-to-list${suffix}`, value: await medianOf(TIMES, reopened), unit: "ms", n: CONSULTATIONS });
    }
  } finally {
    await device.dispose();
    await server.dispose();
  }
}

/** Touches the sensor; milliseconds by the page's own clock until the first patient has been painted. */
export async function fromTouchToList(device: Device): Promise<number> {
  const { page } = device;
  await page.getByRole("button", { name: "Touch sensor" }).waitFor();
  const painted = page.evaluate(
    () =>
      new Promise<number>((done) => {
        let touched = 0;
        addEventListener("click", () => (touched = performance.now()), { capture: true, once: true });
        const watcher = new MutationObserver(() => {
          if (!touched || !document.querySelector(".entry__link")) return;
          watcher.disconnect();
          // A frame's callbacks run before it is painted, a task posted from there after it.
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - touched)));
        });
        watcher.observe(document.body, { childList: true, subtree: true });
      }),
  );
  await new SignIn(page).touchSensor();
  return await painted;
}
