import { expect, test } from "../support/journey.js";
import { deadlyDocument, pullFrame } from "../support/frames.js";

test("a record that ends the worker is set aside and shown, and the rest goes on", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  const deadly = deadlyDocument("BANE, Nobody");
  await signIn.enrol(await server.invite());
  const heads = await page.evaluate(async () => {
    const asked = { method: "POST", headers: { "content-type": "application/json" }, body: '{"documents":{}}' };
    return (await (await fetch("/api/sync/heads", asked)).json()) as { epoch: string };
  });
  let forged = false;
  await page.context().route("**/api/sync/pull**", async (route) => {
    const answer = await route.fetch();
    const frame = pullFrame(heads.epoch, 0, true, [deadly]);
    forged = true;
    await route.fulfill({ response: answer, body: Buffer.concat([frame, await answer.body()]) });
  });
  await server.report("minor-illness-dx28.xml");
  await signIn.lock();
  await signIn.touchSensor();
  await expect(workList.entry("BANE, Nobody")).toBeVisible();
  expect(forged).toBe(true);

  await page.getByRole("link", { name: "BANE, Nobody", exact: true }).click();
  await expect(page.getByText("stops the part of Satchel that reads records").first()).toBeVisible();
  await workList.goto();
  // Said on its line as well, and not only while the page remembers it.
  await workList.open("TESTERTON");
  await consultation.fill("complaint", "It began on Friday");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await expect(consultation.truth("server")).toContainText("With the server");

  await device.closeApp();
  await page.goto(server.origin);
  await signIn.touchSensor();
  await workList.open("TESTERTON");
  await expect(consultation.question("complaint").locator("textarea")).toHaveValue("It began on Friday");
  await workList.goto();
  await page.getByRole("link", { name: "BANE, Nobody", exact: true }).click();
  await expect(page.getByText("stops the part of Satchel that reads records").first()).toBeVisible();
});
