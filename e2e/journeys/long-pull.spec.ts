import { reportMany } from "../support/many-reports.js";
import { expect, test } from "../support/journey.js";

const REPORTS = 600;
/** What the demonstration brings with it. */
const ALL = REPORTS + 6;

test("a long fetch is counted, and one can work while the rest arrives", async ({ server, pickUp }) => {
  await reportMany(server, REPORTS);
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await page.addInitScript(() => {
    const seen = { counts: [] as string[] };
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const words = document.querySelector(".page__note[role=status]:not([hidden])")?.textContent ?? "";
      if (words && seen.counts.at(-1) !== words) seen.counts.push(words);
    }).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
  });
  const seen = () => page.evaluate(() => (window as unknown as { seen: { counts: string[] } }).seen);

  // The link breaks in the middle of the first fetch; the second is held up for as long as somebody works.
  let goOn = () => {};
  const worked = new Promise<void>((done) => (goOn = done));
  let fetches = 0;
  await page.context().route("**/api/sync/pull**", async (route) => {
    fetches += 1;
    const held = fetches === 2 ? worked : Promise.resolve();
    await held;
    const answer = await route.fetch();
    const body = await answer.body();
    await route.fulfill({ response: answer, body: fetches === 1 ? body.subarray(0, body.length / 2) : body });
  });
  await signIn.enrol(await server.invite());
  await expect.poll(() => fetches).toBe(2);
  const halfway = await listed();
  expect(halfway).toBeGreaterThan(0);
  expect(halfway).toBeLessThan(ALL);

  // The most pressing of what is here stands first, and can be worked on.
  const due = page.locator(".entry__due");
  await expect(due.first()).toBeVisible();
  const name = (await workList.names().first().textContent()) ?? "";
  await workList.open(name.trim());
  await consultation.fill("complaint", "It began on Friday");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  goOn();
  await workList.goto();

  await expect.poll(listed).toBe(ALL);
  const { counts } = await seen();
  expect(counts.join("\n")).toMatch(/Fetching consultations: \d+ of \d+\. You can work meanwhile\./);
  await page.reload();
  await signIn.touchSensor();
  await expect.poll(listed).toBe(ALL);
  await workList.search(name.split(",")[0] ?? "");
  await workList.open(name.trim());
  await expect(consultation.question("complaint").locator("textarea")).toHaveValue("It began on Friday");

  async function listed(): Promise<number> {
    const counts = await page.locator(".tabs__count").allTextContents();
    return Math.max(...counts.map(Number));
  }
});
