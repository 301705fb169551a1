import { mkdirSync } from "node:fs";
import { expect, test } from "../support/journey.js";
import { PASSPHRASE } from "../support/screens/sign-in.js";
import { WebKit } from "../support/webkit.js";

test("in WebKit a visit is recorded offline with a passphrase, survives a reload, and is sent later", async ({ server }) => {
  const webkit = await WebKit.open();
  try {
    await webkit.goto(await server.invite());
    await webkit.fill("Your full name", "Asha Rao");
    await webkit.fill("GPhC registration number", "2074123");
    await webkit.fill("Passphrase", PASSPHRASE);
    await webkit.fill("The same again", PASSPHRASE);
    await webkit.press("Join with this passphrase");
    await webkit.press("Go to the work list");
    await webkit.see("TESTERTON, Wilhelmina");

    await server.stop();
    await webkit.press("TESTERTON, Wilhelmina");
    await webkit.choose("Struggling to breathe", "No");
    await webkit.fill("In the patient's words", "Hoarse since Friday");
    await webkit.script("document.activeElement.blur()");
    await webkit.see("1 consultation waits to be sent.");
    await expect.poll(() => webkit.script("return document.querySelector('.truths').innerText")).toContain("Saved on this device");
    mkdirSync(new URL("../artefacts", import.meta.url), { recursive: true });
    await webkit.screenshot(new URL("../artefacts/webkit-consultation.png", import.meta.url).pathname);
    await webkit.reload();
    await webkit.fill("Passphrase", PASSPHRASE);
    await webkit.press("Unlock");
    await webkit.see("TESTERTON, Wilhelmina");
    const words = () => webkit.script<string>("return document.querySelector('#input-complaint')?.value ?? ''");
    await expect.poll(words).toBe("Hoarse since Friday");

    await server.start();
    await webkit.see("With the server", 60);
    const row = (await server.consultations()).find((one) => one.patient_name === "TESTERTON, Wilhelmina");
    expect(row?.status).toBe("open");
  } finally {
    await webkit.dispose();
  }
});
