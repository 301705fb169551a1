import type { Page } from "@playwright/test";
import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";
import { Cis2, PHARMACIST, TECHNICIAN } from "../support/screens/cis2.js";

/** The look-up inside the patient's details. */
function tracing(page: Page) {
  return page.getByRole("group", { name: "PDS" });
}

async function search(page: Page, family: string, born: string, more: { given?: string } = {}): Promise<void> {
  const panel = tracing(page);
  const byName = panel.getByRole("button", { name: "Search by name" });
  if (await byName.isVisible()) await byName.click();
  await panel.getByLabel("Family name").fill(family);
  await panel.getByLabel("Given name").fill(more.given ?? "");
  await panel.getByLabel("Date of birth").fill(born);
  await panel.getByLabel("Postcode").fill("");
  await panel.getByRole("button", { name: "Search PDS" }).click();
}

test("in the middle of a consultation PDS asks for CIS2, and not a letter is lost", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  // Known to CIS2 as the same person, so that stepping up is theirs.
  await new Cis2(page).firstTime(server.origin);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Sign out of CIS2" }).click();
  await expect(page.getByRole("button", { name: "Touch sensor" })).toBeVisible();
  await signIn.touchSensor();
  await workList.goto();
  await workList.open("TESTERTON");
  const id = page.url().split("/").pop();
  await page.locator("#input-history").pressSequentially("Hurts to swallow since Tuesd");
  await tracing(page).getByRole("button", { name: "Look up in PDS" }).click();
  await expect(page.getByText("PDS needs your NHS sign-in (CIS2).")).toBeVisible();
  await looksRight(page, "look-up-needs-cis2");
  await page.locator("#input-history").pressSequentially("ay, wor");
  await tracing(page).getByRole("button", { name: "Sign in with CIS2" }).click();
  await new Cis2(page).choose(PHARMACIST);
  await signIn.touchSensor();
  await expect(page.locator("#input-history")).toHaveValue("Hurts to swallow since Tuesday, wor");
  await expect(tracing(page).getByRole("heading", { name: /Found in PDS: TESTERTON, Wilhelmina/ })).toBeVisible();
  expect(page.url()).toBe(`${server.origin}/consultations/${id}`);
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
});

test("what was said and what PDS holds stand side by side, and only what is chosen is taken", async ({ server, pickUp }) => {
  const { device, workList } = await pickUp();
  const { page } = device;
  await new Cis2(page).firstTime(server.origin);
  await workList.open("SAMPLEWICK");
  const panel = tracing(page);
  await expect(panel).toContainText("Not traced");
  await panel.getByRole("button", { name: "Look up in PDS" }).click();
  await expect(panel.getByRole("heading", { name: /Found in PDS: SAMPLEWICK, Obadiah/ })).toBeVisible();
  const practice = panel.getByRole("group", { name: "GP practice" });
  const address = panel.getByRole("group", { name: "Address" });
  await expect(address).toContainText("27 Quarry Lane");
  await expect(address).toContainText("3 Bobbin Yard");
  await looksRight(page, "look-up-side-by-side");
  await address.getByText("Use what PDS holds").click();
  if (await practice.count()) await practice.getByText("Keep what was said").click();
  await panel.getByRole("button", { name: "Use these" }).click();
  await expect(panel).toContainText("Traced. ");
  await expect(panel).toContainText("Traced with PDS");
  const banner = page.getByRole("region", { name: "Patient", exact: true });
  await expect(banner).toContainText("3 Bobbin Yard");
  await expect(banner).not.toContainText("27 Quarry Lane");
  await looksRight(page, "look-up-traced");
  const audit = await server.audit();
  expect(audit.map((line) => line.action)).toContain("looked-up-patient");
});

test("nobody, several, too many, restricted and deceased are told apart in words", async ({ server, pickUp }) => {
  const { device, workList } = await pickUp({ viewport: { width: 1280, height: 800 } });
  const { page } = device;
  await new Cis2(page).firstTime(server.origin, TECHNICIAN);
  await workList.open("TESTERTON");
  const panel = tracing(page);

  await search(page, "Nobodyatall", "1990-01-01");
  await expect(panel).toContainText("PDS knows nobody by exactly these details.");
  await panel.getByLabel("Given name").fill("Norbert");
  await panel.getByRole("button", { name: "Search more widely" }).click();
  await expect(panel).toContainText("searched widely too");
  await looksRight(page, "look-up-nobody");

  await search(page, "Multitude", "2000-01-01");
  await expect(panel).toContainText("PDS knows too many people like this");

  await search(page, "Pairwise", "1995-05-05");
  await expect(panel).toContainText("PAIRWISE, Ambrose");
  await expect(panel).toContainText("PAIRWISE, Anselm");
  await expect(panel).not.toContainText(/score|0\.\d/);
  await looksRight(page, "look-up-several");

  await search(page, "Concealer", "1980-03-12");
  const line = panel.getByRole("listitem").filter({ hasText: "CONCEALER" });
  if (await line.count()) await line.getByRole("button", { name: /This is the patient/ }).click();
  await expect(panel).toContainText("This record is restricted");
  await expect(panel).not.toContainText("Nowhere Street");
  await expect(panel.getByRole("button", { name: "Use these" })).toBeDisabled();
  await looksRight(page, "look-up-restricted");
  await panel.getByRole("button", { name: "Not this patient" }).click();

  await search(page, "Departed", "1931-12-01");
  const died = panel.getByRole("listitem").filter({ hasText: "DEPARTED" });
  if (await died.count()) await died.getByRole("button", { name: /This is the patient/ }).click();
  await expect(panel.getByRole("alert").filter({ hasText: "died" })).toContainText("22 Oct 2026");
  await looksRight(page, "look-up-deceased");
});

test("with no signal a patient is recorded from what they say, and looked up later", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  await new Cis2(page).firstTime(server.origin);
  await expect(workList.entry("SAMPLEWICK")).toBeVisible();
  await server.stop();
  await signIn.lock();
  await signIn.touchSensor();
  await workList.goto();
  await workList.open("SAMPLEWICK");
  const panel = tracing(page);
  await panel.getByRole("button", { name: "Look up in PDS" }).click();
  await expect(panel).toContainText("look the patient up later");
  await expect(panel).toContainText("Not traced");
  await server.start();
});
