import { looksRight } from "../support/accessible.js";
import { expect, test, type Hand } from "../support/journey.js";
import { whatIsLeft } from "../support/storage.js";

/** Removes the other device, as its line in the settings says. */
async function removeOther(by: Hand, person: string): Promise<void> {
  const { page } = by.device;
  await page.getByRole("link", { name: "Settings" }).click();
  const devices = page.getByRole("region", { name: "Devices" });
  const line = devices.getByRole("listitem").filter({ hasText: person });
  await expect(line).toContainText("last seen");
  await line.getByRole("button", { name: /Remove this device/ }).click();
  const dialog = page.getByRole("dialog", { name: "Remove this device" });
  await expect(dialog).toContainText("hands what it had not sent to the server");
  await looksRight(page, "remove-device");
  await dialog.getByRole("button", { name: "Remove this device" }).click();
  await expect(line).toHaveCount(0);
}

/** Finds the work under *Set aside*, looks at it and releases it. */
async function release(by: Hand): Promise<void> {
  const { page } = by.device;
  await page.getByRole("link", { name: "Look at what was set aside" }).click();
  const entry = page.getByRole("listitem").filter({ hasText: "Can be released" });
  await expect(entry).toContainText("TESTERTON");
  await looksRight(page, "set-aside-with-server");
  await entry.getByRole("link", { name: /TESTERTON/ }).click();
  await expect(page.locator("[data-path='answers/history']")).toContainText("Swallowing is painful.");
  await expect(page.getByRole("list", { name: "Who wrote it" })).toContainText(
    "It says that it was written by Asha Rao, pharmacist (passkey). How they unlocked was checked by the server.",
  );
  await looksRight(page, "set-aside-entry");
  await page.getByRole("button", { name: "Release into the record" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Release into the record" }).click();
  await expect(page.getByText(/Released into the record by Ines Moreau/)).toBeVisible();
}

test("a removed device gives up what it had not sent while it is locked, forgets everything, and the work is released", async ({
  server,
  pickUp,
}) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const counter = await pickUp();
  await counter.signIn.enrol(await server.invite(), "Ines Moreau", "2074999");
  await ipad.workList.open("TESTERTON");
  await server.stop();
  await ipad.signIn.lock();
  await ipad.signIn.touchSensor();
  await ipad.consultation.fill("history", "Swallowing is painful.");
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  await ipad.device.closeApp();
  await server.start();
  await removeOther(counter, "Asha Rao");

  // The link breaks while the log goes up: nothing is deleted, and it is tried again.
  const { page } = ipad.device;
  let cut = 0;
  await page.route("**/api/device-log/*", async (route) => {
    cut += 1;
    await (cut === 1 ? route.abort() : route.continue());
  });
  await page.goto(server.origin);
  await expect(page.getByText("Not sent yet, and nothing is deleted.")).toBeVisible({ timeout: 30_000 });
  expect((await whatIsLeft(page)).vaults).toHaveLength(1);
  await looksRight(page, "removed-waiting");
  await expect(page.getByText("This device was removed from Elm Pharmacy.")).toBeVisible({ timeout: 60_000 });
  expect(await whatIsLeft(page)).toEqual({ vaults: [], settings: ["satchel-removed"] });
  await expect(page.getByRole("heading", { name: "Sign in to Satchel" })).toBeVisible();
  await looksRight(page, "removed-done");
  await page.reload();
  await expect(page.getByText("This device was removed from Elm Pharmacy.")).toBeVisible();
  await page.getByRole("button", { name: "I have read this" }).click();
  await page.reload();
  await expect(page.getByText("This device was removed from Elm Pharmacy.")).toHaveCount(0);

  // Whoever looks after the pharmacy and reads no consultations learns who, how much and why, and whom to ask.
  const office = await pickUp();
  await office.signIn.enrol(await server.invite("administrator"), "Otto Brandt", "");
  await office.device.page.goto(`${server.origin}/set-aside`);
  await office.signIn.touchSensor();
  await office.device.page.getByRole("listitem").filter({ hasText: "Can be released" }).getByRole("link").click();
  const main = office.device.page.getByRole("main");
  await expect(main).toContainText("One value was set aside in it. Your role does not read consultations");
  await expect(main).toContainText("A pharmacist of this pharmacy can open this entry");
  await expect(main).toContainText("From Asha Rao");
  await expect(main).toContainText("It says that it was written by Asha Rao, pharmacist (passkey).");
  await expect(main).not.toContainText("Swallowing");
  await looksRight(office.device.page, "set-aside-administrator");

  await release(counter);
  await counter.workList.goto();
  await counter.workList.open("TESTERTON");
  await expect(counter.consultation.question("history").locator("textarea")).toHaveValue("Swallowing is painful.");
  await counter.device.page.getByRole("link", { name: "History", exact: true }).click();
  await expect(
    counter.device.page.getByText("Asha Rao (passkey; set aside at first, released by Ines Moreau)").first(),
  ).toBeVisible();
});

test("a device removed while it is open locks, gives up its work, and is empty", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const counter = await pickUp();
  await counter.signIn.enrol(await server.invite(), "Ines Moreau", "2074999");
  await ipad.workList.open("TESTERTON");
  const { page } = ipad.device;
  // What is typed cannot go up, while the counter can remove the device.
  await page.context().route("**/api/sync/push", (route) => route.abort());
  await ipad.consultation.fill("history", "Swallowing is painful.");
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  await removeOther(counter, "Asha Rao");
  await expect(page.getByText("This device was removed from Elm Pharmacy.")).toBeVisible({ timeout: 60_000 });
  expect((await whatIsLeft(page)).vaults).toEqual([]);
  await release(counter);
});

test("a device revoked from the command line gives up its work and is empty when it is next in touch", async ({
  server,
  pickUp,
}) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await ipad.workList.open("TESTERTON");
  const { page } = ipad.device;
  await server.stop();
  await ipad.consultation.fill("history", "Swallowing is painful.");
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  const id = (await server.command("device", "list")).match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0];
  expect(await server.command("device", "revoke", id ?? "none")).toContain("was revoked");
  await server.start();
  await expect(page.getByText("This device was removed from Elm Pharmacy.")).toBeVisible({ timeout: 60_000 });
  expect((await whatIsLeft(page)).vaults).toEqual([]);
  const counter = await pickUp();
  await counter.signIn.enrol(await server.invite(), "Ines Moreau", "2074999");
  await counter.device.page.goto(`${server.origin}/settings`);
  await counter.signIn.touchSensor();
  await release(counter);
});
