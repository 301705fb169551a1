import { expect, type Page } from "@playwright/test";

/** Evidence and authorisations of the people who work here, in the administrator's settings. */
export class Papers {
  constructor(private readonly page: Page) {}

  /** Files the signed authorisation of one person for each of these directions, at that version. */
  async authorise(person: string, directions: readonly string[], version: string): Promise<void> {
    const { page } = this;
    await page.getByRole("link", { name: "Settings" }).click();
    const staff = page.getByRole("region", { name: "Who works here" });
    await staff.getByRole("listitem").filter({ hasText: person }).getByRole("button", { name: /Evidence/ }).click();
    const papers = page.getByRole("group", { name: `Evidence and authorisations of ${person}` });
    for (const direction of directions) {
      await papers.getByRole("button", { name: "File an authorisation under a PGD" }).click();
      await papers.getByLabel("PGD", { exact: true }).fill(direction);
      await papers.getByLabel("Version").fill(version);
      await papers.getByLabel("Signed on").fill("2026-02-01");
      await papers.getByLabel("Last day of the PGD").fill("2027-01-30");
      await papers.getByLabel("Authorised by").fill("Maya Lind");
      await papers
        .locator("#pgd-file")
        .setInputFiles({ name: "signed.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nsigned") });
      await papers.getByRole("button", { name: "File it" }).first().click();
      await expect(papers.getByRole("listitem").filter({ hasText: `PGD ${direction} ${version}` })).toHaveCount(1);
    }
  }
}
