import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { looksRight } from "../support/accessible.js";
import { filmOfPack } from "../support/film.js";
import { expect, test } from "../support/journey.js";
import { LAWFUL } from "../support/screens/supply.js";

test("the camera reads batch and expiry off a pack with no network, and the pharmacist confirms them", async ({ server, pickUp }) => {
  const film = join(mkdtempSync(join(tmpdir(), "satchel-film-")), "pack.y4m");
  await filmOfPack("(01)05012345678900(17)300331(10)AB12", film);
  const ipad = await pickUp({ film });
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  await page.evaluate("navigator.serviceWorker.ready");
  await server.stop();
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Ramipril");
  await ipad.consultation.interview("Ramipril 5 mg capsules");
  const line = await ipad.supply.pick("ramip 5mg", "Ramipril 5mg capsules");
  await line.answerAll(LAWFUL);
  await line.box.getByRole("button", { name: "Scan the pack" }).click();
  await line.box.getByRole("button", { name: "Use the camera" }).click();
  const read = line.box.getByRole("region", { name: "Scan a pack" }).getByRole("status");
  await expect(read).toContainText("AB12", { timeout: 30_000 });
  await looksRight(page, "scanned");
  await line.box.getByRole("button", { name: "Use this pack" }).click();
  await expect(line.box.getByLabel("Batch", { exact: true })).toHaveValue("AB12");
  await expect(line.box.getByText(/The code holds a number, not a name/)).toBeVisible();

  // A code that was mistyped is named, and nothing is taken from it.
  await line.box.getByRole("button", { name: "Scan the pack" }).click();
  await line.box.getByLabel("Or type the code").fill("(01)05012345678901(17)300331(10)ZZ99");
  await line.box.getByRole("button", { name: "Read what I typed" }).click();
  await expect(line.box.getByRole("alert").filter({ hasText: /digit/ }).first()).toBeVisible();
  await line.box.getByRole("button", { name: "Cancel scanning" }).click();
  await expect(line.box.getByLabel("Batch", { exact: true })).toHaveValue("AB12");
});
