// The pretend practice that refers by BaRS and takes the answer.
import type { Server } from "./server.js";

export interface Resource {
  resourceType: string;
  id?: string;
  status?: string;
  response?: { identifier: string };
  reasonCode?: Array<{ coding: Array<{ code: string }> }>;
}

export interface Bundle {
  id: string;
  entry: Array<{ resource: Resource }>;
}

/** Sends a referral to the demonstration's pharmacy; answers the id of its Bundle. */
export async function refer(server: Server): Promise<string> {
  const answer = await fetch(`${server.origin}/simulator/bars/send`, { method: "POST" });
  if (!answer.ok) throw new Error(`The referral was refused: ${await answer.text()}`);
  return ((await answer.json()) as { bundle: string }).bundle;
}

/** The answers that have come back so far. */
export async function responses(server: Server): Promise<Bundle[]> {
  return (await (await fetch(`${server.origin}/simulator/bars/responses`)).json()) as Bundle[];
}

export function resource(bundle: Bundle, kind: string): Resource {
  const found = bundle.entry.find((entry) => entry.resource.resourceType === kind);
  if (!found) throw new Error(`No ${kind} in the response`);
  return found.resource;
}
