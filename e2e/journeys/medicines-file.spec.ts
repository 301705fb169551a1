import { expect, test } from "../support/journey.js";

test("the medicines file is renewed in the middle of a consultation, and nothing recorded changes", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  const { page } = ipad.device;
  await ipad.medicines.open();
  const before = await ipad.medicines.release();
  await page.getByRole("link", { name: "Work list" }).first().click();

  await ipad.workList.phoneReferralForSupply("Quillfeather", "Salbutamol inhaler");
  await ipad.consultation.interview("Salbutamol inhaler");
  const line = await ipad.supply.pick("salb inh", "Salbutamol 100micrograms/dose inhaler CFC free");
  await line.answer("Why is it not to hand?", "Prescription not ordered");

  // A newer release comes to the server, and from there to the device, while the line is open.
  const newer = await server.newerMedicines();
  await expect(async () => {
    await ipad.medicines.renew();
    expect(await ipad.medicines.release()).toContain(newer.slice(0, 4));
    expect(await ipad.medicines.release()).not.toBe(before);
  }).toPass({ timeout: 30_000 });
  await page.goBack();
  await expect(line.box).toBeVisible();
  await expect(
    line.question("Why is it not to hand?").getByLabel("Prescription not ordered", { exact: true }),
  ).toBeChecked();

  // And the network away: the new file is used.
  await server.stop();
  const other = await ipad.supply.pick("ramip 5mg", "Ramipril 5mg capsules");
  await expect(other.box).toBeVisible();
});
