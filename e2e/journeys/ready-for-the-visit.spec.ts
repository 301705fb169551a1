import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";
import { Cis2 } from "../support/screens/cis2.js";

test("one touch makes ready for a visit, with the age of each thing, and half a network is told as half", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList } = await pickUp();
  const { page } = device;
  await new Cis2(page).firstTime(server.origin);
  await workList.open("TESTERTON");
  await page.getByRole("button", { name: "I am taking this" }).click();
  await workList.goto();
  await page.getByRole("link", { name: "Ready for the visit" }).click();
  await expect(page.getByRole("heading", { name: "Ready for the visit" })).toBeVisible();
  const patients = page.getByRole("region", { name: "Patients" });
  await expect(patients.getByRole("listitem").filter({ hasText: "TESTERTON" })).toContainText("Traced now");
  await expect(page.getByText(/practices, as of/)).toBeVisible();
  await expect(page.getByRole("region", { name: "What to bring" }).getByRole("listitem").first()).toBeVisible();
  await expect(page.getByText("Up to date.", { exact: true })).toBeVisible();
  await looksRight(page, "ready-for-the-visit");

  // PDS is away, the rest answers.
  await page.context().route("**/api/patients/look-up", (route) => route.fulfill({ status: 503, body: "" }));
  await page.getByRole("button", { name: "Bring up to date again" }).click();
  await expect(patients.getByRole("listitem").filter({ hasText: "TESTERTON" })).toContainText("Not asked");
  await expect(page.getByText("Not everything could be brought up to date.")).toBeVisible();
  await expect(page.getByText(/practices, as of/)).toBeVisible();

  // No network at all: what is here is shown with its age.
  await server.stop();
  await page.getByRole("button", { name: "Bring up to date again" }).click();
  await expect(page.getByText(/practices, as of .* old/)).toBeVisible();
  await looksRight(page, "ready-offline");

  // At the door, offline: the practice is found, and name and code are picked together.
  await signIn.lock();
  await signIn.touchSensor();
  await workList.goto();
  await page.getByRole("link", { name: "Walk-in" }).click();
  await page.getByLabel("Find the GP practice").fill("elm road");
  await page.getByRole("button", { name: /Elm Road Surgery \(A99999\)/i }).click();
  await expect(page.locator("#patient-gp-ods")).toHaveValue("A99999");
  await looksRight(page, "practice-found-offline");
});

test("the record is opened elsewhere with the number copied, and the audit log has both once there is signal", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn.enrol(await server.invite());
  await workList.open("TESTERTON");
  await server.stop();
  await page.getByRole("button", { name: "Copy NHS number" }).click();
  await expect(page.getByText("Copied. It is taken off the clipboard in a minute")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("9990412073");
  const link = page.getByRole("link", { name: "National Care Records Service (opens in a new tab)" });
  await expect(link).toHaveAttribute("href", "https://portal.spineservices.nhs.uk/nationalcarerecordsservice/");
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
  await link.scrollIntoViewIfNeeded();
  await looksRight(page, "record-access");

  // Permission, source, findings and when, with no network, through a closed app.
  await consultation.pick("consent-record", "Given");
  await consultation.pick("record-viewed", "Summary Care Record (National Care Records Service)");
  await consultation.fill("record-findings", "Amlodipine 5 mg. No allergies recorded.");
  // The time is offered, and a touch makes it an answer.
  await consultation.question("record-time").getByRole("button", { name: /the time now/ }).click();
  await expect(consultation.question("record-time").locator("input").first()).toHaveValue(/^\d\d:\d\d$/);
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await device.closeApp();
  await page.goto(server.origin);
  await signIn.touchSensor();
  await workList.open("TESTERTON");
  await expect(consultation.question("record-findings").locator("textarea")).toHaveValue("Amlodipine 5 mg. No allergies recorded.");
  // What was not looked at needs its reason before anybody signs.
  await consultation.pick("record-viewed", "None");
  await expect(consultation.question("record-not-viewed")).toBeVisible();
  await consultation.fill("record-not-viewed", "No signal in the house");
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await server.start();
  const actions = async () => (await server.audit()).map((line) => line.action);
  await expect.poll(actions, { timeout: 60_000 }).toContain("copied-nhs-number");
  expect(await actions()).toContain("opened-consultation");
  await expect(consultation.truth("server")).toContainText("With the server");
  expect(await server.command("audit", "verify")).toContain("whole");
});

test("a replaced, a withdrawn and a bare record are told apart, and the replaced number gives way", async ({
  server,
  pickUp,
}) => {
  const { device, workList } = await pickUp();
  const { page } = device;
  await new Cis2(page).firstTime(server.origin);
  const panel = page.getByRole("group", { name: "PDS" });
  const walkIn = async (number: string) => {
    await workList.goto();
    await page.getByRole("link", { name: "Walk-in" }).click();
    await page.getByLabel("Family name").fill("Twicenumbered");
    await page.getByLabel("Given name").fill("Ignatius");
    await page.locator("#patient-birth-date").fill("1977-11-02");
    await page.getByLabel("NHS number").fill(number);
    await page.getByRole("button", { name: /Begin|Start/ }).first().click();
    await panel.getByRole("button", { name: "Look up in PDS" }).click();
  };
  await walkIn("999 111 0283");
  await expect(panel).toContainText("PDS has withdrawn the record of this NHS number.");
  await walkIn("999 111 0356");
  await expect(panel).toContainText("PDS gives neither name nor date of birth, only the number.");
  await walkIn("999 111 0143");
  await expect(panel).toContainText("PDS has replaced the NHS number");
  await looksRight(page, "look-up-superseded");
  await panel.getByRole("button", { name: "Use these" }).click();
  await expect(page.getByRole("region", { name: "Patient", exact: true })).toContainText("999 111 0216");
});
