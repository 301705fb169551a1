import { expect, test } from "../support/journey.js";

test("two people who disagree see both answers, and nobody signs until it is settled", async ({ server, pickUp }) => {
  const asha = await pickUp();
  await asha.signIn.enrol(await server.invite());
  const ben = await pickUp();
  await ben.signIn.enrol(await server.invite(), "Ben Ade", "2074999");
  await asha.workList.open("TESTERTON");
  await ben.workList.open("TESTERTON");

  await server.stop();
  await asha.consultation.pick("immunosuppressed", "Yes");
  await ben.consultation.pick("immunosuppressed", "No");
  await asha.consultation.noRedFlags();
  await ben.consultation.fill("history", "Seen at the door.");
  await server.start();

  for (const one of [asha, ben]) {
    const disputed = one.device.page.getByRole("region", { name: "Disputed" });
    await expect(disputed).toContainText("Asha Rao", { timeout: 60_000 });
    await expect(disputed).toContainText("Ben Ade");
  }
  await expect(asha.device.page.getByRole("button", { name: "Sign and finish" }).first()).toBeDisabled();
  await expect(asha.consultation.question("history").locator("textarea")).toHaveValue("Seen at the door.");

  const hers = asha.device.page.getByRole("region", { name: "Disputed" }).getByRole("listitem").filter({ hasText: "Asha Rao" });
  await hers.getByRole("button", { name: "This is right" }).click();
  for (const one of [asha, ben]) {
    await expect(one.device.page.getByRole("region", { name: "Disputed" })).toHaveCount(0, { timeout: 30_000 });
  }
  await expect(ben.consultation.question("immunosuppressed").getByLabel("Yes", { exact: true })).toBeChecked();
  await asha.consultation.whereWhoAndConsent();
  await asha.consultation.soreThroat();
  await asha.consultation.sign();
  await expect(ben.device.page.getByRole("heading", { name: "Signed", exact: true })).toBeVisible({ timeout: 30_000 });
});
