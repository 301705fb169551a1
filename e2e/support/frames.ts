// Pull frames as the server sends them, so that a journey can put something into the log that no server would take.
import { randomUUID } from "node:crypto";
import * as Automerge from "@automerge/automerge";

export interface Forged {
  id: string;
  base: Uint8Array;
  changes: Uint8Array[];
  row: Record<string, unknown>;
}

/** A document that can be read, stored and listed, and that ends whatever applies its one change. */
export function deadlyDocument(patient: string): Forged {
  const id = randomUUID();
  const base = Automerge.from({ id }, { actor: "aa".repeat(16) });
  const change = Automerge.encodeChange({
    actor: "bb".repeat(16),
    // No author begins with their seventh change.
    seq: 7,
    startOp: 5,
    time: 0,
    message: "",
    author: null,
    deps: Automerge.getHeads(base),
    ops: [{ action: "set", obj: "_root", key: "x", value: 1, pred: [] }],
  });
  const received_at = new Date().toISOString();
  const row = { id, pharmacy: "FA123", status: "received", pathway: "minor-illness@1", channel: "itk111", patient_name: patient, received_at };
  return { id, base: Automerge.save(base), changes: [change], row };
}

/** One frame with its length before it, closed by a cursor. */
export function pullFrame(epoch: string, cursor: number, more: boolean, documents: Forged[]): Buffer {
  const records = documents.map((document) =>
    record(
      1,
      Buffer.concat([
        uuid(document.id),
        record(1, Buffer.from(document.base)),
        ...document.changes.map((change) => record(2, Buffer.from(change))),
        record(3, Buffer.from(JSON.stringify(document.row))),
      ]),
    ),
  );
  const closed = Buffer.concat([uuid(epoch), Buffer.from([more ? 1 : 0]), number(cursor)]);
  const header = Buffer.concat([Buffer.from("SATF"), Buffer.from([1, "D".charCodeAt(0), 0])]);
  const frame = Buffer.concat([header, ...records, record(2, closed)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

function record(kind: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([kind]), number(content.length), content]);
}

function number(value: number): Buffer {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

function uuid(text: string): Buffer {
  return Buffer.from(text.replaceAll("-", ""), "hex");
}
