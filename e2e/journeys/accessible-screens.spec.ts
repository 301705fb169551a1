import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { DESKTOP, IPAD } from "../support/device.js";
import { expect, test } from "../support/journey.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const artefacts = new URL("../artefacts/", import.meta.url).pathname;
mkdirSync(artefacts, { recursive: true });

/** Looks at the screen in both sizes, light and dark, and lets axe look too. */
async function look(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of [["ipad", IPAD], ["desktop", DESKTOP]] as const) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: `${artefacts}${name}-${size}-${colorScheme}.png` });
      const problems = await page.evaluate(async (source) => {
        // Evaluated from the test's side, so the page's own policy stays as strict as it is.
        if (!("axe" in window)) (0, eval)(source);
        const { violations } = await (window as unknown as { axe: { run: () => Promise<{ violations: Array<{ id: string; nodes: Array<{ html: string; failureSummary: string }> }> }> } }).axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary}`);
      }, axe);
      expect(problems, `${name}, ${size}, ${colorScheme}`).toEqual([]);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(IPAD);
}

test("axe finds nothing on any screen", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await page.goto(await server.invite());
  await page.getByLabel("Your full name").waitFor();
  await look(page, "enrol");
  await page.goto("about:blank");
  await signIn.enrol(await server.invite());
  await expect(workList.names().first()).toBeVisible();
  await look(page, "work-list");
  await workList.open("TESTERTON");
  await look(page, "consultation");
  await consultation.yes("rf-breathing");
  await look(page, "red-flag");
  await consultation.no("rf-breathing");
  await consultation.noRedFlags();
  await consultation.whereWhoAndConsent();
  await consultation.soreThroat();
  await page.locator("#step-sign").scrollIntoViewIfNeeded();
  await look(page, "before-signing");
  await consultation.sign();
  await look(page, "signed");
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByRole("heading", { name: /History/ })).toBeVisible();
  await look(page, "history");
  await workList.goto();
  await page.getByRole("link", { name: "Add walk-in" }).click();
  await look(page, "walk-in");
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await look(page, "settings");
  await signIn.lock();
  await look(page, "unlock");
});

test("nothing is cut off at twice the text size on a phone", async ({ server, pickUp }) => {
  const { device, signIn, workList } = await pickUp({ viewport: { width: 390, height: 844 } });
  const { page } = device;
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.screenshot({ path: `${artefacts}consultation-phone-200.png` });
  expect(overflow).toBeLessThanOrEqual(0);
});
