import { expect, type Page } from "@playwright/test";
import { PASSPHRASE } from "./sign-in.js";

/** A device that several people use: choosing a PIN, letting somebody in, saying who one is. */
export class Door {
  constructor(private readonly page: Page) {}

  heading(name: string | RegExp) {
    return this.page.getByRole("heading", { name, level: 1 });
  }

  /** Opens an enrolment link and makes a passkey; what follows depends on who is on the device already. */
  async join(link: string, name: string, gphc: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Your full name").fill(name);
    await this.page.getByLabel("GPhC registration number").fill(gphc);
    await this.page.getByRole("button", { name: "Make a passkey" }).click();
  }

  async joinWithPassphrase(link: string, name: string, gphc: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Your full name").fill(name);
    await this.page.getByLabel("GPhC registration number").fill(gphc);
    await this.page.getByRole("button", { name: "Use a passphrase instead of the sensor" }).click();
    await this.page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
    await this.page.getByLabel("The same again").fill(PASSPHRASE);
    await this.page.getByRole("button", { name: "Join with this passphrase" }).click();
  }

  /** A new PIN, typed twice, and the sensor. */
  async choosePin(pin: string): Promise<void> {
    await this.page.getByLabel("Choose a PIN").fill(pin);
    await this.page.getByLabel("The same PIN again").fill(pin);
    await this.page.getByRole("button", { name: "Touch sensor" }).click();
  }

  async enterPin(pin: string): Promise<void> {
    await this.page.getByLabel("Your PIN").fill(pin);
    await this.page.getByRole("button", { name: "Touch sensor" }).click();
  }

  async iAm(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Locked with several people: says who it is and proves it. */
  async unlock(name: string, pin: string): Promise<void> {
    await this.iAm(name);
    await this.enterPin(pin);
  }

  async toWorkList(): Promise<void> {
    await expect(this.heading("You are ready to begin")).toBeVisible();
    await this.page.getByRole("link", { name: "Go to the work list" }).click();
    await expect(this.heading("Work list")).toBeVisible();
  }
}

/** What stands in a vault's header, as the browser keeps it. */
export interface Header {
  v: number;
  shared: boolean;
  key_version: number;
  earlier?: unknown[];
  wraps: Array<{ person_name: string; key_version: number; handed?: unknown; kind: { by: string } }>;
}

export async function header(page: Page, pharmacy = "fa123"): Promise<Header> {
  return await page.evaluate(async (name) => {
    const database = await new Promise<IDBDatabase>((done, failed) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    const text = await new Promise<string>((done) => {
      const request = database.transaction("header").objectStore("header").get("header");
      request.onsuccess = () => done(request.result);
    });
    database.close();
    return JSON.parse(text) as Header;
  }, `satchel-vault-${pharmacy}`);
}

/** How many sealed records there are under each version of the key. */
export async function sealedUnder(page: Page, pharmacy = "fa123"): Promise<Record<string, number>> {
  return await page.evaluate(async (name) => {
    const database = await new Promise<IDBDatabase>((done, failed) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    const found: Record<string, number> = {};
    for (const store of ["changes", "bases", "rows", "state", "quarantine"]) {
      const records = await new Promise<Uint8Array[]>((done) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => done(request.result);
      });
      for (const record of records) {
        // Envelopes begin with `S V 1` and the version of the key; markers are empty.
        if (record.length < 7 || record[0] !== 0x53 || record[1] !== 0x56) continue;
        const version = String(new DataView(record.buffer, record.byteOffset).getUint32(3));
        found[version] = (found[version] ?? 0) + 1;
      }
    }
    database.close();
    return found;
  }, `satchel-vault-${pharmacy}`);
}
