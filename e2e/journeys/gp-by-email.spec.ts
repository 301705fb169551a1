import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { practiceMailbox } from "../support/mesh.js";
import { expect, test } from "../support/journey.js";
import { MailServer } from "../support/mail.js";
import type { Server } from "../support/server.js";

const PATIENT = "BRAMBLEWORTH, Odile Fay";
const PRACTICE = "Y99991";
const ADDRESS = "meadow.lane@nhs.net";

/** Asks as the person who is signed in on this page. */
async function ask(page: Page, method: string, path: string, body?: unknown): Promise<number> {
  return await page.evaluate(
    async ([method, path, body]) => {
      const headers = { "content-type": "application/json" };
      return (await fetch(path, { method, headers, body: body === "" ? undefined : body })).status;
    },
    [method, path, body === undefined ? "" : JSON.stringify(body)] as const,
  );
}

/** The practice's address goes into the address book, and somebody there reads the code of the test message back. */
async function confirmAddress(page: Page, mail: MailServer): Promise<void> {
  const entry = `/api/directory/${randomUUID()}`;
  const change = { ods: PRACTICE, kind: "practice", name: "Meadow Lane Surgery", email: ADDRESS, phone: "01632 960801" };
  expect(await ask(page, "PUT", entry, change)).toBe(204);
  expect(await ask(page, "POST", `${entry}/test`)).toBeLessThan(300);
  await expect.poll(() => mail.taken.length).toBe(1);
  const code = mail.taken[0]?.message.match(/^\s+([0-9A-Z]{4}-[0-9A-Z]{4})\s*$/m)?.[1];
  const told = { code, spoken_to: "Ms Rowe, practice manager" };
  expect(await ask(page, "POST", `${entry}/confirm`, told)).toBeLessThan(300);
}

/** A practice that has no MESH: it is told by e-mail. */
async function byEmail(server: Server): Promise<void> {
  await server.command("practice", "route", "--pharmacy", "FA123", PRACTICE, "email");
}

test("a practice without MESH gets the notice by secure e-mail, once, and the subject names nobody", async ({ server, pickUp }) => {
  const mail = await MailServer.start();
  await server.stop();
  server.set(mail.settings());
  await server.start();
  await byEmail(server);

  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await confirmAddress(ipad.device.page, mail);
  expect((await server.report("minor-illness-dx28.xml")).status).toBe(200);
  await ipad.workList.open(PATIENT);
  await ipad.consultation.noRedFlags();
  await ipad.consultation.whereWhoAndConsent();
  await ipad.consultation.soreThroat();

  // How the practice will see it, before anything is signed.
  const { page } = ipad.device;
  await page.getByRole("link", { name: "See it as the practice will, or print it" }).click();
  await expect(page.getByText("it must not leave the pharmacy.")).toBeVisible();
  const preview = page.getByRole("article");
  await expect(preview).toContainText("Red throat, no pus, swallowing well.");
  await expect(preview).toContainText("BRAMBLEWORTH, Odile Fay");
  await expect(page.getByRole("button", { name: "Print" })).toHaveCount(0);
  const reference = (await preview.textContent())?.match(/Reference ([0-9A-Z]{4}-[0-9A-Z]{4})/)?.[1] ?? "none";
  await page.getByRole("link", { name: "Consultation" }).click();

  await ipad.consultation.sign();
  await expect(ipad.consultation.truth("gp")).toContainText("Meadow Lane Surgery", { timeout: 30_000 });
  await expect.poll(() => mail.taken.length, { timeout: 30_000 }).toBe(2);
  const [, notice] = mail.taken;
  if (!notice) throw new Error("no notice");
  expect(notice.to).toEqual([ADDRESS]);
  const subject = notice.message.match(/^Subject: (.*(?:\r\n .*)*)/m)?.[1] ?? "";
  expect(subject).toContain(reference);
  for (const secret of ["BRAMBLEWORTH", "Odile", "9997001028"]) expect(notice.message.split("\r\n\r\n")[0]).not.toContain(secret);
  const [pdf] = MailServer.attachments(notice);
  expect(pdf?.name).toBe(`notice-${reference}-1.pdf`);
  expect(pdf?.bytes.subarray(0, 5).toString()).toBe("%PDF-");

  // It went this way and no other, and it stays one e-mail.
  expect(await practiceMailbox(server)).toEqual([]);
  await server.stop();
  await server.start();
  await expect.poll(async () => (await server.deliveries()).some((row) => row.state === "queued")).toBe(false);
  expect(mail.taken).toHaveLength(2);

  // Afterwards the same letter can be printed; it says that it may repeat what went before.
  await page.goto(`${server.origin}/`);
  await ipad.signIn.touchSensor();
  await ipad.workList.tab("All");
  await ipad.workList.open(PATIENT);
  await page.getByRole("link", { name: "See it as the practice will, or print it" }).click();
  await expect(page.getByRole("article")).toContainText("may repeat an electronic message");
  await expect(page.getByRole("button", { name: "Print" })).toBeVisible();
  await mail.dispose();
});
