import { expect, test, type Hand } from "../support/journey.js";
import { LAWFUL } from "../support/screens/supply.js";
import type { Server } from "../support/server.js";

/** An iPad with somebody signed in and the medicines file on it, and no network from here on. */
async function onTheRoad(server: Server, pickUp: () => Promise<Hand>): Promise<Hand> {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  await ipad.medicines.areHere();
  await server.stop();
  return ipad;
}

/** What the server holds once the network is back. */
async function sentHome(server: Server, ipad: Hand): Promise<{ id: string; record: string }> {
  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  const row = (await server.consultations()).find((one) => one.patient_name?.startsWith("QUILLFEATHER"));
  const id = row?.id ?? "";
  return { id, record: await server.command("consultation", id, "--json") };
}

test("a repeat inhaler is supplied and signed with no network, and stands in the register once there is one", async ({
  server,
  pickUp,
}) => {
  const ipad = await onTheRoad(server, pickUp);
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Salbutamol inhaler");
  await ipad.consultation.interview("Salbutamol inhaler");
  const line = await ipad.supply.pick("salb inh", "Salbutamol 100micrograms/dose inhaler CFC free");
  // Nothing can be supplied before it is known to be lawful.
  await expect(line.supplyButton()).toHaveCount(0);
  await line.answerAll(LAWFUL);
  await line.fill("Smallest pack available here: how much is in it?", "200");
  await line.details({
    quantity: "200",
    days: "25",
    directions: "Two puffs when needed",
    place: "To be delivered from the pharmacy",
  });
  await line.supply();
  await ipad.consultation.decide("Supplied, as decided for each medicine");
  await ipad.charge.exempt(/prepayment/i, "seen");
  await ipad.consultation.sign();
  const { record } = await sentHome(server, ipad);
  expect(JSON.stringify(JSON.parse(record))).toContain('"supply_type":"emergency-supply"');
  const today = new Date().toISOString().slice(0, 10);
  const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const register = await server.command("supplies", "register", "--pharmacy", "FA123", "--from", from, "--to", today, "--json");
  expect(register).toContain("Salbutamol 100micrograms/dose inhaler CFC free");
});

test("a Schedule 3 drug is refused with the reason and its source, and the patient is sent on", async ({ server, pickUp }) => {
  const ipad = await onTheRoad(server, pickUp);
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Pregabalin");
  await ipad.consultation.interview("Pregabalin 75 mg capsules");
  const line = await ipad.supply.pick("pregab 75", "Pregabalin 75mg capsules");
  await expect(line.refusals()).toContainText("controlled drug of Schedule 1, 2 or 3");
  await expect(line.refusals()).toContainText("regulation 225");
  await expect(line.supplyButton()).toHaveCount(0);
  await line.refuse("Not allowed under the emergency supply rules");
  await line.helpBy("Out of hours");
  await ipad.consultation.decide("Not supplied, with the reason for each medicine");
  await ipad.consultation.sign();
  const { record } = await sentHome(server, ipad);
  expect(record).toContain("not-lawful");
});

test("a supply that happened against the rules is recorded as an exception, said plainly, and signed", async ({ server, pickUp }) => {
  const ipad = await onTheRoad(server, pickUp);
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Tramadol");
  await ipad.consultation.interview("Tramadol 50 mg capsules");
  const line = await ipad.supply.pick("tramadol 50", "Tramadol 50mg capsules");
  await expect(line.supplyButton()).toHaveCount(0);
  await line.exception("Handed over by the locum before the schedule was checked.", {
    quantity: "8",
    days: "2",
    directions: "One, up to four times a day",
    place: "Handed over where the patient was seen",
  });
  await ipad.consultation.decide("Supplied, as decided for each medicine");
  await expect(ipad.device.page.getByText("Not every supply is shown to be within the rules").first()).toBeVisible();
  // An exception is no NHS supply: nothing is charged, and nobody declares anything.
  await expect(ipad.charge.card().getByLabel("Exempt", { exact: true })).toHaveCount(0);
  await ipad.consultation.sign();
  const { record } = await sentHome(server, ipad);
  expect(record).toContain("Handed over by the locum");
  expect(record).toContain("schedule-1-3");
  expect(record).toContain("where-seen");
});

test("of a Schedule 5 drug five days are supplied, and six are not", async ({ server, pickUp }) => {
  const ipad = await onTheRoad(server, pickUp);
  await ipad.workList.phoneReferralForSupply("Quillfeather", "Codeine");
  await ipad.consultation.interview("Codeine 30 mg tablets");
  const line = await ipad.supply.pick("cod 30mg tab", "Codeine 30mg tablets");
  await line.answerAll(LAWFUL);
  await line.judge(/depend|misuse/i, "Hip operation last week; hospital letter seen.");
  await line.details({
    quantity: "24",
    days: "6",
    directions: "One, four times a day",
    place: "To be collected from the pharmacy",
  });
  await expect(line.supplyButton()).toHaveCount(0);
  await expect(line.refusals()).toContainText("5 days");
  await line.fill("Quantity", "20");
  await line.fill("Days it lasts", "5");
  await line.supply();
  await ipad.consultation.decide("Supplied, as decided for each medicine");
  await ipad.charge.exempt(/prepayment/i, "seen");
  await ipad.consultation.sign();
  const { record } = await sentHome(server, ipad);
  expect(JSON.stringify(JSON.parse(record))).toContain('"days":"5"');
});
