import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";

test("passkeys have names, may be several, and the last one stays where there is no other way in", async ({
  server,
  pickUp,
}) => {
  const { device, signIn } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await page.getByRole("link", { name: "Settings" }).click();
  const card = page.getByRole("region", { name: "Your passkeys" });
  await card.getByRole("button", { name: /Rename/ }).click();
  await card.getByLabel("New name").fill("Asha's iPad");
  await card.getByRole("button", { name: "Save the name" }).click();
  await expect(card.getByRole("listitem")).toContainText("Asha's iPad: added");
  await card.getByRole("button", { name: /Remove/ }).click();
  await page.getByRole("dialog", { name: "Remove passkey" }).getByRole("button", { name: "Remove passkey" }).click();
  await expect(card.getByText("This is your only passkey. Add another one first")).toBeVisible();
  await expect(card.getByRole("listitem")).toHaveCount(1);
  await looksRight(page, "settings-passkeys");
});

test("a device says what waits on it, and removing it warns of that", async ({ server, pickUp, office }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await ipad.workList.open("TESTERTON");
  // What is typed cannot go up; that something waits is told all the same.
  await ipad.device.page.context().route("**/api/sync/push", (route) => route.abort());
  await ipad.consultation.fill("history", "Swallowing is painful.");
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");

  const { page } = office.device;
  const devices = page.getByRole("region", { name: "Devices" });
  const line = devices.getByRole("listitem").filter({ hasText: "Asha Rao" });
  await expect(async () => {
    await page.goto(`${server.origin}/settings`);
    await office.signIn.touchSensor();
    await expect(line).toContainText("1 consultation not sent", { timeout: 3_000 });
  }).toPass({ timeout: 90_000 });
  await line.getByRole("button", { name: /Rename/ }).click();
  await devices.getByLabel("New name").fill("The iPad with the cracked corner");
  await devices.getByRole("button", { name: "Save the name" }).click();
  await expect(line).toContainText("The iPad with the cracked corner");
  await line.getByRole("button", { name: /Remove this device/ }).click();
  await expect(page.getByRole("dialog")).toContainText("1 consultation waited to be sent when it was last in contact.");
  await looksRight(page, "remove-device-unsent");
});

test("evidence and a PGD authorisation are filed with their certificates, read by the person, and withdrawn", async ({
  server,
  pickUp,
  office,
}) => {
  const { page } = office.device;
  const locum = await pickUp();
  await locum.signIn.enrol(await server.invite(), "Nadia Okoro", "2074555");
  await page.getByRole("link", { name: "Settings" }).click();
  const staff = page.getByRole("region", { name: "Who works here" });
  await staff.getByRole("listitem").filter({ hasText: "Nadia Okoro" }).getByRole("button", { name: /Evidence/ }).click();
  const papers = page.getByRole("group", { name: "Evidence and authorisations of Nadia Okoro" });
  await papers.getByRole("button", { name: "File an authorisation under a PGD" }).click();
  await papers.getByLabel("PGD", { exact: true }).fill("sore-throat");
  await papers.getByLabel("Version").fill("2.0");
  await papers.getByLabel("Signed on").fill("2026-02-01");
  await papers.getByLabel("Last day of the PGD").fill("2027-01-30");
  await papers.getByLabel("Authorised by").fill("Maya Lind");
  const box = papers.locator("#pgd-file");
  await box.setInputFiles({ name: "page.html", mimeType: "text/html", buffer: Buffer.from("<p>no</p>") });
  await expect(papers.getByText("This is no PDF, JPEG or PNG.")).toBeVisible();
  await box.setInputFiles({ name: "signed.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nsigned") });
  await papers.getByRole("button", { name: "File it" }).first().click();
  const line = papers.getByRole("listitem").filter({ hasText: "PGD sore-throat 2.0: authorised by Maya Lind" });
  await expect(line).toHaveCount(1);
  // Nothing of it stays behind in the form, least of all the name of a file.
  await expect(box).toHaveCount(0);
  const download = page.waitForEvent("download");
  await line.getByRole("link", { name: /Certificate/ }).click();
  expect((await download).suggestedFilename()).toBe("signed.pdf");
  await looksRight(page, "settings-authorisation");

  await locum.device.page.getByRole("link", { name: "Settings" }).click();
  await locum.device.page.reload();
  await locum.signIn.touchSensor();
  await expect(locum.device.page.getByRole("region", { name: "What you may do here" })).toContainText("PGD sore-throat 2.0");
  await line.getByRole("button", { name: /Withdraw/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await expect(line).toHaveCount(0);
});
