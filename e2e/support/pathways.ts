import { expect, type Hand } from "./journey.js";
import { Papers } from "./screens/papers.js";
import type { Server } from "./server.js";

/** A pharmacist who is authorised under these directions, at a patient's home, without a network from here on. */
export async function onTheRoad(
  server: Server,
  office: Hand,
  pickUp: () => Promise<Hand>,
  directions: readonly (readonly [id: string, version: string])[],
): Promise<Hand> {
  const ipad = await pickUp();
  await ipad.signIn.enrol(await server.invite());
  const papers = new Papers(office.device.page);
  for (const [id, version] of directions) await papers.authorise("Asha Rao", [id], version);
  // The device learns what its person may do with the next contact.
  await ipad.device.page.reload();
  await ipad.signIn.touchSensor();
  await ipad.medicines.areHere();
  const settings = ipad.device.page.getByRole("link", { name: "Settings" });
  await settings.click();
  const mine = ipad.device.page.getByRole("region", { name: "What you may do here" });
  for (const [id] of directions) await expect(mine).toContainText(`PGD ${id}`);
  await ipad.workList.goto();
  await server.stop();
  return ipad;
}

/** Once the network is back the signed record is on the server. */
export async function sentHome(server: Server, ipad: Hand): Promise<string> {
  await server.start();
  await expect(ipad.consultation.truth("server")).toContainText("With the server", { timeout: 60_000 });
  const row = (await server.consultations()).find((one) => one.patient_name?.startsWith("QUILLFEATHER"));
  return server.command("consultation", row?.id ?? "", "--json");
}
