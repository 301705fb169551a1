import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";
import { ageContact } from "../support/storage.js";

test("after three days without contact only one's own unsent work is read and printed, until the server answers", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
  const id = page.url().split("/").pop();
  await server.stop();
  await consultation.fill("history", "Swallowing is painful; no rash.");
  await consultation.yes("safeguarding-concern");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await workList.goto();
  const others = await workList.names().count();
  expect(others).toBeGreaterThan(1);

  // Two days and 23 hours: nothing closes.
  await signIn.lock();
  await ageContact(page, 71);
  await page.reload();
  await signIn.touchSensor();
  await expect(workList.names()).toHaveCount(others);

  await signIn.lock();
  await ageContact(page, 2);
  await page.reload();
  await expect(page.getByText("No contact with the server since")).toBeVisible();
  await signIn.touchSensor();
  await expect(page.getByRole("heading", { name: "Connect to go on" })).toBeVisible();
  await expect(page.getByText("This pharmacy allows 3 days without contact.")).toBeVisible();
  await expect(workList.names()).toHaveCount(0);
  await looksRight(page, "out-of-contact");
  for (const path of ["/walk-in", `/consultations/${id}`, `/consultations/${id}/history`, "/set-aside"]) {
    await page.goto(`${server.origin}${path}`);
    await signIn.touchSensor();
    await expect(page.getByRole("heading", { name: "Connect to go on" })).toBeVisible();
  }

  await page.getByRole("link", { name: /TESTERTON/ }).click();
  await expect(page.getByRole("heading", { name: /Consultation of TESTERTON/ })).toBeVisible();
  await expect(page.getByText("Swallowing is painful; no rash.")).toBeVisible();
  await expect(page.getByText("Confidential answers. They are in the record.")).toBeVisible();
  await looksRight(page, "own-unsent");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "Print" })).toBeHidden();
  await expect(page.getByText("Swallowing is painful; no rash.")).toBeVisible();
  await page.emulateMedia({ media: "screen" });

  await page.getByRole("link", { name: "Back" }).click();
  await server.start();
  await expect(workList.names()).toHaveCount(others, { timeout: 60_000 });
  await workList.open("TESTERTON");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
});

test("an administrator allows longer, and it holds offline", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByLabel("For all devices of this pharmacy").selectOption({ label: "30 days" });
  await expect(page.getByText("Set to 30 days.")).toBeVisible();
  await looksRight(page, "settings-contact");
  await server.stop();
  await signIn.lock();
  await ageContact(page, 29 * 24);
  await page.reload();
  await signIn.touchSensor();
  await workList.goto();
  await expect(workList.names().first()).toBeVisible();
  await signIn.lock();
  await ageContact(page, 25);
  await page.reload();
  await signIn.touchSensor();
  await expect(page.getByText("This pharmacy allows 30 days without contact.")).toBeVisible();
});

test("a clock that is set back is said on the screen, and the visit goes on", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await server.stop();
  await page.clock.setSystemTime(Date.now() - 5 * 3_600_000);
  await expect(page.getByText("This device's clock was set, or does not agree with the server's.")).toBeVisible();
  await consultation.fill("history", "Swallowing is painful.");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await looksRight(page, "clock-set-back");
});
