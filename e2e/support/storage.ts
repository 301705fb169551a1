// Hands in the browser's storage: what a fault, or somebody with the device, could do there.
import type { Page } from "@playwright/test";

const VAULT = "satchel-vault-fa123";

/** Takes away where the work of every unlock comes from, so that the server cannot tell who wrote it. */
export async function loseProofs(page: Page): Promise<void> {
  await page.evaluate(async (name) => {
    const database = await opened(name);
    await new Promise((done, failed) => {
      const transaction = database.transaction("state", "readwrite");
      const state = transaction.objectStore("state");
      for (const prefix of ["actor/", "receipt/"]) state.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`));
      transaction.oncomplete = done;
      transaction.onerror = () => failed(transaction.error);
    });
    database.close();

    async function opened(database: string): Promise<IDBDatabase> {
      return await new Promise((done, failed) => {
        const request = indexedDB.open(database);
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
    }
  }, VAULT);
}

/** The server last answered so many hours earlier than it did. */
export async function ageContact(page: Page, hours: number): Promise<void> {
  await page.evaluate(
    async ([name, earlier]) => {
      const database = await new Promise<IDBDatabase>((done, failed) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
      await new Promise((done, failed) => {
        const transaction = database.transaction("header", "readwrite");
        const header = transaction.objectStore("header");
        const reading = header.get("contact");
        reading.onsuccess = () => {
          const contact = JSON.parse(reading.result as string);
          contact.at -= earlier * 60 * 60 * 1000;
          header.put(JSON.stringify(contact), "contact");
        };
        transaction.oncomplete = done;
        transaction.onerror = () => failed(transaction.error);
      });
      database.close();
    },
    [VAULT, hours] as const,
  );
}

/** Names of the vaults in this browser, and what it keeps in localStorage. */
export async function whatIsLeft(page: Page): Promise<{ vaults: string[]; settings: string[] }> {
  return await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const names = databases.map((database) => database.name ?? "");
    return { vaults: names.filter((name) => name.startsWith("satchel-vault")), settings: Object.keys(localStorage) };
  });
}
