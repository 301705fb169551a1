import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "../support/journey.js";

/** Everything the patient could be known by, and what was typed about them. */
const SECRETS = ["Brambleworth", "BRAMBLEWORTH", "Odile", "9997001028", "999 700 1028", "Tamarisk", "ZZ1 4QT", "quinsy-canary"];
const CONTROL = "control-canary-in-plain-text";

function findings(folder: string, secrets: string[]): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const bytes = readFileSync(path);
    for (const secret of secrets) {
      // Browsers store text in one byte or two bytes a character.
      if (bytes.includes(secret) || bytes.includes(Buffer.from(secret, "utf16le"))) found.push(`${secret} in ${name}`);
    }
  }
  return found;
}

test("after a visit nothing readable of the patient lies in the browser's folder or the server's log", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList, consultation } = await pickUp();
  await signIn.enrol(await server.invite());
  await server.report("minor-illness-dx28.xml");
  await workList.search("Brambleworth");
  await workList.open("BRAMBLEWORTH, Odile Fay");
  await consultation.noRedFlags();
  await consultation.whereWhoAndConsent();
  await consultation.soreThroat();
  await consultation.fill("history", "Looked for a quinsy-canary.");
  await consultation.sign();
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
  await expect(consultation.truth("gp")).toContainText("With Meadow Lane Surgery", { timeout: 30_000 });
  await device.page.getByRole("link", { name: "History", exact: true }).click();
  await workList.goto();
  // The control: what is stored in plain text must be found, or the search proves nothing.
  await device.page.evaluate(async (control) => {
    localStorage.setItem("control", control);
    const cache = await caches.open("control");
    await cache.put("/control", new Response(control));
    await new Promise((done) => {
      const request = indexedDB.open("control", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("control").put({ text: control }, 1);
      request.onsuccess = done;
    });
  }, CONTROL);
  await device.page.waitForTimeout(3_000);
  await device.close();

  const controls = findings(device.folder, [CONTROL]).join("\n");
  for (const place of ["Local Storage", "Cache", "IndexedDB"]) expect(controls).toContain(place);
  expect(findings(device.folder, SECRETS)).toEqual([]);
  for (const secret of SECRETS) expect(server.log).not.toContain(secret);
  expect(server.log.length).toBeGreaterThan(1_000);
});

test("no request body carries what the sensor's key is made of", async ({ server, pickUp }) => {
  const { device, signIn } = await pickUp();
  const bodies: string[] = [];
  device.page.on("request", (request) => bodies.push(request.postData() ?? ""));
  await signIn.enrol(await server.invite());
  await signIn.lock();
  await signIn.touchSensor();
  await expect(device.page.getByRole("heading", { name: "Work list" })).toBeVisible();
  expect(bodies.some((body) => body.includes("credential"))).toBe(true);
  for (const body of bodies) expect(body).not.toContain("prf");
});
