import { refer, resource, responses } from "../support/bars.js";
import { expect, test } from "../support/journey.js";

const PATIENT = "LARKSPURTON, Odile Fay";

test("a referral by BaRS is seen and completed, and the practice that sent it is told once", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const bundle = await refer(server);

  await ipad.workList.open(PATIENT);
  const { page } = ipad.device;
  await expect(ipad.consultation.banner()).toContainText("999 700 1028");
  await expect(page.getByText("Safeguarding Concern").first()).toBeVisible();
  await expect(page.getByText("Dr Rowan Teasel").first()).toBeVisible();

  await ipad.consultation.noRedFlags();
  await ipad.consultation.whereWhoAndConsent();
  await ipad.consultation.soreThroat();
  await ipad.consultation.sign();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });

  await expect.poll(async () => (await responses(server)).length, { timeout: 60_000 }).toBe(1);
  const [response] = await responses(server);
  expect(resource(response!, "MessageHeader").response?.identifier).toBe(bundle);
  expect(resource(response!, "ServiceRequest").status).toBe("completed");
  expect(resource(response!, "Encounter").status).toBe("finished");
  const told = (await server.deliveries()).filter((row) => row.kind === "referrer-feedback");
  expect(told).toHaveLength(1);
});

test("a practice whose patient was not reached is told so", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const bundle = await refer(server);
  await ipad.workList.open(PATIENT);
  await ipad.consultation.pick("closure-reason", "Could not be reached");
  await ipad.consultation.fill("closure-attempts", "Rang the mobile at 10:05 and 14:20, no answer.");
  await ipad.consultation.sign();

  await expect.poll(async () => (await responses(server)).length, { timeout: 60_000 }).toBe(1);
  const [response] = await responses(server);
  expect(resource(response!, "MessageHeader").response?.identifier).toBe(bundle);
  expect(resource(response!, "ServiceRequest").status).toBe("revoked");
  expect(resource(response!, "Encounter").reasonCode?.[0]?.coding[0]?.code).toBe("FC");
});
