import { expect, type Locator, type Page } from "@playwright/test";

export class WorkList {
  constructor(private readonly page: Page) {}

  async goto(): Promise<void> {
    await this.page.getByRole("link", { name: "Satchel" }).click();
    await expect(this.page.getByRole("heading", { name: "Work list" })).toBeVisible();
  }

  entry(name: string): Locator {
    return this.page.locator("li.entry").filter({ hasText: name });
  }

  names(): Locator {
    return this.page.locator(".entry__link");
  }

  async tab(name: "To do" | "Today" | "All"): Promise<void> {
    await this.page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
  }

  async search(text: string): Promise<void> {
    await this.page.getByLabel("Search by name, NHS number or postcode").fill(text);
  }

  async open(name: string): Promise<void> {
    await this.page.getByRole("link", { name, exact: false }).first().click();
    await expect(this.page.getByRole("region", { name: "Patient", exact: true })).toContainText(name);
  }
}
