import { practiceAnswers, practiceMailbox } from "../support/mesh.js";
import { expect, test } from "../support/journey.js";

const PATIENT = "BRAMBLEWORTH, Odile Fay";

test("a notice that the practice refuses is seen, mended and sent again", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await practiceAnswers(server, "20009");
  expect((await server.report("minor-illness-dx28.xml")).status).toBe(200);
  await ipad.workList.open(PATIENT);
  await ipad.consultation.noRedFlags();
  await ipad.consultation.whereWhoAndConsent();
  await ipad.consultation.soreThroat();
  await ipad.consultation.sign();

  // Told in one clear line, in the record and on the work list.
  await expect(ipad.consultation.truth("gp")).toContainText("Phone the practice", { timeout: 60_000 });
  await page.goto(server.origin);
  await ipad.signIn.touchSensor();
  await page.getByRole("link", { name: "1 visit has a message that needs you" }).click();
  const refused = page.getByRole("listitem").filter({ hasText: "By GP Connect Update Record" });
  await expect(refused).toContainText("This is a fault of the message (code 20009)");
  await expect(refused).toContainText("GP notice to Meadow Lane Surgery");
  await expect(refused).toContainText(PATIENT);

  // Mended, and sent again: the same message, with the same ids.
  await practiceAnswers(server, "");
  await refused.getByRole("button", { name: "Send again" }).click();
  await expect
    .poll(async () => (await server.consultations()).find((row) => row.patient_name === PATIENT)?.notice, {
      timeout: 60_000,
    })
    .toBe("accepted");
  const messages = await practiceMailbox(server);
  expect(messages).toHaveLength(2);
  expect(messages[0]).toBe(messages[1]);

  await page.reload();
  await ipad.signIn.touchSensor();
  await expect(page.getByText("Nothing needs you.")).toBeVisible({ timeout: 30_000 });
});
