// From the finger on the sensor to the first patients on the screen, offline, with a full vault.
import { Device, IPAD } from "../support/device.js";
import { SignIn } from "../support/screens/sign-in.js";
import { everythingListed, fill } from "./filled.js";
import { clickToPainted } from "./painted.js";
import { medianOf, report } from "./report.js";
import { Server } from "./server.js";

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
    await fill(server, CONSULTATIONS);
    const signIn = new SignIn(page);
    await signIn.enrol(await server.invite());
    // What is still being written would be counted as unlocking.
    await everythingListed(page, CONSULTATIONS, 3_000);
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
  const painted = clickToPainted(page, ".entry__link");
  await new SignIn(page).touchSensor();
  return await painted;
}
