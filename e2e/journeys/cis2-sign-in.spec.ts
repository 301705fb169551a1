import { looksRight } from "../support/accessible.js";
import { Cis2Provider } from "../support/cis2.js";
import { expect, test } from "../support/journey.js";
import { ADMINISTRATOR, Cis2, PHARMACIST, TECHNICIAN, WITHOUT_ROLE } from "../support/screens/cis2.js";

test("somebody comes by CIS2, makes a passkey at once, and the next days one touch is enough, offline too", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  const cis2 = new Cis2(page);
  await page.goto(server.origin);
  await looksRight(page, "fresh-with-cis2");
  await cis2.leave();
  await cis2.choose(PHARMACIST);
  await expect(page.getByRole("heading", { name: "You are signed in with CIS2" })).toBeVisible();
  await looksRight(page, "cis2-arrived");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await expect(workList.names().first()).toBeVisible();

  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByText(/Unlocked on this device with a passkey\. NHS sign-in \(CIS2\): level 3 until/)).toBeVisible();
  await looksRight(page, "settings-cis2");

  await server.stop();
  await signIn.lock();
  await signIn.touchSensor();
  await workList.goto();
  await expect(workList.names().first()).toBeVisible();
});

test("at a certified provider people sign in and its keys may change; when it is down, passkeys go on working", async ({
  server,
  pickUp,
}) => {
  const provider = await Cis2Provider.relyOn(server);
  try {
    const { device, signIn, workList } = await pickUp();
    await new Cis2(device.page).firstTime(server.origin);
    await provider.control("rotate-keys");
    const second = await pickUp();
    await new Cis2(second.device.page).firstTime(server.origin, TECHNICIAN);

    await provider.stop();
    // What a server knew of the provider would still lead the browser to its dead address.
    await server.stop();
    await server.start();
    const late = await pickUp();
    await late.device.page.goto(server.origin);
    await new Cis2(late.device.page).leave();
    await expect(late.device.page.getByText("The NHS sign-in (CIS2) did not answer.")).toBeVisible({ timeout: 30_000 });
    await looksRight(late.device.page, "cis2-down");
    await signIn.lock();
    await signIn.touchSensor();
    await workList.goto();
    await workList.open("TESTERTON");
  } finally {
    await provider.stop();
  }
});

test("who turns back, or has no role, is told so in words and nothing is kept", async ({ server, pickUp }) => {
  const { device } = await pickUp();
  const { page } = device;
  const cis2 = new Cis2(page);
  await page.goto(server.origin);
  await cis2.leave();
  await cis2.turnBack();
  await expect(page.getByText("You turned back at the NHS sign-in. Nothing has changed.")).toBeVisible();
  expect(page.url()).toBe(`${server.origin}/`);
  await looksRight(page, "cis2-turned-back");
  await cis2.leave();
  await cis2.choose(WITHOUT_ROLE);
  await expect(page.getByText("None of your roles in the Care Identity Service does this work.")).toBeVisible();
  const session = await page.evaluate(async () => (await (await fetch("/api/session")).json()) as { person: unknown });
  expect(session.person).toBeNull();
});

test("technician and administrator come by CIS2 and see only what their role may", async ({ server, pickUp }) => {
  const technician = await pickUp();
  await new Cis2(technician.device.page).firstTime(server.origin, TECHNICIAN);
  await technician.workList.open("TESTERTON");
  await technician.consultation.noRedFlags();
  await expect(technician.device.page.getByRole("button", { name: "Sign and finish" })).toHaveCount(0);

  const administrator = await pickUp();
  const { page } = administrator.device;
  await new Cis2(page).firstTime(server.origin, ADMINISTRATOR);
  await expect(administrator.workList.names()).toHaveCount(0);
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("region", { name: "Who works here" })).toContainText(TECHNICIAN);
  await expect(page.getByRole("link", { name: /Audit log/ })).toBeVisible();
  await technician.device.page.getByRole("link", { name: "Settings" }).click();
  await expect(technician.device.page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(technician.device.page.getByRole("region", { name: "Who works here" })).toHaveCount(0);
  await expect(technician.device.page.getByRole("link", { name: /Audit log/ })).toHaveCount(0);
});
