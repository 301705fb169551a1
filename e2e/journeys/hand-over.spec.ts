import type { Page } from "@playwright/test";
import { looksRight } from "../support/accessible.js";
import { expect, test, type Hand } from "../support/journey.js";
import { LAWFUL } from "../support/screens/supply.js";

/** A lawful supply that nobody has signed yet, with no network. */
async function supplied(ipad: Hand): Promise<void> {
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Salbutamol inhaler");
  await ipad.consultation.interview("Salbutamol inhaler");
  const line = await ipad.supply.pick("salb inh", "Salbutamol 100micrograms/dose inhaler CFC free");
  await line.answerAll(LAWFUL);
  await line.fill("Smallest pack available here: how much is in it?", "200");
  await line.details({ quantity: "200", days: "25", directions: "Two puffs when needed", place: "To be delivered from the pharmacy" });
  await line.supply();
  await ipad.charge.exempt(/prepayment/i, "seen");
}

/** What stands on the screen names nobody else and leads nowhere. */
async function nothingElse(page: Page): Promise<void> {
  await expect(page.getByRole("link")).toHaveCount(0);
  await expect(page.getByText("TESTERTON")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Lock" })).toHaveCount(0);
}

test("a patient who holds the iPad signs, and neither Back nor keyboard nor reload shows them a record", async ({
  server,
  pickUp,
}) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  await server.stop();
  await supplied(ipad);
  const record = page.url();

  await page.getByRole("button", { name: "Hand over for a signature" }).click();
  await expect(page.getByRole("heading", { name: "Please read and sign" })).toBeVisible();
  await looksRight(page, "handed-over");
  await nothingElse(page);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Please read and sign" })).toBeVisible();
  await nothingElse(page);
  await page.goForward();
  for (let step = 0; step < 25; step++) {
    await page.keyboard.press("Tab");
    const reached = page.locator(":focus");
    if ((await reached.count()) > 0) await expect(page.locator(".handed :focus")).toHaveCount(1);
  }
  // An address typed by hand starts the app anew, and it asks for the finger.
  await page.goto(`${server.origin}/`);
  await expect(page.getByRole("heading", { name: "Unlock Satchel" })).toBeVisible();
  await expect(page.getByText("TESTERTON")).toHaveCount(0);
  await ipad.signIn.touchSensor();

  await page.goto(record);
  await ipad.signIn.touchSensor();
  await page.getByRole("button", { name: "Hand over for a signature" }).click();
  await page.getByRole("button", { name: "Sign and give back" }).click();
  await expect(page.getByText("Say who signs: you yourself, or somebody for you.")).toBeVisible();
  await page.getByLabel("I am the patient").check();
  await page.getByRole("button", { name: "Sign and give back" }).click();
  await expect(page.getByText("Sign in the box.")).toBeVisible();
  const box = (await page.getByRole("img", { name: "Signature box, empty" }).boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + 90);
  await page.mouse.down();
  for (const [right, down] of [[120, 40], [180, 120], [260, 60]] as const) {
    await page.mouse.move(box.x + right, box.y + down, { steps: 4 });
  }
  await page.mouse.up();
  await expect(page.getByRole("img", { name: "Signature box, signed" })).toBeVisible();
  await looksRight(page, "handed-over-signed");
  await page.getByRole("button", { name: "Sign and give back" }).click();

  // Only the pharmacist's own finger leads back to the record.
  await expect(page.getByRole("heading", { name: "Unlock Satchel" })).toBeVisible();
  await ipad.signIn.touchSensor();
  await expect(ipad.charge.card().getByLabel("Patient", { exact: true })).toBeChecked();
  await ipad.consultation.decide("Supplied, as decided for each medicine");
  await ipad.consultation.sign();

  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  const id = record.split("/").pop()!;
  const kept = JSON.stringify(JSON.parse(await server.command("consultation", id, "--json")));
  expect(kept).toContain('"path":"charge/signature"');
  expect(kept).toMatch(/"after":"M\d+ \d+L/);
});

test("a leaflet is read by the patient on the iPad, and the way back is the pharmacist's finger", async ({ server, pickUp }) => {
  const ipad = await pickUp();
  const { page } = ipad.device;
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  await server.stop();
  await supplied(ipad);
  await page.getByRole("button", { name: "Hand over the leaflet" }).click();
  await expect(page.getByText("Two puffs when needed")).toBeVisible();
  await looksRight(page, "leaflet-handed-over");
  await nothingElse(page);
  await page.getByRole("button", { name: "Give back to the pharmacist" }).click();
  await expect(page.getByRole("heading", { name: "Unlock Satchel" })).toBeVisible();
  await ipad.signIn.touchSensor();
  await expect(ipad.consultation.banner()).toContainText("QUILLFEATHER");
});
