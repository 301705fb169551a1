// A picture of the screen, light and dark, and what axe has to say about it.
import { expect, type Page } from "@playwright/test";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const artefacts = new URL("../artefacts/", import.meta.url).pathname;

/** Looks at the screen as it is, light and dark; axe must find nothing. */
export async function looksRight(page: Page, name: string): Promise<void> {
  mkdirSync(artefacts, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: `${artefacts}${name}-${colorScheme}.png`, fullPage: true });
    const problems = await page.evaluate(async (source) => {
      // Evaluated from the test's side, so the page's own policy stays as strict as it is.
      if (!("axe" in window)) (0, eval)(source);
      const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.failureSummary}`);

      interface Violation {
        id: string;
        nodes: Array<{ html: string; failureSummary: string }>;
      }
    }, axe);
    expect(problems, `${name}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
