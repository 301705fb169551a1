import { looksRight } from "../support/accessible.js";
import { expect, test, type Hand } from "../support/journey.js";

/** A sore throat in the pharmacy, advised and signed: payable, because a gateway was crossed. */
async function soreThroat({ workList, consultation }: Hand): Promise<void> {
  await workList.walkIn("Sore throat", { familyName: "Quillfeather", birthDate: "1996-05-14", sex: "Female" });
  await consultation.whereWhoAndConsent("In the pharmacy");
  await consultation.noRedFlags();
  await consultation.background();
  await consultation.fill("duration-days", "6");
  await consultation.fill("complaint", "Sore throat.");
  await consultation.no("scarlet-fever", "glandular-fever", "cancer-signs", "quinsy");
  await consultation.yes("fp-fever");
  await consultation.no("fp-purulence", "fp-inflamed", "fp-no-cough");
  await consultation.adviseAndDecide("Self-care, with or without a medicine bought");
  await consultation.sign();
}

test("the month's claims are told, compared with Manage Your Service, and have their papers", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await soreThroat(ipad);
  await expect(page.getByText("Claimed: NHSBSA has taken the claim")).toBeVisible({ timeout: 60_000 });
  await ipad.workList.goto();
  await page.getByRole("link", { name: "Claims", exact: true }).click();
  await expect(page.locator("#claims-source")).toContainText("From the server");
  const pathways = page.locator("[data-service=clinical-pathway]");
  await expect(pathways).toContainText("Accepted");
  await expect(pathways).toContainText("£17.00");
  await expect(page.locator("#claims-threshold")).toContainText("1 clinical pathway. 19 more for £500.00.");
  await expect(page.locator("#claims-mend")).toContainText("Nothing to mend");
  await expect(page.getByLabel("Figures to copy into Manage Your Service")).toHaveValue(/Clinical pathway: 1 claimed and accepted/);
  await looksRight(page, "claims");

  await page.getByRole("button", { name: "Compare with Manage Your Service" }).click();
  const theirs = page.getByLabel("Clinical pathway: accepted");
  await theirs.fill("many");
  await page.getByRole("button", { name: "Keep this" }).click();
  await expect(page.locator("#mys")).toContainText("Enter a whole number");
  await theirs.fill("2");
  await page.getByRole("button", { name: "Keep this" }).click();
  await expect(pathways).toContainText("2: 1 more than were accepted here");

  const evidence = page.waitForResponse((answer) => answer.url().endsWith("/evidence"));
  await page.getByRole("button", { name: "Evidence behind the claims" }).click();
  expect((await evidence).headers()["content-type"]).toBe("application/pdf");
  await page.getByRole("button", { name: "Report a failure of IT" }).click();
  await page.getByRole("button", { name: "Make the report" }).click();
  await expect(page.locator("#claim-papers")).toContainText("Say what failed.");
});

test("figures come from the server, without it from this device, and an export is taken away without names", async ({
  server,
  pickUp,
}) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await soreThroat(ipad);
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await ipad.workList.goto();
  await page.getByRole("link", { name: "Figures", exact: true }).click();
  await expect(page.locator("#figures-source")).toContainText("From the server");
  const consultations = page.locator(".figure__top", { hasText: "Consultations" });
  await expect(consultations).toContainText("1");
  await expect(page.getByRole("img", { name: "Consultations, as columns" })).toBeVisible();
  const outcomes = page.locator(".figure", { has: page.getByRole("heading", { name: "Outcomes" }) });
  await outcomes.getByText("As a table").click();
  await expect(outcomes.getByRole("row", { name: /Self-care/ })).toContainText("1");
  await looksRight(page, "figures");

  await page.getByRole("button", { name: "Take an export away" }).click();
  await page.getByLabel("Nobody may be recognised by (recipient)").fill("Data warehouse");
  await page.getByRole("button", { name: "List the files" }).click();
  await expect(page.locator("#exports")).toContainText("1 consultation");
  const link = page.locator("#exports").getByRole("link", { name: /consultations\.csv/ }).last();
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const stream = await download.createReadStream();
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  const table = Buffer.concat(pieces).toString();
  expect(table).toContain("sore-throat@1");
  expect(table).not.toContain("uillfeather");
  expect(table).not.toContain("1996-05-14");

  await server.stop();
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.locator("#figures-source")).toContainText("Counted on this device");
  await expect(consultations).toContainText("1");
  await expect(page.locator("#figures-health")).toContainText("Everything recorded here is with the server.");
});
