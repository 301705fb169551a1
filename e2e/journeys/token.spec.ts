import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "../support/journey.js";
import { LAWFUL } from "../support/screens/supply.js";

/** An invented id with a right check character. */
const PRESCRIPTION = "A3B4D9-Z42475-11E6B+";

test("a token is printed with no network, and a scanner reads its barcode", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  await server.stop();
  const { page } = ipad.device;

  await ipad.workList.phoneReferralForSupply("Quillfeather", "Ramipril");
  await ipad.consultation.interview("Ramipril 5 mg capsules");
  await page.getByLabel("Prescription id, where you have it").fill(PRESCRIPTION);
  await page.getByRole("button", { name: "Record a prescription that you found" }).click();
  await page.getByLabel("Where did you look?").selectOption("phone");
  await page.getByLabel("What has become of it?").selectOption({ label: "With another dispenser" });
  await page.getByRole("button", { name: "Record it" }).click();
  const line = await ipad.supply.pick("ramip 5mg", "Ramipril 5mg capsules");
  await line.answerAll(LAWFUL);
  await line.judge(/A prescription was found/, "The other pharmacy is closed until Monday.");
  await line.details({
    quantity: "5",
    days: "5",
    directions: "One in the morning",
    place: "To be collected from the pharmacy",
  });
  await line.supply();
  await ipad.charge.exempt(/prepayment/i, "not-seen");
  // An emergency supply has no prescription of its own: that one was found is no reason to put it on the token.
  await expect(page.getByLabel("Prescription on the token")).toHaveValue("");
  await page.getByLabel("Prescription on the token").selectOption({ index: 1 });

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save token as a file" }).click(),
  ]);
  const folder = mkdtempSync(join(tmpdir(), "satchel-token-"));
  await download.saveAs(join(folder, "token.pdf"));
  execFileSync("pdftoppm", ["-r", "300", "-png", join(folder, "token.pdf"), join(folder, "page")]);
  const read = execFileSync("zbarimg", ["-q", "--raw", join(folder, "page-1.png")]).toString().trim();
  expect(read).toBe(PRESCRIPTION.replaceAll("-", ""));
  const words = execFileSync("pdftotext", ["-layout", join(folder, "token.pdf"), "-"]).toString();
  for (const part of ["QUILLFEATHER", "Ramipril 5mg capsules", "PF UMS"]) expect(words).toContain(part);
});
