import { expect, test } from "../support/journey.js";

test("a pharmacist enrols with a link and a touch, locks, and unlocks with the sensor", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp();
  await signIn.enrol(await server.invite());
  await expect(workList.names().first()).toBeVisible();

  await signIn.lock();
  await expect(device.page.getByText("TESTERTON")).toHaveCount(0);
  await signIn.touchSensor();
  await expect(workList.names().first()).toBeVisible();
});

test("a finger that is not recognised opens nothing", async ({ server, pickUp }) => {
  const { device, signIn } = await pickUp();
  await signIn.enrol(await server.invite());
  await signIn.lock();
  await device.wrongFinger();
  await signIn.touchSensor();
  await expect(device.page.locator(".unlock__problem")).not.toBeEmpty();
  await expect(device.page.getByRole("heading", { name: "Unlock Satchel" })).toBeVisible();
});

test("a link works once", async ({ server, pickUp }) => {
  const link = await server.invite();
  const first = await pickUp();
  await first.signIn.enrol(link);
  const second = await pickUp();
  await second.device.page.goto(link);
  await expect(second.device.page.getByRole("heading", { name: "This link cannot be used" })).toBeVisible();
});

test("the app can be installed", async ({ server, pickUp }) => {
  const { device } = await pickUp();
  await device.page.goto(server.origin);
  await device.page.evaluate("navigator.serviceWorker.ready");
  expect(await device.installabilityErrors()).toEqual([]);
});
