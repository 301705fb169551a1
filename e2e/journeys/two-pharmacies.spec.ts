import type { Page } from "@playwright/test";
import { expect, test } from "../support/journey.js";
import { Door } from "../support/screens/door.js";

/** Puts a record of one pharmacy's vault into another's, under the same key: what a thief or a bug might do. */
async function copy(page: Page, store: string, key: string | undefined, from: string, to: string): Promise<number> {
  return await page.evaluate(
    async ([store, key, from, to]) => {
      const open = (pharmacy: string) =>
        new Promise<IDBDatabase>((done) => {
          const request = indexedDB.open(`satchel-vault-${pharmacy}`);
          request.onsuccess = () => done(request.result);
        });
      const [source, target] = [await open(from!), await open(to!)];
      const keys = await new Promise<IDBValidKey[]>((done) => {
        const request = source.transaction(store!).objectStore(store!).getAllKeys();
        request.onsuccess = () => done(request.result.filter((one) => key === undefined || one === key));
      });
      for (const one of keys) {
        const value = await new Promise<unknown>((done) => {
          const request = source.transaction(store!).objectStore(store!).get(one);
          request.onsuccess = () => done(request.result);
        });
        await new Promise((done) => {
          const writing = target.transaction(store!, "readwrite");
          writing.objectStore(store!).put(value, one);
          writing.oncomplete = done;
        });
      }
      source.close();
      target.close();
      return keys.length;
    },
    [store, key, from, to] as const,
  );
}

test("a locum has two pharmacies on one device, and neither's vault opens anything of the other's", async ({ server, pickUp }) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  const door = new Door(page);
  await signIn.enrol(await server.invite());
  await expect(workList.names().first()).toBeVisible();
  await signIn.lock();

  await server.command("pharmacy", "add", "--ods", "FB456", "--name", "Oak Pharmacy");
  const link = (await server.command("invite", "--pharmacy", "FB456")).match(/http\S+/)![0];
  await page.goto(link);
  await page.getByRole("button", { name: "Join with my passkey" }).click();
  await door.toWorkList();
  await expect(page.getByText("Oak Pharmacy").first()).toBeVisible();
  await expect(page.getByText("TESTERTON")).toHaveCount(0);

  await signIn.lock();
  await expect(page.locator(".unlock__who")).toContainText("Oak Pharmacy FB456");
  await page.getByRole("button", { name: "Elm Pharmacy FA123" }).click();
  await expect(page.locator(".unlock__who")).toContainText("Elm Pharmacy FA123");
  // The session is at the other pharmacy still: it follows the vault by itself.
  await signIn.touchSensor();
  await workList.open("TESTERTON");
  await consultation.fill("history", "Written at the one pharmacy, between two shifts at the other.");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await signIn.lock();

  expect(await copy(page, "rows", undefined, "fa123", "fb456")).toBeGreaterThan(0);
  expect(await copy(page, "bases", undefined, "fa123", "fb456")).toBeGreaterThan(0);
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Oak Pharmacy FB456" }).click();
  await signIn.touchSensor();
  await expect(door.heading("Work list")).toBeVisible();
  await workList.tab("All");
  await expect(page.getByText("TESTERTON")).toHaveCount(0);
  await signIn.lock();

  expect(await copy(page, "header", "header", "fa123", "fb456")).toBe(1);
  await page.goto(server.origin);
  await expect(page.getByText("FB456: The records on this device could not be opened.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Oak Pharmacy FB456" })).toHaveCount(0);
  await expect(page.getByText("Elm Pharmacy FA123")).toBeVisible();
});
