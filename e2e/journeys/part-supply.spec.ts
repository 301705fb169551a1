import { expect, test } from "../support/journey.js";
import { LAWFUL } from "../support/screens/supply.js";

test("a part is supplied with no network, the rest is sent on, and the second pharmacy reads what was given", async ({
  server,
  pickUp,
}) => {
  const first = await pickUp();
  await first.signIn.enrol(await server.invite());
  const link = (await server.command("invite", "--pharmacy", "FB456")).match(/http\S+/)![0];
  const second = await pickUp();
  await second.signIn.enrol(link, "Ben Okafor", "2074999");
  await first.medicines.areHere();
  await server.stop();

  const { page } = first.device;
  await first.workList.phoneReferralForSupply("Quillfeather", "Ramipril");
  await first.consultation.interview("Ramipril 5 mg capsules, 28");
  const line = await first.supply.pick("ramip 5mg", "Ramipril 5mg capsules");
  await line.answerAll(LAWFUL);
  await line.details({
    quantity: "7",
    days: "7",
    directions: "One in the morning",
    place: "To be collected from the pharmacy",
  });
  await line.part("21 capsules");
  await page.getByLabel("How urgent is it?").selectOption("routine");
  await page.getByLabel("Name of the service").fill("Sycamore Pharmacy");
  await page.getByRole("button", { name: "Address, code and e-mail" }).click();
  await page.getByLabel("ODS code").fill("FB456");
  await page.getByLabel("Agreed with (name and role)").fill("Ben Okafor, pharmacist");
  await page.getByLabel("Does the patient agree that the record goes there?").selectOption("yes");
  await first.consultation.decide("Supplied, as decided for each medicine");
  await first.charge.exempt(/prepayment/i, "seen");
  await first.consultation.sign();

  await server.start();
  await expect(first.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  const theirs = second.workList.entry("QUILLFEATHER, Juno");
  await expect(theirs).toContainText("Forwarded by another pharmacy", { timeout: 60_000 });
  await second.workList.open("QUILLFEATHER");
  // What was already given, and what is still wanted.
  await expect(second.device.page.getByText(/Ramipril 5mg capsules/).first()).toBeVisible();
  await expect(second.device.page.getByText(/21 capsules/).first()).toBeVisible();
});
