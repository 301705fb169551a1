import { expect, type Locator, type Page } from "@playwright/test";

/**
 * Chooses an option as a finger does. Never with force: the touch waits until the page stands still, and
 * fails where something covers the control.
 */
export async function choose(control: Locator): Promise<void> {
  await control.check();
  await expect(control).toBeChecked();
}

/** The consultation form. Questions are found by their field's id in the pathway file. */
export class Consultation {
  constructor(private readonly page: Page) {}

  question(field: string): Locator {
    return this.page.locator(`#field-${field}`);
  }

  banner(): Locator {
    return this.page.getByRole("region", { name: "Patient", exact: true });
  }

  truth(place: "device" | "server" | "gp"): Locator {
    return this.page.locator(`.truths__one[data-place=${place}]`);
  }

  async yes(...fields: string[]): Promise<void> {
    for (const field of fields) await this.pick(field, "Yes");
  }

  async no(...fields: string[]): Promise<void> {
    for (const field of fields) await this.pick(field, "No");
  }

  /** Chooses or ticks an option by its words. */
  async pick(field: string, option: string): Promise<void> {
    await choose(this.question(field).getByLabel(option, { exact: true }));
  }

  async fill(field: string, text: string): Promise<void> {
    const box = this.page.locator(`#input-${field}`);
    await box.fill(text);
    await box.blur();
  }

  /** Every red flag that is asked, answered no. */
  async noRedFlags(): Promise<void> {
    const asked = this.page.locator("#step-red-flags .question");
    await expect(asked.first()).toBeVisible();
    const flags = await asked.all();
    expect(flags.length).toBeGreaterThan(8);
    for (const flag of flags) {
      await choose(flag.getByLabel("No", { exact: true }));
    }
  }

  /** The questions that stand between now and signing. */
  missing(): Locator {
    return this.page.locator(".to-do__item");
  }

  /** Who the patient is, where, and what they consent to. */
  async whereWhoAndConsent(setting = "At the patient's home"): Promise<void> {
    await this.pick("setting", setting);
    await this.pick("method", "Face to face");
    for (const one of ["Full name", "Date of birth", "Address or postcode"]) await this.pick("identifiers", one);
    await this.pick("identity-with", "The patient");
    await this.pick("consent-by", "The patient");
    await this.yes("consent-service", "consent-told");
    await this.pick("consent-record", "Given");
    await this.no("gp-objection");
  }

  /** A sore throat: history, observations, advice, a medicine to be delivered, safety net, decision. */
  async soreThroat(): Promise<void> {
    await this.pick("symptom-group", "Sore throat or hoarseness");
    await this.fill("complaint", "Sore throat and a hoarse voice.");
    await this.fill("duration-days", "3");
    await this.fill("history", "Red throat, no pus, swallowing well.");
    await this.fill("current-medicines", "Amlodipine 5 mg once a day.");
    await this.pregnancyIfAsked();
    await this.pick("immunosuppressed", "No");
    await this.pick("allergies", "None known to the patient");
    await this.pick("record-viewed", "None");
    await this.fill("record-not-viewed", "No signal at the house.");
    await this.fill("temperature", "37.4");
    await this.fill("pulse", "78");
    await this.fill("advice-given", "Fluids, rest and paracetamol, to the patient.");
    await this.yes("medicine-recommended");
    await this.fill("medicine-name", "Paracetamol 500 mg tablets, 32");
    await this.pick("medicine-class", "Pharmacy medicine (P)");
    await this.fill("medicine-directions", "Two, up to four times a day.");
    await this.pick("medicine-from", "Decided; to be delivered from the pharmacy");
    await this.fill("safety-net", "Call 111 if worse, or not better in a week.");
    await this.yes("safety-net-understood");
    await this.pick("decision", "Self-care, with or without a medicine bought");
    await this.no("safeguarding-concern");
  }

  /** An urgent supply of a repeat medicine, from the red flags to the decision; nothing is supplied here. */
  async urgentSupply(decision: string): Promise<void> {
    await this.interview("Salbutamol 100 micrograms inhaler");
    await this.decide(decision);
  }

  /** An urgent supply up to the medicines: red flags, consent, what is asked for, the interview. */
  async interview(asked: string): Promise<void> {
    await this.whereWhoAndConsent();
    await this.no("rf-missed-critical");
    await this.noRedFlags();
    await this.fill("requested-medicines", asked);
    await this.pick("interviewed", "The patient");
    await this.fill("last-taken", "This morning; none left.");
    await this.fill("risk-without", "It gets worse at night.");
    await this.pick("prescription-found", "Looked for and not found");
    await this.yes("impracticable");
    await this.pick("allergies", "None known to the patient");
    await this.pick("record-viewed", "None");
    await this.fill("record-not-viewed", "No signal at the house.");
  }

  /** Advice and the decision about an urgent supply. */
  async decide(decision: string): Promise<void> {
    await this.fill("advice-given", "How to take it, and to order in time, to the patient.");
    await this.fill("safety-net", "Call 999 if breathing becomes hard.");
    await this.pick("decision", decision);
    if ((await this.question("refusal-details").count()) > 0) {
      await this.fill("refusal-details", "Out of hours phoned with the patient.");
    }
    if (decision.startsWith("Refer on")) {
      await this.fill("onward-reason", "The inhaler is out of stock here.");
      await this.pick("onward-how", "Phone");
      await this.fill("onward-spoken-to", "Ben Okafor");
      await this.fill("onward-time", "10:15");
    }
    await this.no("safeguarding-concern");
  }

  /** What every clinical pathway asks before its own questions. */
  async background(): Promise<void> {
    await this.pick("allergies", "None known to the patient");
    await this.fill("current-medicines", "None.");
    await this.pregnancyIfAsked();
    await this.pick("immunosuppressed", "No");
    await this.no("penicillin-allergy");
    await this.pick("record-viewed", "None");
    await this.fill("record-not-viewed", "No signal at the house.");
  }

  /** Advice, safety net and the decision of a clinical pathway. */
  async adviseAndDecide(decision: string): Promise<void> {
    await this.fill("advice-given", "What it is, how long it lasts and what helps, to the patient.");
    await this.fill("safety-net", "Call 111 if worse.");
    await this.yes("safety-net-understood");
    await this.pick("decision", decision);
    if (decision.startsWith("Refer on")) {
      const urgent = decision.includes("urgent");
      await this.pick(urgent ? "onward-to-urgent" : "onward-to-routine", urgent ? "GP out of hours" : "Own GP practice");
      await this.fill("onward-reason", "Outside the pathway.");
      await this.pick("onward-how", "Phone");
      await this.fill("onward-spoken-to", "Ben Okafor");
      await this.fill("onward-time", "10:15");
    }
    await this.no("safeguarding-concern");
  }

  /** The panel that says what the answers come to. */
  comesTo(): Locator {
    return this.page.getByRole("region", { name: "What it comes to" });
  }

  private async pregnancyIfAsked(): Promise<void> {
    if ((await this.question("pregnancy").count()) > 0) await this.pick("pregnancy", "Not pregnant");
  }

  async sign(): Promise<void> {
    const button = this.page.getByRole("button", { name: "Sign and finish" }).first();
    await expect(button).toBeEnabled();
    await button.click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Sign and finish" }).click();
    await expect(this.page.getByRole("heading", { name: "Signed", exact: true })).toBeVisible();
    await expect(this.truth("device")).toContainText("Saved on this device");
  }
}
