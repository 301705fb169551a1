import { expect, type Page } from "@playwright/test";

export const PASSPHRASE = "plover kettle orbit willow";

/** Enrolling, unlocking, locking. */
export class SignIn {
  constructor(private readonly page: Page) {}

  /** Opens an enrolment link and joins with the sensor. An administrator has no registration: it is then empty. */
  async enrol(link: string, name = "Asha Rao", gphc = "2074123"): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Your full name").fill(name);
    if (gphc) await this.page.getByLabel("GPhC registration number").fill(gphc);
    await this.page.getByRole("button", { name: "Make a passkey" }).click();
    await this.toWorkList();
  }

  async enrolWithPassphrase(link: string, name = "Asha Rao", gphc = "2074123"): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Your full name").fill(name);
    await this.page.getByLabel("GPhC registration number").fill(gphc);
    const instead = this.page.getByRole("button", { name: "Use a passphrase instead of the sensor" });
    if (await instead.isVisible()) await instead.click();
    await this.page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await this.page.getByLabel("The same again").fill(PASSPHRASE);
    await this.page.getByRole("button", { name: "Join with this passphrase" }).click();
    await this.toWorkList();
  }

  /** The sensor is touched first; only then is a passphrase asked for. */
  async enrolWithoutPrf(link: string, name = "Asha Rao", gphc = "2074123"): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Your full name").fill(name);
    await this.page.getByLabel("GPhC registration number").fill(gphc);
    await this.page.getByRole("button", { name: "Make a passkey" }).click();
    await this.page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await this.page.getByLabel("The same again").fill(PASSPHRASE);
    await this.page.getByRole("button", { name: "Lock records with it" }).click();
    await this.toWorkList();
  }

  private async toWorkList(): Promise<void> {
    await expect(this.page.getByRole("heading", { name: "You are ready to begin" })).toBeVisible();
    await this.page.getByRole("link", { name: "Go to the work list" }).click();
    await expect(this.page.getByRole("heading", { name: "Work list" })).toBeVisible();
  }

  async lock(): Promise<void> {
    await this.page.getByRole("button", { name: "Lock" }).click();
    await expect(this.page.getByRole("heading", { name: "Unlock Satchel" })).toBeVisible();
  }

  async touchSensor(): Promise<void> {
    await this.page.getByRole("button", { name: "Touch sensor" }).click();
  }

  async unlockWithPassphrase(passphrase = PASSPHRASE): Promise<void> {
    const more = this.page.getByRole("button", { name: "Use passphrase" });
    if (await more.isVisible()) await more.click();
    await this.page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await this.page.getByRole("button", { name: "Unlock", exact: true }).click();
  }
}
