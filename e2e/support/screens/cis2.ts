import { expect, type Page } from "@playwright/test";

export const PHARMACIST = "Marigold Ashgrove";
export const TECHNICIAN = "Tobias Fernleigh";
export const ADMINISTRATOR = "Ottoline Brackwater";
export const WITHOUT_ROLE = "Percival Nowhere";

/** The page of the NHS's own sign-in, where the app has left for. */
export class Cis2 {
  constructor(private readonly page: Page) {}

  /** From the first screen of a device that nobody uses yet. */
  async leave(): Promise<void> {
    await this.page.getByRole("link", { name: "Sign in with CIS2" }).click();
  }

  async choose(person: string): Promise<void> {
    await expect(this.page.getByRole("heading", { name: /Care Identity Service/ })).toBeVisible();
    await this.page.getByRole("link", { name: person }).click();
  }

  async turnBack(): Promise<void> {
    await this.page.getByRole("link", { name: "Turn back without signing in" }).click();
  }

  /** Comes by CIS2 to a device that nobody uses yet, and makes a passkey there. */
  async firstTime(origin: string, person = PHARMACIST): Promise<void> {
    await this.page.goto(origin);
    await this.leave();
    await this.choose(person);
    await expect(this.page.getByRole("heading", { name: "You are signed in with CIS2" })).toBeVisible();
    await this.page.getByRole("button", { name: "Make a passkey" }).click();
    await expect(this.page.getByRole("heading", { name: "Work list" })).toBeVisible();
  }
}
