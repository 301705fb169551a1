import { expect, test } from "../support/journey.js";
import { Door, header } from "../support/screens/door.js";

test("a passkey is lost with unsent work behind it, and a new invitation gets to it through the server", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  const door = new Door(page);
  await signIn.enrol(await server.invite());
  await expect(workList.names().first()).toBeVisible();
  await server.stop();
  await workList.open("TESTERTON");
  await consultation.fill("history", "Recorded before the passkey was lost.");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await signIn.lock();
  await device.losePasskeys();
  await signIn.touchSensor();
  await expect(page.locator(".unlock__problem")).not.toBeEmpty();

  await server.start();
  await door.join(await server.invite(), "Asha Rao", "2074123");
  await door.choosePin("582046");
  await expect(door.heading("Open the satchel for Asha Rao")).toBeVisible();
  await page.getByRole("button", { name: "Let the server open it" }).click();
  await door.toWorkList();
  await workList.open("TESTERTON");
  await expect(consultation.question("history").locator("textarea")).toHaveValue("Recorded before the passkey was lost.");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  expect((await server.audit()).map((entry) => entry.action)).toContain("vault-key-returned");
});

test("another passkey of the same person gets them back in, and the lost one opens nothing any more", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  const door = new Door(page);
  await signIn.enrol(await server.invite());
  await expect(workList.names().first()).toBeVisible();
  const before = await header(page);
  await device.takeAnotherSensor();
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByRole("button", { name: /^Remove.*Passkey/ })).toHaveCount(2);
  await signIn.lock();
  await page.getByRole("button", { name: "Someone else, or a lost passkey" }).click();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(door.heading("Open the satchel for Asha Rao")).toBeVisible();
  await expect(page.getByText("Your earlier key to this device no longer counts.")).toBeVisible();
  await page.getByRole("button", { name: "Let the server open it" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();

  expect((await server.audit()).map((entry) => entry.action)).toContain("vault-key-taken-over");
  const after = await header(page);
  expect(after.wraps).toHaveLength(1);
  expect(after.wraps[0]).not.toEqual(before.wraps[0]);
  expect(after.key_version).toBe(2);
  await signIn.lock();
  await signIn.touchSensor();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
});
