import type { Page } from "@playwright/test";
import { expect, test, type Hand } from "../support/journey.js";
import { choose } from "../support/screens/consultation.js";
import { Door, header, sealedUnder } from "../support/screens/door.js";
import type { Server } from "../support/server.js";

const ASHA = { name: "Asha Rao", gphc: "2074123", pin: "582046" };
const BEN = { name: "Ben Ade", gphc: "2074999", pin: "270194" };
const CAROL = { name: "Carol Moss", gphc: "2075111" };

/** An iPad that Asha had alone, and to which she then lets Ben. */
async function shared(server: Server, ipad: Hand): Promise<Door> {
  const door = new Door(ipad.device.page);
  await ipad.signIn.enrol(await server.invite());
  await ipad.signIn.lock();
  await door.join(await server.invite(), BEN.name, BEN.gphc);
  await expect(door.heading("Choose a PIN")).toBeVisible();
  await door.choosePin(BEN.pin);
  await expect(door.heading("Asha Rao, open the satchel for Ben Ade")).toBeVisible();
  await door.choosePin(ASHA.pin);
  await door.toWorkList();
  return door;
}

const who = (page: Page) => page.getByRole("list", { name: "Who are you?" });

test("a second person is let in, and from then on a passkey opens nothing without its PIN", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  const bodies: string[] = [];
  page.on("request", (request) => bodies.push(request.postData() ?? ""));
  const door = await shared(server, ipad);
  await expect(ipad.workList.names().first()).toBeVisible();
  const made = await header(page);
  expect(made.shared).toBe(true);
  expect(made.wraps.map((wrap) => [wrap.person_name, wrap.kind.by])).toEqual([
    ["Asha Rao", "passkey-and-pin"],
    ["Ben Ade", "passkey-and-pin"],
  ]);

  await ipad.signIn.lock();
  await expect(who(page).getByRole("button")).toHaveText(["Asha Rao", "Ben Ade"]);
  await door.iAm(ASHA.name);
  for (let slip = 0; slip < 5; slip++) {
    await door.enterPin(BEN.pin);
    await expect(page.getByRole("alert").filter({ hasText: "does not fit" })).toBeVisible();
    await page.getByLabel("Your PIN").fill("1");
    await door.iAm(ASHA.name);
  }
  await door.enterPin(ASHA.pin);
  await expect(page.getByRole("alert").filter({ hasText: "Too many wrong tries. Wait" })).toBeVisible();
  // Counted for Asha alone: Ben is not kept from his work.
  await door.unlock(BEN.name, BEN.pin);
  await expect(ipad.workList.names().first()).toBeVisible();
  expect(bodies.length).toBeGreaterThan(5);
  for (const body of bodies) for (const pin of [ASHA.pin, BEN.pin]) expect(body).not.toContain(pin);
});

test("a device that is set up for several people asks its first person for a PIN", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  const door = new Door(page);
  await page.goto(await server.invite());
  await page.getByLabel("Your full name").fill(ASHA.name);
  await page.getByLabel("GPhC registration number").fill(ASHA.gphc);
  await choose(page.getByLabel("Yes", { exact: true }));
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.getByLabel("Choose a PIN").fill("123456");
  await page.getByRole("button", { name: "Touch sensor" }).click();
  await expect(page.getByText("not in a row").last()).toBeVisible();
  await door.choosePin(ASHA.pin);
  await door.toWorkList();
  await ipad.signIn.lock();
  await door.enterPin(ASHA.pin);
  await expect(door.heading("Work list")).toBeVisible();
});

test("one person goes on with another's visit where there is no network, and both are in the record", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  const door = await shared(server, ipad);
  await expect(ipad.workList.names().first()).toBeVisible();
  await ipad.signIn.lock();

  await server.stop();
  await door.unlock(ASHA.name, ASHA.pin);
  await ipad.workList.open("TESTERTON");
  await ipad.consultation.noRedFlags();
  await ipad.signIn.lock();
  // Ben finds the page where Asha left it.
  await door.unlock(BEN.name, BEN.pin);
  await expect(ipad.consultation.banner()).toContainText("TESTERTON");
  await ipad.consultation.fill("history", "Seen at the door by two of us.");
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  await expect(ipad.consultation.truth("server")).toContainText("Not yet with the server");

  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByText("Asha Rao (passkey and PIN").first()).toBeVisible();
  await expect(page.getByText("Ben Ade (passkey and PIN").first()).toBeVisible();

  // It is not only this device that says so.
  const office = await pickUp({ viewport: { width: 1280, height: 800 } });
  await office.signIn.enrol(await server.invite(), "Dana Fox", "2075222");
  await office.workList.open("TESTERTON");
  await expect(office.consultation.question("history").locator("textarea")).toHaveValue("Seen at the door by two of us.");
  await expect(office.consultation.question("rf-breathing").getByLabel("No", { exact: true })).toBeChecked();
});

