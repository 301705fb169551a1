import { expect, type Locator, type Page } from "@playwright/test";
import { choose } from "./consultation.js";

/** What a line needs before it can be supplied, besides its questions. */
export interface Details {
  quantity: string;
  days?: string;
  /** Only for a medicine that was typed in words. */
  unit?: string;
  directions: string;
  place?:
    | "Handed over in the pharmacy"
    | "To be collected from the pharmacy"
    | "To be delivered from the pharmacy"
    | "Handed over where the patient was seen";
}

/** The answers that let an ordinary repeat medicine be supplied, by the words of the rules. */
export const LAWFUL: ReadonlyArray<readonly [question: string, answer: string]> = [
  ["Why is it not to hand?", "Prescription not ordered"],
  ["Is it needed now?", "Yes"],
  ["Prescribed for this patient before?", "Yes"],
  ["By a prescriber where?", "United Kingdom"],
  ["How is that known?", "GP record or Summary Care Record"],
  ["Is the dose known, and safe to continue?", "Yes"],
  ["An emergency supply of this in the last 6 months, here or elsewhere?", "No"],
];

/** The supply card of an urgent medicine supply. */
export class Supply {
  constructor(private readonly page: Page) {}

  card(): Locator {
    return this.page.getByRole("region", { name: "Medicines", exact: true });
  }

  earlier(): Locator {
    return this.card().getByRole("group", { name: "Earlier emergency supplies" });
  }

  line(name: string): Line {
    return new Line(this.card().getByRole("article", { name }));
  }

  /** The heading under which one more medicine is found or typed; the search itself has its own page object. */
  find(): Locator {
    return this.card().getByRole("group", { name: "Add a medicine or appliance" });
  }

  /** Types into the search and takes the hit of that name. */
  async pick(typed: string, name: string): Promise<Line> {
    await this.box().fill(typed);
    await this.find().getByRole("option", { name }).first().click();
    return this.added(name);
  }

  /** A medicine that no dictionary on this device has. */
  async type(words: string): Promise<Line> {
    await this.box().fill(words);
    await this.find().getByRole("button", { name: "Use these words as they are" }).click();
    return this.added(words);
  }

  /** Chooses a medicine that the pathway offers, and the product under its direction. */
  async choose(treatment: string, typed: string, name: string): Promise<Line> {
    const offers = this.card().getByRole("group", { name: "Medicines to consider" });
    await offers.getByRole("button", { name: `Choose ${treatment}` }).click();
    await offers.getByRole("combobox", { name: "Medicine, strength and form" }).fill(typed);
    await offers.getByRole("option", { name }).first().click();
    return this.added(name);
  }

  /** What the pathway offers by the answers so far. */
  offers(): Locator {
    return this.card().getByRole("group", { name: "Medicines to consider" });
  }

  async undoRemoval(): Promise<void> {
    await this.card().getByRole("button", { name: "Undo" }).click();
  }

  private box(): Locator {
    return this.find().getByRole("combobox", { name: "Medicine, strength and form" });
  }

  private async added(name: string): Promise<Line> {
    const line = this.line(name);
    await expect(line.box).toBeVisible();
    return line;
  }
}

/** One medicine of the card. */
export class Line {
  constructor(readonly box: Locator) {}

  question(label: string): Locator {
    return this.box.getByRole("group", { name: label, exact: true });
  }

  /** Answers a question with *Yes*, *No* or one of its options; the next one appears. */
  async answer(question: string, answer: string): Promise<void> {
    await choose(this.question(question).getByLabel(answer, { exact: true }));
  }

  /** Answers a question that is typed. */
  async fill(question: string, text: string): Promise<void> {
    await this.box.getByLabel(question, { exact: true }).fill(text);
  }

  async answerAll(answers: ReadonlyArray<readonly [string, string]> = LAWFUL): Promise<void> {
    for (const [question, answer] of answers) await this.answer(question, answer);
  }

