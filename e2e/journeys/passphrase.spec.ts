import { expect, test } from "../support/journey.js";

test("a passphrase opens the vault where the sensor makes no key, and a wrong one does not", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp({ sensor: "without-prf" });
  await signIn.enrolWithoutPrf(await server.invite());
  await workList.open("TESTERTON");
  await server.stop();
  await consultation.noRedFlags();
  await device.closeApp();
  await device.page.goto(server.origin);
  await signIn.unlockWithPassphrase("not the right words");
  await expect(device.page.locator(".unlock__problem")).not.toBeEmpty();
  await signIn.unlockWithPassphrase();
  await expect(device.page.getByText("1 consultation waits to be sent.")).toBeVisible();
  await server.start();
  await expect(device.page.getByText("Working offline.")).toHaveCount(0, { timeout: 60_000 });
  await workList.open("TESTERTON");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
});
