// How long one try at a PIN or a passphrase takes in the browser, from asking to the key, for several parameters.
import { Device, IPAD } from "../support/device.js";
import { remark, report, rounded } from "./report.js";
import { Server } from "./server.js";

const TIMES = 9;
/** Memory in MiB and passes; one lane, since WebAssembly has one thread here. OWASP's least is 19 MiB and 2. */
const PARAMETERS = [
  [19, 2],
  [32, 2],
  [64, 2],
  [64, 3],
  [64, 4],
  [64, 5],
  [64, 6],
] as const;

/** Other work on the machine only ever adds time, so the quickest run is the one that measures the parameters. */
export async function argon2(): Promise<void> {
  const server = await Server.start();
  const device = await Device.open({ viewport: IPAD, sensor: "none" });
  try {
    await device.page.goto(server.origin);
    for (const [mebibytes, passes] of PARAMETERS) {
      const times: number[] = [];
      for (let time = 0; time < TIMES; time++) times.push(await once(device, mebibytes * 1024, passes));
      const quickest = Math.min(...times);
      remark(`${mebibytes} MiB, ${passes} passes: ${times.map(rounded).join(", ")} ms`);
      report({ bench: `argon2id-${mebibytes}-mib-${passes}-passes`, value: quickest, unit: "ms", n: TIMES });
    }
  } finally {
    await device.dispose();
    await server.dispose();
  }
}

/** One derivation in a worker of its own, as the app does it; its start is not counted. */
async function once(device: Device, memoryKib: number, passes: number): Promise<number> {
  return await device.page.evaluate(
    async ([memoryKib, passes]) =>
      await new Promise<number>((done, failed) => {
        const worker = new Worker("/passphrase-worker_loader.js");
        let asked = 0;
        worker.onerror = () => failed(new Error("the worker did not start"));
        worker.onmessage = ({ data }) => {
          if (data.ready) {
            asked = performance.now();
            worker.postMessage({ secret: "582046", salt: "AAECAwQFBgcICQoLDA0ODw", memoryKib, passes, lanes: 1 });
            return;
          }
          worker.terminate();
          if (data.key) done(performance.now() - asked);
          else failed(new Error(String(data.error)));
        };
      }),
    [memoryKib, passes] as const,
  );
}