test("who is removed is shut out, the lock is changed for everybody, and nothing is lost", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  const door = await shared(server, ipad);
  await expect(ipad.workList.names().first()).toBeVisible();
  await ipad.workList.open("TESTERTON");
  await ipad.signIn.lock();
  await door.joinWithPassphrase(await server.invite(), CAROL.name, CAROL.gphc);
  await expect(door.heading("Who opens the satchel for Carol Moss?")).toBeVisible();
  await door.unlock(ASHA.name, ASHA.pin);
  await door.toWorkList();
  await ipad.signIn.lock();

  // Ben leaves unsent work behind, and is removed where there is no network either.
  await server.stop();
  await door.unlock(BEN.name, BEN.pin);
  await ipad.workList.open("TESTERTON");
  await ipad.consultation.fill("history", "Ben's last visit.");
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  await ipad.signIn.lock();
  await door.unlock(ASHA.name, ASHA.pin);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: /^Remove from this device.*Ben Ade/ }).click();
  await expect(page.getByRole("group", { name: "Remove Ben Ade from this device" })).toContainText("its lock is changed");
  await door.enterPin(ASHA.pin);
  await expect(page.getByRole("button", { name: /^Remove from this device.*Ben Ade/ })).toHaveCount(0);
  await expect(page.getByText("Carol Moss: passphrase; gets the new key at their next unlock")).toBeVisible();
  // The app ends in the middle of it; the next unlock goes on.
  await ipad.device.closeApp();
  await page.goto(server.origin);
  await expect(who(page).getByRole("button")).toHaveText(["Asha Rao", "Carol Moss"]);
  const rotated = await header(page);
  expect(rotated.key_version).toBe(2);
  expect(rotated.wraps.map((wrap) => [wrap.person_name, wrap.key_version, Boolean(wrap.handed)])).toEqual([
    ["Asha Rao", 2, false],
    ["Carol Moss", 1, true],
  ]);

  await door.iAm(CAROL.name);
  await ipad.signIn.unlockWithPassphrase();
  await expect(door.heading("Work list")).toBeVisible();
  await expect.poll(async () => (await header(page)).earlier ?? [], { timeout: 30_000 }).toEqual([]);
  expect(Object.keys(await sealedUnder(page))).toEqual(["2"]);
  const settled = await header(page);
  expect(settled.wraps.map((wrap) => [wrap.key_version, Boolean(wrap.handed)])).toEqual([[2, false], [2, false]]);
  await ipad.workList.open("TESTERTON");
  await expect(ipad.consultation.question("history").locator("textarea")).toHaveValue("Ben's last visit.");
  // What he recorded is sent by whoever is here next.
  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
});

test("who is removed from the pharmacy loses their key here at the next contact, and the lock is changed", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  const door = await shared(server, ipad);
  await ipad.signIn.lock();
  // Somebody else looks after the pharmacy, elsewhere.
  const office = await pickUp({ viewport: { width: 1280, height: 800 } });
  await office.signIn.enrol(await server.invite(), "Dana Fox", "2075222");
  await office.device.page.getByRole("link", { name: "Settings" }).click();
  await office.device.page.getByRole("button", { name: /^Remove from the pharmacy.*Ben Ade/ }).click();
  await office.device.page.getByRole("dialog").getByRole("button", { name: "Remove from the pharmacy" }).click();
  await expect(office.device.page.getByRole("button", { name: /^Remove from the pharmacy.*Ben Ade/ })).toHaveCount(0);

  await door.unlock(ASHA.name, ASHA.pin);
  await expect.poll(async () => (await header(page)).wraps.map((wrap) => wrap.person_name), { timeout: 30_000 }).toEqual(["Asha Rao"]);
  await ipad.signIn.lock();
  await door.enterPin(ASHA.pin);
  await expect(door.heading("Work list")).toBeVisible();
  expect((await header(page)).key_version).toBe(2);
  await expect.poll(async () => (await header(page)).earlier ?? [], { timeout: 30_000 }).toEqual([]);
  expect(Object.keys(await sealedUnder(page))).toEqual(["2"]);
  await expect(ipad.workList.names().first()).toBeVisible();
});
