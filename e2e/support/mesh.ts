// Looks into the practice's MESH mailbox, as the practice's own system would.
import { createHmac, randomUUID } from "node:crypto";
import type { Server } from "./server.js";

const PRACTICE = "A82648OT001";
const SECRET = "demonstration";

/** Every message that lies there, whole. */
export async function practiceMailbox(server: Server): Promise<string[]> {
  const base = `${server.origin}/simulator/mesh/messageexchange/${PRACTICE}/inbox`;
  const listing = await fetch(base, { headers: { authorization: token() } });
  const { messages } = (await listing.json()) as { messages: string[] };
  return await Promise.all(
    messages.map(async (id) => await (await fetch(`${base}/${id}`, { headers: { authorization: token() } })).text()),
  );
}

function token(): string {
  const time = new Date().toISOString().replace(/[-:T]/g, "").slice(0, 12);
  const nonce = randomUUID();
  const hash = createHmac("sha256", SECRET).update(`${PRACTICE}:${nonce}:0:${SECRET}:${time}`).digest("hex");
  return `NHSMESH ${PRACTICE}:${nonce}:0:${time}:${hash}`;
}

/** With which code the practice's system refuses every notice from now on; empty: it takes them. */
export async function practiceAnswers(server: Server, code: string): Promise<void> {
  const answer = await fetch(`${server.origin}/simulator/practice`, { method: "PUT", body: code });
  if (!answer.ok) throw new Error(`the practice simulator answered ${answer.status}`);
}
