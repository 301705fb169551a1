import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";
import { Cis2 } from "../support/screens/cis2.js";

test("a prescription that waits is found in the tracker, preferred to an emergency supply, and the look is kept", async ({
  server,
  pickUp,
}) => {
  const { device, workList, consultation } = await pickUp();
  const { page } = device;
  await new Cis2(page).firstTime(server.origin);
  await workList.open("SAMPLEWICK");
  const id = page.url().split("/").pop()!;
  const panel = page.getByRole("region", { name: "Medicines", exact: true });
  // A mistyped id is named, and nothing is asked.
  await panel.getByLabel("Prescription id, where you have it").fill("A3B4D9-Z42475-11E6BX");
  await panel.getByRole("button", { name: "Look online" }).click();
  await expect(panel.getByText(/One of the characters was read or typed wrongly/)).toBeVisible();
  await panel.getByLabel("Prescription id, where you have it").fill("");
  await panel.getByRole("button", { name: "Look online" }).click();
  await expect(panel.getByText(/dispense it/i).first()).toBeVisible({ timeout: 30_000 });
  await looksRight(page, "prescription-waiting");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
  const kept = JSON.stringify(JSON.parse(await server.command("consultation", id, "--json")));
  expect(kept).toMatch(/"after":"prescription","before":"","path":"lookups\//);
});

test("without the network the tracker cannot be asked, and that nobody could look is recorded in one touch", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await server.stop();
  await workList.phoneReferralForSupply("Quillfeather", "Ramipril");
  await page.getByRole("button", { name: "Look online" }).click();
  await expect(page.getByText(/No NHS number is recorded. Type the prescription id/)).toBeVisible();
  await page.getByLabel("Prescription id, where you have it").fill("A3B4D9-Z42475-11E6B+");
  await page.getByRole("button", { name: "Look online" }).click();
  await expect(page.getByText(/Look on the tracker’s website, or record that nobody could look/)).toBeVisible();
  await page.getByRole("button", { name: "Could not look: no connection" }).click();
  await expect(page.locator(".to-do__item").filter({ hasText: /could not/i }).first()).toBeVisible();
});
