import { expect, type Locator, type Page } from "@playwright/test";
import { choose } from "./consultation.js";

/** What the patient pays, or why not. */
export class ChargeCard {
  constructor(private readonly page: Page) {}

  card(): Locator {
    return this.page.getByRole("region", { name: "NHS charge" });
  }

  /** Exempt for a reason that the list has under these words; declared by the patient. */
  async exempt(reason: string | RegExp, evidence: "seen" | "not-seen"): Promise<void> {
    await choose(this.card().getByLabel("Exempt", { exact: true }));
    const option = this.card().getByLabel("Reason").locator("option").filter({ hasText: reason }).first();
    await this.card().getByLabel("Reason").selectOption((await option.getAttribute("value")) ?? "");
    await choose(this.card().getByLabel(evidence === "seen" ? "Seen" : "Not seen", { exact: true }));
    await choose(this.card().getByLabel("Patient", { exact: true }));
  }
}
