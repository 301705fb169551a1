import type { Page } from "@playwright/test";
import { expect, test } from "../support/journey.js";

/** Tabs until the control with that name has the focus. */
async function tabTo(page: Page, name: RegExp, most = 400): Promise<void> {
  for (let step = 0; step < most; step++) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    const said = await focused.evaluate((element: HTMLElement & { labels?: NodeListOf<HTMLLabelElement> }) => {
      const group = element.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
      const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent ?? "";
      return `${group} ${label}`.replace(/\s+/g, " ");
    });
    if (name.test(said)) return;
  }
  throw new Error(`The keyboard never reached ${String(name)}`);
}

test("a consultation is opened, answered and locked with the keyboard alone", async ({ server, pickUp }) => {
  const { device, consultation } = await pickUp();
  const { page } = device;
  await page.goto(await server.invite());
  await page.getByLabel("Your full name").waitFor();
  await tabTo(page, /Your full name/);
  await page.keyboard.type("Asha Rao");
  await tabTo(page, /GPhC registration number/);
  await page.keyboard.type("2074123");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "You are ready to begin" })).toBeVisible();
  await tabTo(page, /Go to the work list/);
  await page.keyboard.press("Enter");
  await tabTo(page, /TESTERTON/);
  await page.keyboard.press("Enter");
  await expect(consultation.banner()).toContainText("TESTERTON");

  // Nothing chosen yet: the group is one stop, and the arrow keys choose in it.
  await tabTo(page, /Struggling to breathe/);
  await page.keyboard.press("ArrowUp");
  const chosen = consultation.question("rf-breathing").getByLabel("No", { exact: true });
  await expect(chosen).toBeChecked();
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await page.keyboard.press("Control+Home");
  await page.locator("body").press("Control+Home");
  await tabTo(page, /^ ?Lock$/, 600);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Unlock Satchel" })).toBeVisible();
  await tabTo(page, /Touch sensor/);
  await page.keyboard.press("Enter");
  await expect(consultation.banner()).toContainText("TESTERTON");
});
