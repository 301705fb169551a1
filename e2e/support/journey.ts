// What every journey starts from: the real server, and devices that are put away at the end.
import { test as base, expect } from "@playwright/test";
import { Device } from "./device.js";
import { ChargeCard } from "./screens/charge.js";
import { Consultation } from "./screens/consultation.js";
import { Medicines } from "./screens/medicines.js";
import { SignIn } from "./screens/sign-in.js";
import { Supply } from "./screens/supply.js";
import { WorkList } from "./screens/work-list.js";
import { Server } from "./server.js";

/** A device with its screens at hand. */
export interface Hand {
  device: Device;
  signIn: SignIn;
  workList: WorkList;
  consultation: Consultation;
  medicines: Medicines;
  supply: Supply;
  charge: ChargeCard;
}

export function hand(device: Device): Hand {
  const { page } = device;
  return {
    device,
    signIn: new SignIn(page),
    workList: new WorkList(page),
    consultation: new Consultation(page),
    medicines: new Medicines(page),
    supply: new Supply(page),
    charge: new ChargeCard(page),
  };
}

interface Fixtures {
  server: Server;
  pickUp: (options?: Parameters<typeof Device.open>[0]) => Promise<Hand>;
  /** The computer in the pharmacy's office, with its administrator, Otto Brandt. */
  office: Hand;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.dispose();
  },
  pickUp: async ({}, use) => {
    const devices: Device[] = [];
    await use(async (options) => {
      const device = await Device.open(options);
      devices.push(device);
      return hand(device);
    });
    for (const device of devices) {
      expect(device.errors).toEqual([]);
      await device.dispose();
    }
  },
  office: async ({ server, pickUp }, use) => {
    const office = await pickUp({ viewport: { width: 1280, height: 800 } });
    await office.signIn.enrol(await server.invite("administrator"), "Otto Brandt", "");
    await use(office);
  },
});

export { expect };
