import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "../support/journey.js";

const mail = new URL("../../server/src/intake/mail/fixtures/structured.eml", import.meta.url).pathname;

test("an e-mailed referral waits, is read beside the form, and becomes a record only when somebody says so", async ({ server, pickUp }) => {
  const folder = join(server.folder, "mail");
  mkdirSync(join(folder, "new"), { recursive: true });
  await server.stop();
  server.set({ SATCHEL_MAIL_FOLDER: folder });
  await server.start();
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());

  copyFileSync(mail, join(folder, "new", "1.eml"));
  await expect.poll(() => existsSync(join(folder, "cur", "1.eml")), { timeout: 30_000 }).toBe(true);
  const { page } = ipad.device;
  await page.reload();
  await ipad.signIn.touchSensor();
  await page.getByRole("link", { name: "1 message waits" }).click();
  await page.getByRole("link", { name: /Pharmacy First referral/ }).click();
  await expect(page.getByText("Sore throat for three days, no fever").first()).toBeVisible();
  await expect(page.getByLabel("Family name")).toHaveValue("WINTERS");
  await expect(page.getByLabel("NHS number")).toHaveValue("999 054 8609");
  await expect(page.getByText("postcode: ZZ99 3CZ")).toBeVisible();

  // The form and the message stay where they are when the network goes.
  await server.stop();
  await page.getByRole("button", { name: "Make it a referral" }).click();
  await expect(page.getByText("Say which service the patient is referred for.").first()).toBeVisible();
  await page.getByLabel("Minor illness").check({ force: true });
  await page.getByLabel("Name of the organisation").fill("Elm Road Surgery");
  await page.getByRole("button", { name: "Make it a referral" }).click();
  await expect(ipad.consultation.banner()).toContainText("WINTERS, Hettie");

  await server.start();
  await ipad.workList.goto();
  await expect(ipad.workList.entry("WINTERS, Hettie")).not.toContainText("Not sent", { timeout: 60_000 });
  const settled = async () => (await server.audit()).some((line) => line.action === "waiting-settled");
  await expect.poll(settled, { timeout: 60_000 }).toBe(true);
  await page.reload();
  await ipad.signIn.touchSensor();
  await expect(ipad.workList.entry("WINTERS, Hettie")).toBeVisible();
  await expect(page.getByRole("link", { name: /message waits/ })).toHaveCount(0, { timeout: 60_000 });
});
