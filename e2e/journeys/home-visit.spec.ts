import { practiceMailbox } from "../support/mesh.js";
import { expect, test } from "../support/journey.js";

const PATIENT = "BRAMBLEWORTH, Odile Fay";

test("a 111 referral is seen at home without signal, and the GP is told once", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const counter = await pickUp({ viewport: { width: 1280, height: 800 } });
  await counter.signIn.enrol(await server.invite(), "Ben Ade", "2074999");

  expect((await server.report("minor-illness-dx28.xml")).status).toBe(200);
  // Within a second of the sender's answer, on every device, and where it is seen first.
  for (const one of [ipad, counter]) {
    await expect(one.workList.names().first()).toHaveText(PATIENT, { timeout: 1_000 });
  }

  await server.stop();
  const { page } = ipad.device;
  await ipad.device.closeApp();
  await page.goto(server.origin);
  await ipad.signIn.touchSensor();
  await expect(page.getByText("Working offline.")).toBeVisible();
  await ipad.workList.open(PATIENT);
  await expect(ipad.consultation.banner()).toContainText("999 700 1028");
  await expect(page.getByText("Triage questions and answers")).toBeVisible();

  await ipad.consultation.noRedFlags();
  await ipad.consultation.whereWhoAndConsent();
  await expect(ipad.consultation.truth("device")).toContainText("Saved on this device");
  await expect(ipad.consultation.truth("server")).toContainText("Not yet with the server");

  await page.reload();
  await ipad.signIn.touchSensor();
  await expect(ipad.consultation.banner()).toContainText(PATIENT);
  await expect(ipad.consultation.question("consent-service").getByLabel("Yes", { exact: true })).toBeChecked();

  await ipad.consultation.soreThroat();
  await expect(ipad.consultation.missing()).toHaveCount(0);
  await ipad.consultation.sign();
  await expect(ipad.consultation.truth("server")).toContainText("Not yet with the server");

  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await expect(ipad.consultation.truth("gp")).toContainText("With Meadow Lane Surgery", { timeout: 30_000 });
  await counter.workList.tab("All");
  await expect(counter.workList.entry(PATIENT)).toContainText("Completed", { timeout: 60_000 });

  const messages = await practiceMailbox(server);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toContain("9997001028");
  expect(messages[0]).toContain("ITK014M");
  const told = (await server.consultations()).find((row) => row.patient_name === PATIENT);
  expect(told).toMatchObject({ status: "completed", notice: "accepted", channel: "itk111", disposition: "Dx28" });
});

test("the same report twice makes one consultation", async ({ server }) => {
  const before = (await server.consultations()).length;
  for (let time = 0; time < 2; time++) {
    expect((await server.report("minor-illness-dx28.xml")).status).toBe(200);
  }
  expect(await server.consultations()).toHaveLength(before + 1);
});
