import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";

test("an administrator invites, withdraws a link, files evidence, removes a person, and every act is in the audit log", async ({
  pickUp,
  office,
}) => {
  const { page } = office.device;
  await page.getByRole("link", { name: "Settings" }).click();

  const invite = page.getByRole("region", { name: "Invite a colleague" });
  await invite.getByLabel("As", { exact: true }).selectOption("pharmacist");
  await invite.getByRole("button", { name: "Make an enrolment link" }).click();
  const withdrawn = (await invite.locator(".one-time-link").textContent()) ?? "";
  await expect(invite.getByRole("listitem").filter({ hasText: "invited by Otto Brandt" })).toHaveCount(1);
  await looksRight(page, "settings-invitations");
  await invite.getByRole("listitem").filter({ hasText: "invited by Otto Brandt" }).getByRole("button", { name: /Withdraw/ }).click();
  await expect(invite.getByRole("listitem").filter({ hasText: "invited by Otto Brandt" })).toHaveCount(0);
  const locum = await pickUp();
  await locum.device.page.goto(withdrawn);
  await expect(locum.device.page.getByRole("heading", { name: "This link cannot be used" })).toBeVisible();

  await invite.getByRole("button", { name: "Make an enrolment link" }).click();
  await expect(invite.locator(".one-time-link")).not.toHaveText(withdrawn);
  const link = (await invite.locator(".one-time-link").textContent()) ?? "";
  await locum.signIn.enrol(link, "Nadia Okoro", "2074555");
  await locum.workList.open("TESTERTON");
  await expect(locum.device.page.getByText("No evidence of your competence for minor illness is kept")).toBeVisible();
  await looksRight(locum.device.page, "evidence-missing");

  await page.reload();
  await office.signIn.touchSensor();
  const staff = page.getByRole("region", { name: "Who works here" });
  await staff.getByRole("listitem").filter({ hasText: "Nadia Okoro" }).getByRole("button", { name: /Evidence/ }).click();
  const papers = page.getByRole("group", { name: "Evidence and authorisations of Nadia Okoro" });
  await papers.getByRole("button", { name: "File evidence of competence" }).click();
  await papers.getByLabel("For which service").first().selectOption("minor-illness");
  await papers.locator("#evidence-dated").fill("2026-01-10");
  await papers.locator("#evidence-expires").fill("2030-01-10");
  await looksRight(page, "settings-evidence");
  await papers.getByRole("button", { name: "File it" }).first().click();
  await expect(papers.getByRole("listitem").filter({ hasText: /minor/i })).toHaveCount(1);
  await locum.workList.goto();
  await locum.device.page.reload();
  await locum.signIn.touchSensor();
  await locum.workList.open("TESTERTON");
  await expect(locum.device.page.getByText("No evidence of your competence for minor illness is kept")).toHaveCount(0);

  await staff.getByRole("listitem").filter({ hasText: "Nadia Okoro" }).getByRole("button", { name: /Remove from the pharmacy/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove from the pharmacy" }).click();
  await expect(staff.getByRole("listitem").filter({ hasText: "Nadia Okoro" })).toHaveCount(0);

  await page.getByRole("link", { name: /Audit log/ }).click();
  await expect(page.getByRole("heading", { name: "Audit log" })).toBeVisible();
  const log = page.getByRole("main");
  for (const words of [/invited/i, /withdr/i, /enrolled/i, /evidence/i, /removed/i]) {
    await expect(log.getByRole("listitem").filter({ hasText: words }).first()).toBeVisible();
  }
  await looksRight(page, "audit-log");
});

test("an auditor searches who opened a record by the patient's NHS number, and it is in no address", async ({
  server,
  pickUp,
}) => {
  const { signIn, workList } = await pickUp();
  await signIn.enrol(await server.invite());
  await workList.open("SAMPLEWICK");
  const office = await pickUp({ viewport: { width: 1280, height: 800 } });
  const { page } = office.device;
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  await office.signIn.enrol(await server.invite("auditor"), "Una Falk", "");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: /Audit log/ }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Asha Rao" }).first()).toBeVisible();
  await page.getByLabel("NHS number or consultation").fill("999 052 3185");
  await expect(async () => {
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: /opened/i }).first()).toContainText("Asha Rao", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  expect(addresses.filter((address) => address.includes("9990523185") || address.includes("999%20"))).toEqual([]);
  await page.getByLabel("NHS number or consultation").fill("999 041 2073");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: /opened/i })).toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.csv$/);
  expect(await server.command("audit", "verify")).toContain("whole");
});

test("a locum's access ends with the shift, and their own unsent work stays", async ({ server, pickUp, office }) => {
  const { page } = office.device;
  const locum = await pickUp();
  await locum.signIn.enrol(await server.invite(), "Nadia Okoro", "2074555");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("region", { name: "Responsible pharmacist" }).getByRole("button", { name: "Name a colleague" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Asha Rao");
  await page.getByLabel("GPhC registration number").fill("2074123");
  await page.getByRole("button", { name: "Name as responsible" }).click();
  await expect(page.getByRole("region", { name: "Responsible pharmacist" })).toContainText("Asha Rao (GPhC 2074123), since");
  const staff = page.getByRole("region", { name: "Who works here" });
  await staff.getByRole("listitem").filter({ hasText: "Nadia Okoro" }).getByRole("button", { name: /End of access/ }).click();
  const soon = new Date(Date.now() + 2 * 3_600_000);
  await page.locator("#access-ends").fill(soon.toISOString().slice(0, 16));
  await page.getByRole("button", { name: "Set" }).first().click();
  await locum.device.page.reload();
  await locum.signIn.touchSensor();
  await expect(locum.device.page.getByText(/You are at Elm Pharmacy \(FA123\) until .* Responsible pharmacist: Asha Rao/)).toBeVisible({ timeout: 30_000 });
  await looksRight(locum.device.page, "locum-banner");

  await locum.workList.open("TESTERTON");
  await locum.device.page.context().route("**/api/**", (route) => route.abort());
  await locum.consultation.fill("history", "Swallowing is painful.");
  await expect(locum.consultation.truth("device")).toContainText("Saved on this device");
  await locum.device.page.clock.setSystemTime(Date.now() + 3 * 3_600_000);
  await locum.device.page.goto(server.origin);
  await locum.signIn.touchSensor();
  await expect(locum.workList.names()).toHaveCount(0);
  await expect(locum.device.page.getByText("TESTERTON")).toBeVisible();
  await looksRight(locum.device.page, "shift-over");
});
