import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";
import { LAWFUL } from "../support/screens/supply.js";

test("a supply is in the register, its batch can be recalled, and its token, copied by hand, is in the month's bundle", async ({
  server,
  pickUp,
}) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  await looksRight(page, "work-list-with-medicines");
  await ipad.medicines.open();
  await page.getByRole("combobox").fill("salb inh");
  await expect(page.getByRole("option").first()).toBeVisible();
  await looksRight(page, "medicines");
  await page.getByRole("link", { name: "Work list" }).first().click();

  await server.stop();
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Salbutamol inhaler");
  await ipad.consultation.interview("Salbutamol inhaler");
  await looksRight(page, "supply-empty");
  const line = await ipad.supply.pick("salb inh", "Salbutamol 100micrograms/dose inhaler CFC free");
  await looksRight(page, "supply-asking");
  await line.answerAll(LAWFUL);
  await line.fill("Smallest pack available here: how much is in it?", "200");
  await line.details({ quantity: "200", days: "25", directions: "Two puffs when needed", place: "To be collected from the pharmacy" });
  await line.pack("AB-12 3", "2027-08-31");
  await looksRight(page, "supply-ready");
  await line.supply();
  await ipad.consultation.decide("Supplied, as decided for each medicine");
  await ipad.charge.exempt(/prepayment/i, "seen");
  await looksRight(page, "supply-decided");

  await page.getByRole("link", { name: "No printer: copy onto the token" }).click();
  await expect(page.getByRole("heading", { name: "Copy onto the token" })).toBeVisible();
  await looksRight(page, "copy-onto-token");
  const keep = page.getByRole("button", { name: "Everything is on the token" });
  await expect(keep).toBeDisabled();
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await page.getByRole("radio", { name: "Yes" }).check();
  await keep.click();
  await expect(page.getByText("Recorded: the token was copied by hand.")).toBeVisible();
  await page.getByRole("link", { name: "Consultation", exact: true }).click();
  await ipad.consultation.sign();
  await looksRight(page, "supply-signed");

  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await ipad.workList.goto();
  await page.getByRole("link", { name: "Registers" }).click();
  await expect(page.getByText(/Salbutamol 100micrograms/).first()).toBeVisible();
  await expect(page.getByText(/QUILLFEATHER/).first()).toBeVisible();
  await looksRight(page, "register");

  await page.getByRole("button", { name: "Recall" }).click();
  await page.getByRole("button", { name: "Find everyone given it" }).click();
  await expect(page.getByText("Type the batch number as it stands on the pack or in the recall.").first()).toBeVisible();
  await page.getByLabel("Batch").fill("ab123");
  await page.getByRole("button", { name: "Find everyone given it" }).click();
  await expect(page.getByText(/QUILLFEATHER/).first()).toBeVisible();
  await looksRight(page, "recall");
  await page.getByLabel("Batch").fill("ZZ999");
  await page.getByRole("button", { name: "Find everyone given it" }).click();
  await expect(page.getByRole("status").filter({ hasText: /ZZ999/ })).toBeVisible();
  await expect(page.getByText(/QUILLFEATHER/)).toHaveCount(0);

  await page.getByRole("button", { name: "Tokens of the month" }).click();
  await expect(page.getByText(/PF UMS/).first()).toBeVisible();
  await looksRight(page, "tokens");
});
