// What the browser's storage can do to the records, and what is left of them. Nothing that was called saved is lost.
import { expect, hand, test, type Hand } from "../support/journey.js";
import { faultyApp, leave, withFaults, type WritesLeft } from "../support/faults.js";
import { Server } from "../support/server.js";

async function enrolled(server: Server, device: Hand): Promise<void> {
  await withFaults(device.device.page);
  await device.signIn.enrol(await server.invite());
  await expect(device.workList.entry("TESTERTON").first()).toBeVisible();
}

test("a full disk is said aloud, and what was typed is saved once there is space", async ({ server, pickUp }) => {
  const one = await pickUp();
  const { page } = one.device;
  await enrolled(server, one);
  await one.workList.open("TESTERTON");
  await page.evaluate(() => (window.faults.full = true));
  await one.consultation.fill("complaint", "It began on Friday");
  await expect(page.getByText("storage is full").first()).toBeVisible();
  await expect(one.consultation.truth("device")).not.toContainText("Saved on this device");
  await page.evaluate(() => (window.faults.full = false));
  await expect(one.consultation.truth("device")).toContainText("Saved on this device");
  await page.reload();
  await one.signIn.touchSensor();
  await expect(one.consultation.question("complaint").locator("textarea")).toHaveValue("It began on Friday");
});

test("a lost connection and a transaction that is aborted half-way cost nothing", async ({ server, pickUp }) => {
  const one = await pickUp();
  const { page } = one.device;
  await enrolled(server, one);
  await one.workList.open("TESTERTON");
  await page.evaluate(() => window.faults.databases.forEach((database) => database.close()));
  await one.consultation.fill("complaint", "It began on Friday");
  await expect(one.consultation.truth("server")).toContainText("With the server");
  await page.evaluate(() => (window.faults.abortNext = true));
  await one.consultation.fill("complaint", "It began on Saturday");
  await expect(one.consultation.truth("device")).toContainText("Saved on this device");
  await expect(one.consultation.truth("server")).toContainText("With the server");
  await page.reload();
  await one.signIn.touchSensor();
  await expect(one.consultation.question("complaint").locator("textarea")).toHaveValue("It began on Saturday");
});

test("a second tab may not write into the same records", async ({ server, pickUp }) => {
  const one = await pickUp();
  await one.signIn.enrolWithPassphrase(await server.invite());
  await one.workList.open("TESTERTON");
  const second = await one.device.page.context().newPage();
  await second.goto(server.origin);
  const other = hand({ ...one.device, page: second } as typeof one.device);
  await other.signIn.unlockWithPassphrase();
  await expect(second.getByText("open in another tab or window").first()).toBeVisible();
  await one.consultation.fill("complaint", "It began on Friday");
  await expect(one.consultation.truth("device")).toContainText("Saved on this device");
  await second.close();
});

test("records that the browser has deleted come back, and what was not sent is called lost", async ({ server, pickUp }) => {
  const one = await pickUp();
  const { page } = one.device;
  await one.signIn.enrol(await server.invite());
  await one.workList.open("TESTERTON");
  await server.stop();
  await one.consultation.fill("complaint", "Nobody else knows this");
  await expect(one.consultation.truth("device")).toContainText("Saved on this device");
  await expect(page.getByText("1 consultation waits to be sent.")).toBeVisible();
  await server.start();
  await page.context().route("**/api/sync/push", (route) => route.abort());
  await one.device.closeApp();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes: "indexeddb" });
  await page.goto(server.origin);
  await expect(page.getByText("The browser has deleted what Satchel kept").first()).toContainText("One consultation had work");
  await one.signIn.touchSensor();
  await expect(one.workList.entry("TESTERTON").first()).toBeVisible();
});

test("a damaged record is fetched again and hides no other", async ({ server, pickUp }) => {
  const one = await pickUp();
  const { page } = one.device;
  await one.signIn.enrol(await server.invite());
  await expect(one.workList.entry("TESTERTON").first()).toBeVisible();
  await one.device.closeApp();
  await page.goto(`${server.origin}/manifest.webmanifest`);
  const damaged = await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((good, bad) => {
        request.onsuccess = () => good(request.result);
        request.onerror = () => bad(request.error);
      });
    const [{ name }] = (await indexedDB.databases()) as [{ name: string }];
    const database = await done(indexedDB.open(name));
    let count = 0;
    for (const store of ["rows", "bases"]) {
      const objects = database.transaction(store, "readwrite").objectStore(store);
      for (const key of await done(objects.getAllKeys())) {
        const bytes = (await done(objects.get(key))) as Uint8Array;
        bytes[bytes.length - 1]! ^= 1;
        await done(objects.put(bytes, key));
        count++;
      }
    }
    database.close();
    return count;
  });
  expect(damaged).toBeGreaterThan(1);
  await page.goto(server.origin);
  await one.signIn.touchSensor();
  await one.workList.open("TESTERTON");
  await one.consultation.fill("complaint", "It began on Friday");
  await expect(one.consultation.truth("server")).toContainText("With the server");
});

test("an app that dies at any write loses nothing that was called saved", async ({ pickUp }) => {
  test.setTimeout(900_000);
  const app = faultyApp();
  const before = process.env.SATCHEL_DIST;
  process.env.SATCHEL_DIST = app.folder;
  const server = await Server.start();
  try {
    const one = await pickUp();
    const { page } = one.device;
    const box = one.consultation.question("complaint").locator("textarea");
    await withFaults(page);
    await one.signIn.enrolWithPassphrase(await server.invite());
    await expect(one.workList.entry("TESTERTON").first()).toBeVisible();
    let known = "";
    const deaths: WritesLeft[] = [0, 1, 2, 3, 4, 5].flatMap((n) => [{ page: n }, { worker: n }]);
    for (const left of deaths) {
      const text = `typed with ${JSON.stringify(left)}`;
      await leave(page, server.origin, left);
      await page.goto(server.origin);
      const saved = await typed(one, text);
      await leave(page, server.origin, {});
      await page.goto(server.origin);
      await one.signIn.unlockWithPassphrase();
      await one.workList.open("TESTERTON");
      // What was called saved is there; what was not may be.
      if (saved) await expect(box).toHaveValue(text);
      else await expect(box).toHaveValue(known === "" ? /.*/ : new RegExp(`^(${escaped(known)}|${escaped(text)})$`));
      known = await box.inputValue();
      await expect(one.consultation.truth("server")).toContainText("With the server");
    }
  } finally {
    await server.dispose();
    if (before === undefined) delete process.env.SATCHEL_DIST;
    else process.env.SATCHEL_DIST = before;
    app.dispose();
  }
});

/** Unlocks, opens the record and types, as far as that goes. Did the screen call it saved? */
async function typed(one: Hand, text: string): Promise<boolean> {
  const { page } = one.device;
  try {
    await one.signIn.unlockWithPassphrase();
    await page.getByRole("link", { name: "TESTERTON" }).first().click({ timeout: 8_000 });
    await one.consultation.question("complaint").locator("textarea").fill(text, { timeout: 8_000 });
    await one.consultation.question("complaint").locator("textarea").blur();
  } catch {
    return false;
  }
  // Typing is saved after a pause; then nothing more is tried for a while, or again and again in vain.
  await page.waitForTimeout(2_500);
  const told = await one.consultation.truth("device").innerText();
  return told.includes("Saved on this device");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
