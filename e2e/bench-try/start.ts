// How long an empty server takes to be of use, and what it costs to leave it running.
import { median, report } from "./report.js";
import { Server } from "./server.js";

const TIMES = 5;

export async function coldStart(): Promise<void> {
  const took: number[] = [];
  for (let run = 0; run < TIMES; run++) {
    const server = await Server.start();
    took.push(server.readyAfter);
    await server.dispose();
  }
  report({ bench: "cold-start", value: median(took), unit: "ms", n: TIMES });
}

export async function idleMemory(): Promise<void> {
  const server = await Server.start();
  try {
    await new Promise((wake) => setTimeout(wake, 3_000));
    report({ bench: "idle-memory", value: server.memory().now, unit: "MB" });
  } finally {
    await server.dispose();
  }
}
