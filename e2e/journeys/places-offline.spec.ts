import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";

test("the last results of the area are there with no network, sorted by distance or by what is open", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.goto();
  await page.getByRole("link", { name: "Services nearby" }).click();
  await expect(page.getByRole("heading", { name: "Services nearby" })).toBeVisible();
  await page.getByLabel("Near which postcode?").fill("ZZ99 3VZ");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  const places = page.locator(".places__place");
  await expect(places).toHaveCount(4);
  await expect(places.first()).toContainText("Elm Pharmacy");
  await expect(places.nth(1)).toContainText("Sycamore Pharmacy");
  await expect(places.nth(1)).toContainText("2 Heron Close, Zettington, ZZ99 3WZ");
  await expect(places.nth(1)).toContainText("0.6 miles");
  await expect(places.nth(1)).toContainText("For clinicians only");
  await expect(places.filter({ hasText: "Night Owl" })).toContainText("Open all day");
  await page.getByLabel("Order").selectOption("open");
  await expect(places.first()).toContainText("Open now");
  await looksRight(page, "services-nearby");

  // No network: opening the page again shows what was found last, and a search says so.
  await server.stop();
  await workList.goto();
  await page.getByRole("link", { name: "Services nearby" }).click();
  await expect(places).toHaveCount(4);
  await page.getByLabel("Near which postcode?").fill("ZZ99 3WZ");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("No signal. These are the last results on this device")).toBeVisible();
  await expect(places.first()).toContainText("Elm Pharmacy");
  await page.getByLabel("What is looked for?").selectOption("dentist");
  await expect(places).toHaveCount(0);
  await looksRight(page, "services-nearby-offline");
});

test("on a small laptop the list stays readable", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp({ viewport: { width: 1280, height: 800 } });
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.goto();
  await page.getByRole("link", { name: "Services nearby" }).click();
  await page.getByLabel("What is looked for?").selectOption("emergency-department");
  await page.getByLabel("Near which postcode?").fill("ZZ99 3VZ");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.locator(".places__place")).toContainText(["Zettington Hospital Emergency Department"]);
  await looksRight(page, "services-nearby-wide");
});
