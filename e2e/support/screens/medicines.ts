import { expect, type Page } from "@playwright/test";

/** The medicines file on a device, and its page. */
export class Medicines {
  constructor(private readonly page: Page) {}

  /** Waits until a whole file lies on the device, and goes back to the work list. */
  async areHere(): Promise<void> {
    await this.open();
    await expect(this.page.getByRole("region", { name: "The medicines file" })).toContainText(/[1-9][0-9,]* ?/, {
      timeout: 30_000,
    });
    await expect(this.page.getByText("none on this device yet")).toHaveCount(0, { timeout: 30_000 });
    await this.page.getByRole("link", { name: "Work list" }).first().click();
    await expect(this.page.getByRole("heading", { name: "Work list" })).toBeVisible();
  }

  async open(): Promise<void> {
    await this.page.getByRole("link", { name: "Medicines", exact: true }).first().click();
    await expect(this.page.getByRole("heading", { name: "Medicines", exact: true })).toBeVisible();
  }

  /** Asks the server for a newer file now. */
  async renew(): Promise<void> {
    if ((await this.page.getByRole("heading", { name: "Medicines", exact: true }).count()) === 0) await this.open();
    await this.page.getByRole("button", { name: "Look for a newer file" }).click();
  }

  /** The release that stands on the page, as it is written there. */
  async release(): Promise<string> {
    return await this.page.getByRole("region", { name: "The medicines file" }).innerText();
  }
}
