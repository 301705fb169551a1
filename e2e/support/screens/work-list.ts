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

  /** Takes down a referral for an urgent supply that came by phone, and begins the consultation. */
  async phoneReferralForSupply(familyName: string, asked: string): Promise<void> {
    const { page } = this;
    await page.getByRole("link", { name: "Add phone referral" }).click();
    await page.getByRole("radio", { name: "Urgent medicine supply" }).check();
    await page.getByLabel("Who referred the patient?").selectOption("NHS111");
    await page.getByLabel("Name of the organisation").fill("NHS 111");
    await page.getByLabel("Disposition code").fill("Dx85");
    await page.getByLabel("What is wrong, in the patient's words").fill(asked);
    await page.getByLabel("Family name").fill(familyName);
    await page.getByLabel("Given name").fill("Juno");
    await page.getByLabel("Date of birth").fill("1988-05-14");
    await page.getByRole("button", { name: "Begin consultation" }).click();
    await expect(page.getByRole("region", { name: "Patient", exact: true })).toContainText(familyName.toUpperCase());
  }

  /** Begins a clinical pathway for somebody who came by themselves. */
  async walkIn(service: string, patient: { familyName: string; birthDate: string; sex: string }): Promise<void> {
    const { page } = this;
    await page.getByRole("link", { name: "Add walk-in" }).click();
    await page.getByRole("radio", { name: service, exact: true }).check();
    await page.getByLabel("Family name").fill(patient.familyName);
    await page.getByLabel("Given name").fill("Juno");
    await page.getByLabel("Date of birth").fill(patient.birthDate);
    await page.getByLabel("Sex").selectOption({ label: patient.sex });
    await page.getByRole("button", { name: "Begin consultation" }).click();
    await expect(page.getByRole("region", { name: "Patient", exact: true })).toContainText(
      patient.familyName.toUpperCase(),
    );
  }
}
