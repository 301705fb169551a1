import { hand, expect, test } from "../support/journey.js";

test("an edit that the screen called saved survives the browser being killed", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  await signIn.enrolWithPassphrase(await server.invite());
  await workList.open("TESTERTON");
  await server.stop();
  await consultation.noRedFlags();
  await consultation.fill("history", "Swallowing is painful; no rash.");
  await expect(consultation.question("history").locator("textarea")).toHaveValue(/painful/);
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await device.kill();

  await device.launch();
  const again = hand(device);
  await device.page.goto(server.origin);
  await again.signIn.unlockWithPassphrase();
  await again.workList.open("TESTERTON");
  await expect(again.consultation.question("history").locator("textarea")).toHaveValue("Swallowing is painful; no rash.");
  const flags = device.page.locator("#step-red-flags").getByLabel("No", { exact: true });
  for (const flag of await flags.all()) await expect(flag).toBeChecked();
  await expect(device.page.getByText("1 consultation waits to be sent.")).toBeVisible();
});

test("a reload in the middle of typing loses nothing that was called saved", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await consultation.fill("complaint", "It began on Friday");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await device.page.reload();
  await signIn.touchSensor();
  await expect(consultation.question("complaint").locator("textarea")).toHaveValue("It began on Friday");
});

test("a question keeps its place under the finger when the network goes", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp();
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  const flag = device.page.locator("#step-red-flags .question").nth(3);
  await flag.scrollIntoViewIfNeeded();
  const place = async () => (await flag.boundingBox())?.y ?? Number.NaN;
  const before = await place();
  await server.stop();
  await expect(device.page.getByText("Working offline.")).toBeVisible();
  expect(Math.abs((await place()) - before)).toBeLessThan(2);
});
