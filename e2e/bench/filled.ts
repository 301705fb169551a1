// A server with many consultations, and a device that has all of them.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { remark } from "./report.js";
import { benchDevice, type Server } from "./server.js";

/** Another device pushes so many consultations. */
export async function fill(server: Server, consultations: number): Promise<void> {
  remark(`Filling the server with ${consultations} consultations`);
  await promisify(execFile)(benchDevice, ["push", server.origin, await server.invite(), String(consultations)]);
}

/** Every consultation is listed here; then `settle` milliseconds for what is still being written. */
export async function everythingListed(page: Page, consultations: number, settle: number): Promise<void> {
  await page.waitForFunction(
    (all) => [...document.querySelectorAll(".tabs__count")].some((count) => Number(count.textContent) >= all),
    consultations,
  );
  await page.evaluate("navigator.serviceWorker.ready");
  await new Promise((wake) => setTimeout(wake, settle));
}
