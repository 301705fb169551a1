// NHS 111 posts many reports, each about another patient, several at a time.
import { randomUUID } from "node:crypto";
import type { Server } from "./server.js";

const AT_ONCE = 8;
const FIXTURE = "minor-illness-dx28.xml";
/** What identifies the fixture's report, patient and call. */
const IDENTITIES = /[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}/g;

/** Posts so many; the patients are called `Brambleworth0000` and so on. */
export async function reportMany(server: Server, count: number): Promise<void> {
  const identities = new Set(server.fixture(FIXTURE).match(IDENTITIES));
  const left = Array.from({ length: count }, (_, index) => index);
  const sender = async () => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      const replace: Record<string, string> = {
        'extension="70101"': `extension="${800_000 + index}"`,
        "9997001028": nhsNumber(index),
        Brambleworth: `Brambleworth${String(index).padStart(4, "0")}`,
      };
      for (const identity of identities) replace[identity] = randomUUID().toUpperCase();
      const answer = await server.report(FIXTURE, replace);
      if (!answer.ok) throw new Error(`A report was not taken: ${answer.status} ${await answer.text()}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
}

/** A number that passes the check digit, from the 999 range that is never given to anyone. */
export function nhsNumber(index: number): string {
  for (let candidate = index * 11; ; candidate++) {
    const nine = `999${String(candidate).padStart(6, "0")}`;
    const sum = [...nine].reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
    const check = (11 - (sum % 11)) % 11;
    if (check !== 10) return `${nine}${check}`;
  }
}
