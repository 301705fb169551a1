import { expect, test, type Hand } from "../support/journey.js";
import type { Server } from "../support/server.js";

interface Kept {
  reference: string;
  month: string;
  amended: number;
  deleted: boolean;
  claim: unknown;
}

/** What the pretend NHSBSA holds. */
async function held(server: Server): Promise<Kept[]> {
  return (await fetch(`${server.origin}/simulator/claims/claims`)).json() as Promise<Kept[]>;
}

async function claimOf(server: Server): Promise<string | undefined> {
  return (await server.consultations()).find((one) => one.patient_name?.startsWith("QUILLFEATHER"))?.claim;
}

/** A sore throat in the pharmacy with a FeverPAIN score of 1, up to the decision. */
async function soreThroat({ workList, consultation }: Hand): Promise<void> {
  await workList.walkIn("Sore throat", { familyName: "Quillfeather", birthDate: "1996-05-14", sex: "Female" });
  await consultation.whereWhoAndConsent("In the pharmacy");
  await consultation.noRedFlags();
  await consultation.background();
  await consultation.fill("duration-days", "6");
  await consultation.fill("complaint", "Sore throat.");
  await consultation.no("scarlet-fever", "glandular-fever", "cancer-signs");
  await consultation.yes("fp-fever");
  await consultation.no("fp-purulence", "fp-inflamed", "fp-no-cough");
}

test("a gateway crossed without a supply is claimed, and an amendment changes the claim once", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const { consultation } = ipad;
  const { page } = ipad.device;
  await soreThroat(ipad);
  await consultation.no("quinsy");
  await consultation.adviseAndDecide("Self-care, with or without a medicine bought");
  await expect(consultation.comesTo()).toContainText("Gateway crossed");
  await consultation.sign();
  await expect.poll(() => claimOf(server), { timeout: 30_000 }).toBe("accepted");
  await expect(page.getByText("Claimed: NHSBSA has taken the claim")).toBeVisible({ timeout: 30_000 });
  const [first, ...others] = await held(server);
  expect(others).toEqual([]);
  expect(JSON.stringify(first?.claim)).toContain("score-0-or-1");
  expect(first?.amended).toBe(0);

  await page.getByLabel("Reason for a change").fill("The days were wrong");
  await page.getByRole("button", { name: "Amend this record" }).click();
  await consultation.fill("duration-days", "2");
  await consultation.sign();
  await expect.poll(async () => (await held(server))[0]?.amended, { timeout: 30_000 }).toBe(1);
  await expect.poll(() => claimOf(server), { timeout: 30_000 }).toBe("accepted");
  const after = await held(server);
  expect(after).toHaveLength(1);
  expect(JSON.stringify(after[0]?.claim)).toContain("score-2-or-3");
  expect(after[0]?.amended).toBe(1);
});

test("somebody whom the pathway excludes is referred on, and nothing is claimed", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await soreThroat(ipad);
  await ipad.consultation.yes("quinsy");
  await ipad.consultation.adviseAndDecide("Refer on, urgent");
  await ipad.consultation.sign();
  await expect(ipad.device.page.getByText("No gateway was crossed, and the patient came without a referral.")).toBeVisible();
  await expect.poll(() => claimOf(server), { timeout: 30_000 }).toBe("not-required");
  expect(await held(server)).toEqual([]);
});

test("a sore throat that turns out to be a cold goes on as minor illness, and both are kept", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const { consultation } = ipad;
  const { page } = ipad.device;
  await soreThroat(ipad);
  await page.getByText("Is it another condition?").click();
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await expect(page.getByText("Say why it is another condition.")).toBeVisible();
  await page.getByLabel("Go on as").selectOption({ label: "Minor illness" });
  await page.getByLabel("Why?").fill("A cold, the throat is clear");
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Minor illness");
  await page.getByText("First as Sore throat").first().click();
  await expect(page.getByText("Fever in the last 24 hours: yes").first()).toBeVisible();
  await expect(consultation.question("consent-service").getByLabel("Yes")).toBeChecked();
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  const row = (await server.consultations()).find((one) => one.patient_name?.startsWith("QUILLFEATHER"));
  const record = await server.command("consultation", row?.id ?? "", "--json");
  expect(record).toContain("A cold, the throat is clear");
});
