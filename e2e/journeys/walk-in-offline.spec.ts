import { expect, test } from "../support/journey.js";

test("a walk-in begun without a network reaches the other devices later", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const counter = await pickUp();
  await counter.signIn.enrol(await server.invite(), "Ben Ade", "2074999");
  await server.stop();

  const { page } = ipad.device;
  await page.getByRole("link", { name: "Add walk-in" }).click();
  await page.getByLabel("What is wrong, in the patient's words").fill("Stung by a wasp");
  await page.getByLabel("Family name").fill("Quillfeather");
  await page.getByLabel("Given name").fill("Juno");
  await page.getByLabel("Date of birth").fill("1988-05-14");
  await page.getByRole("button", { name: "Begin consultation" }).click();
  await expect(ipad.consultation.banner()).toContainText("QUILLFEATHER, Juno");
  await ipad.consultation.noRedFlags();
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  await ipad.workList.goto();
  await expect(ipad.workList.entry("QUILLFEATHER, Juno")).toContainText("Not sent");

  await server.start();
  await expect(counter.workList.entry("QUILLFEATHER, Juno")).toBeVisible({ timeout: 60_000 });
  await expect(ipad.workList.entry("QUILLFEATHER, Juno")).not.toContainText("Not sent");
});
