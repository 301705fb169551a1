import { expect, test } from "../support/journey.js";

/** Advice only: what a pharmacist decides who has the patient's medicine found elsewhere. */
const NOT_NEEDED = "Advice only: nothing is needed now";

test("an urgent supply is sent on to a second pharmacy, which completes it, and the first reads what came of it", async ({
  server,
  pickUp,
}) => {
  const first = await pickUp();
  await first.signIn.enrol(await server.invite());
  const link = (await server.command("invite", "--pharmacy", "FB456")).match(/http\S+/)![0];
  const second = await pickUp();
  await second.signIn.enrol(link, "Ben Okafor", "2074999");
  await expect(second.workList.names()).toHaveCount(0);

  // The first pharmacy has not got the medicine.
  const { page } = first.device;
  await page.getByRole("link", { name: "Add phone referral" }).click();
  await page.getByLabel("Urgent medicine supply").check({ force: true });
  await page.getByLabel("Who referred the patient?").selectOption("NHS111");
  await page.getByLabel("Name of the organisation").fill("NHS 111");
  await page.getByLabel("Disposition code").fill("Dx85");
  await page.getByLabel("What is wrong, in the patient's words").fill("Out of inhalers");
  await page.getByLabel("Family name").fill("Quillfeather");
  await page.getByLabel("Given name").fill("Juno");
  await page.getByLabel("Date of birth").fill("1988-05-14");
  await page.getByRole("button", { name: "Begin consultation" }).click();
  await first.consultation.urgentSupply("Refer on, routine");
  await first.consultation.pick("onward-to-routine", "Another pharmacy");
  await page.getByLabel("Where is the patient sent?").selectOption("pharmacy");
  await page.getByLabel("How urgent is it?").selectOption("routine");
  await page.getByLabel("Name of the service").fill("Sycamore Pharmacy");
  await page.getByRole("button", { name: "Address, code and e-mail" }).click();
  await page.getByLabel("ODS code").fill("FB456");
  await page.getByLabel("Why is the patient sent there?").fill("The inhaler is out of stock here.");
  await page.getByLabel("Agreed with (name and role)").fill("Ben Okafor, pharmacist");
  await page.getByLabel("Does the patient agree that the record goes there?").selectOption("yes");
  await first.consultation.sign();

  // The second pharmacy has a record of its own, with what the first did in it.
  const theirs = second.workList.entry("QUILLFEATHER, Juno");
  await expect(theirs).toContainText("Forwarded by another pharmacy", { timeout: 60_000 });
  await second.workList.open("QUILLFEATHER");
  await expect(second.device.page.getByText("The inhaler is out of stock here.")).toBeVisible();
  await expect(second.device.page.getByText("Agreed with Ben Okafor, pharmacist")).toBeVisible();
  await second.consultation.urgentSupply(NOT_NEEDED);
  await second.consultation.sign();

  // And the first is told beside its own record, which is unchanged.
  await first.workList.goto();
  await first.workList.open("QUILLFEATHER");
  await expect(page.getByText("Sycamore Pharmacy tells: Completed")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("Your record is unchanged.")).toBeVisible();
  const all = (await server.consultations()).filter((row) => row.patient_name === "QUILLFEATHER, Juno");
  expect(all.map((row) => row.pharmacy).sort()).toEqual(["FA123", "FB456"]);
});