  /** Answers every question that is asked with what the direction needs: inclusions yes, exclusions no. */
  async withinTheDirection(answers: ReadonlyArray<readonly [RegExp, string]>): Promise<void> {
    const open = this.box.locator(".supply__questions .question");
    for (let asked = 0; asked < 30; asked++) {
      // The one asked last; those before it stay where they are.
      const last = open.nth(asked);
      await expect(last).toBeVisible();
      const words = await last.innerText();
      const answer = answers.find(([question]) => question.test(words))?.[1] ?? "No";
      if ((await last.getByRole("radio").count()) === 0) await last.getByRole("textbox").fill(answer);
      else await choose(last.getByLabel(answer, { exact: true }));
      const follow = await this.box.locator(".supply__later").innerText();
      if (follow.trim() === "" && (await open.count()) <= asked + 1) return;
    }
  }

  async details(details: Details): Promise<void> {
    await this.fill("Quantity", details.quantity);
    if (details.unit) await this.fill("Unit", details.unit);
    if (details.days) await this.fill("Days it lasts", details.days);
    await this.fill("As the patient takes it", details.directions);
    const place = details.place ?? "Handed over in the pharmacy";
    await choose(this.box.getByRole("group", { name: "How does the patient get it?" }).getByLabel(place));
  }

  async pack(batch: string, expiry: string): Promise<void> {
    await this.fill("Batch", batch);
    await this.fill("Expiry date", expiry);
  }

  /** The reason for a warning, found by a part of its words. */
  async judge(warning: RegExp, reason: string): Promise<void> {
    await this.box.getByRole("group", { name: warning }).getByLabel("Your reason").fill(reason);
  }

  /** What the rules say against it, with the source. */
  refusals(): Locator {
    return this.box.getByRole("status").filter({ hasText: "It cannot be supplied" });
  }

  supplyButton(): Locator {
    return this.box.getByRole("button", { name: "Supply", exact: true });
  }

  async supply(): Promise<void> {
    await this.supplyButton().click();
    await this.stands("Supplied");
  }

  /** Less than was asked for; the rest goes on to another pharmacy. */
  async part(stillWanted: string): Promise<void> {
    await this.box.getByRole("button", { name: "Only a part of it is here" }).click();
    await this.fill("How much is still wanted?", stillWanted);
    await this.box.getByRole("button", { name: "Supply this part" }).click();
    await this.stands("Supplied");
  }

  /** Records that it is not supplied, with the coded reason by its words. */
  async refuse(reason: string, words = ""): Promise<void> {
    const reasons = this.box.getByRole("group", { name: "Why is it not supplied?" });
    const open = this.box.getByRole("button", { name: "Record as not supplied" });
    if ((await open.getAttribute("aria-expanded")) === "false") await open.click();
    await choose(reasons.getByLabel(reason, { exact: true }));
    if (words) await this.fill("In words", words);
    await this.box.getByRole("button", { name: "Not supplied", exact: true }).click();
    await this.stands("Not supplied");
  }

  /** Begins sending the patient on, after a refusal. */
  async helpBy(helper: string): Promise<void> {
    const helpers = this.box.getByRole("group", { name: "Who can help the patient now?" });
    await helpers.getByRole("button", { name: helper }).click();
    await expect(helpers.getByRole("link", { name: "Go there" })).toBeVisible();
  }

  /** A supply that has happened although the rules do not allow it. */
  async exception(why: string, details?: Details): Promise<void> {
    await this.box.getByRole("button", { name: "It has already been supplied" }).click();
    if (details) await this.details(details);
    await this.fill("What happened, and why?", why);
    await this.box.getByRole("button", { name: "Record as an exception" }).click();
    await this.stands("Supplied as an exception");
  }

  async takeBack(): Promise<void> {
    await this.box.getByRole("button", { name: "Take the decision back" }).click();
  }

  async remove(): Promise<void> {
    await this.box.getByRole("button", { name: /^Remove/ }).click();
  }

  /** Two changes met: somebody has looked at all of it. */
  async lookAgain(): Promise<void> {
    await this.box.getByRole("button", { name: "I have looked at it: it is right" }).click();
  }

  async stands(tag: string): Promise<void> {
    await expect(this.box.getByText(tag, { exact: true }).first()).toBeVisible();
  }
}
