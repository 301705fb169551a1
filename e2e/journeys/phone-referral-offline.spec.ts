import { expect, test } from "../support/journey.js";

test("a referral taken down from the phone without a network is due by its disposition, and closing is offered, never done", async ({
  server,
  pickUp,
}) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await server.stop();

  const { page } = ipad.device;
  await page.getByRole("link", { name: "Add phone referral" }).click();
  await page.getByLabel("Urgent medicine supply").check({ force: true });
  await expect(page.getByText("General practice issues a prescription itself")).toBeVisible();
  await page.getByLabel("Who referred the patient?").selectOption("NHS111");
  await expect(page.getByText("General practice issues a prescription itself")).toHaveCount(0);
  await page.getByLabel("Name of the organisation").fill("NHS 111");
  await page.getByLabel("Case reference").fill("ABC-123456");
  await page.getByLabel("Disposition code").fill("dx85");
  await expect(page.getByText("Speak to the patient by")).toBeVisible();
  await page.getByLabel("What is wrong, in the patient's words").fill("Out of inhalers");
  await page.getByLabel("Family name").fill("Quillfeather");
  await page.getByRole("button", { name: "Begin consultation" }).click();
  await expect(ipad.consultation.banner()).toContainText("QUILLFEATHER");

  await page.getByLabel("What came of it").selectOption("no-answer");
  await page.getByRole("button", { name: "Write down this try" }).click();
  await expect(page.getByText("Phoned, no answer")).toBeVisible();
  await ipad.workList.goto();
  const entry = ipad.workList.entry("QUILLFEATHER");
  await expect(entry).toContainText("Phone");
  await expect(entry).toContainText("left)");
  await expect(entry).toContainText("1 try");
  await expect(entry).toContainText("New");
  await expect(entry).not.toContainText("may be closed");
});
