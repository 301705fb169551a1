import { expect, test } from "../support/journey.js";

test("a red flag offers 999 at once and is signed with nothing else filled in", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await server.stop();
  await consultation.yes("rf-breathing");
  const emergency = page.locator("#emergency");
  await expect(emergency).toContainText("Address to read out");
  await expect(emergency).toContainText("ZZ99");
  await expect(consultation.banner()).toContainText("Red flag: Difficulty breathing");

  await consultation.pick("emergency-action", "999 called");
  await consultation.fill("emergency-address", "3 Mill Lane, Zettington");
  await consultation.fill("emergency-called-by", "Asha Rao");
  await consultation.fill("emergency-time", "14:05");
  await page.getByRole("button", { name: "Sign emergency now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign emergency now" }).click();
  await expect(page.getByText(/Signed as an emergency by Asha Rao/)).toBeVisible();
  await server.start();
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
});
