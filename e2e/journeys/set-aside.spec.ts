import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";
import { loseProofs } from "../support/storage.js";

test("what the server did not take is seen beside what stands, entered again, and closed", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
  await server.stop();
  await signIn.lock();
  await signIn.touchSensor();
  await consultation.pick("immunosuppressed", "Yes");
  await consultation.fill("history", "Swallowing is painful.");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await signIn.lock();
  await loseProofs(page);
  await signIn.touchSensor();
  await server.start();

  const aside = page.getByText("Set aside by the server.");
  await expect(aside).toBeVisible({ timeout: 60_000 });
  await expect(consultation.question("immunosuppressed").getByLabel("Yes", { exact: true })).not.toBeChecked();
  await workList.goto();
  const notice = page.getByRole("region", { name: "Set aside" });
  await expect(notice).toContainText("The server did not take everything.");
  await looksRight(page, "set-aside-notice");
  await workList.names().filter({ hasText: "TESTERTON" }).click();

  await consultation.noRedFlags();
  await consultation.whereWhoAndConsent();
  await consultation.soreThroat();
  await page.getByRole("button", { name: "Sign and finish" }).first().click();
  const warning = page.getByRole("dialog", { name: "Something was set aside" });
  await expect(warning).toContainText("nobody has looked at it yet");
  await warning.getByRole("link", { name: "See both sides" }).click();

  await expect(page.getByRole("heading", { name: "Set aside", exact: true })).toBeVisible();
  const suppressed = page.locator("[data-path='answers/immunosuppressed']");
  await expect(suppressed).toContainText("Stands in the recordNo");
  await expect(suppressed).toContainText("Was set asideYes");
  await expect(suppressed).toContainText("Asha Rao (passkey), ");
  await looksRight(page, "set-aside");
  await suppressed.getByRole("button", { name: "Enter this again" }).click();
  await expect(suppressed).toContainText("Both say the same.");
  const close = page.getByRole("button", { name: "Close without entering the rest" });
  await expect(close).toBeDisabled();
  await page.getByLabel(/Why need it not be entered/).fill("Asked again today, and written anew");
  await close.click();
  await page.getByRole("dialog").getByRole("button", { name: "Close it" }).click();

  await expect(consultation.banner()).toContainText("TESTERTON");
  await expect(aside).toHaveCount(0);
  await expect(consultation.question("immunosuppressed").getByLabel("Yes", { exact: true })).toBeChecked();
  await consultation.pick("immunosuppressed", "No");
  await consultation.sign();
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByText(/Closed by Asha Rao, .*: Asked again today, and written anew\./)).toBeVisible();
  await expect(page.getByText("Asha Rao (passkey)").first()).toBeVisible();
  await looksRight(page, "history-with-closing");

  // The server heard of the closing.
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "Look at what was set aside" }).click();
  await expect(page.getByText("Nothing waits on this device.")).toBeVisible();
  await expect(page.getByText(/Closed by Asha Rao/)).toBeVisible({ timeout: 60_000 });
  await looksRight(page, "set-aside-list");
});

test("a consultation of which nothing reached the server is entered anew", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await server.stop();
  await signIn.lock();
  await signIn.touchSensor();
  await page.getByRole("link", { name: "Add walk-in" }).click();
  await page.getByLabel("What is wrong, in the patient's words").fill("Stung by a wasp");
  await page.getByLabel("Family name").fill("Quillfeather");
  await page.getByLabel("Given name").fill("Juno");
  await page.getByLabel("Date of birth").fill("1988-05-14");
  await page.getByRole("button", { name: "Begin consultation" }).click();
  await consultation.noRedFlags();
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await workList.goto();
  await signIn.lock();
  await loseProofs(page);
  await signIn.touchSensor();
  await server.start();

  const notice = page.getByRole("region", { name: "Set aside" });
  await expect(notice).toContainText("QUILLFEATHER, Juno", { timeout: 60_000 });
  await notice.getByRole("link", { name: /QUILLFEATHER, Juno/ }).click();
  await expect(page.getByText("Nothing of this consultation reached the server.")).toBeVisible();
  await expect(page.locator("[data-path='patient/family_name']")).toContainText("Quillfeather");
  await looksRight(page, "set-aside-whole");
  await page.getByRole("button", { name: "Enter anew as a consultation" }).click();

  await expect(consultation.banner()).toContainText("QUILLFEATHER, Juno");
  await expect(consultation.question("rf-breathing").getByLabel("No", { exact: true })).toBeChecked();
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await workList.goto();
  await expect(notice).toHaveCount(0);
  await expect(workList.entry("QUILLFEATHER, Juno")).toHaveCount(1);
  await page.reload();
  await signIn.touchSensor();
  await expect(workList.entry("QUILLFEATHER, Juno")).toHaveCount(1);
});
