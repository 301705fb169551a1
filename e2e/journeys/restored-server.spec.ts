import { join } from "node:path";
import { practiceMailbox } from "../support/mesh.js";
import { expect, test } from "../support/journey.js";

const PATIENT = "BRAMBLEWORTH, Odile Fay";

test("a server restored from an older backup gets back what an iPad holds, and the GP is not told twice", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  expect((await server.report("minor-illness-dx28.xml")).status).toBe(200);
  await workList.open(PATIENT);
  await consultation.fill("history", "Seen before the backup.");
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 30_000 });
  const backup = join(server.folder, "monday.satchel");
  expect(await server.command("backup", backup)).toContain("Backed up and read back");

  await consultation.noRedFlags();
  await consultation.whereWhoAndConsent();
  await consultation.soreThroat();
  await consultation.sign();
  await expect(consultation.truth("gp")).toContainText("With Meadow Lane Surgery", { timeout: 60_000 });
  expect(await practiceMailbox(server)).toHaveLength(1);

  // The disk is lost while somebody is on a visit.
  await server.stop();
  await workList.goto();
  await workList.open("TESTERTON");
  await consultation.fill("history", "Seen while the server was down.");
  await expect(consultation.truth("server")).toContainText("Not yet with the server");
  await server.command("restore", backup);
  await server.start();

  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await workList.goto();
  await workList.tab("All");
  await workList.open(PATIENT);
  await expect(consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  await expect(consultation.truth("gp")).toContainText("With Meadow Lane Surgery", { timeout: 60_000 });
  const row = async (name: string) => (await server.consultations()).find((one) => one.patient_name === name);
  await expect.poll(() => row(PATIENT), { timeout: 60_000 }).toMatchObject({ status: "completed", notice: "accepted" });
  // The claim of a visit at home is held for the contractor.
  const told = async () => (await server.deliveries()).filter((one) => one.kind !== "claim");
  const states = async () => (await told()).map((one) => one.state).filter((one) => one !== "not-required");
  await expect.poll(states, { timeout: 60_000 }).toEqual(["accepted"]);
  // The simulated MESH began empty with the process: whatever were in it now would be a second notice.
  expect(await practiceMailbox(server)).toHaveLength(0);

  // Another device, fresh, reads from the restored server all that the iPad gave back.
  const counter = await pickUp({ viewport: { width: 1280, height: 800 } });
  await counter.signIn.enrol(await server.invite(), "Ben Ade", "2074999");
  await counter.workList.open("TESTERTON");
  await expect(counter.consultation.question("history").locator("textarea")).toHaveValue("Seen while the server was down.");
  await counter.workList.goto();
  await counter.workList.tab("All");
  await counter.workList.open(PATIENT);
  await counter.device.page.getByRole("link", { name: "History", exact: true }).click();
  await expect(counter.device.page.getByText("Asha Rao (passkey)").first()).toBeVisible();
});
