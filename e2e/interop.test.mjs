// An unmodified @automerge/automerge opens, edits and merges our documents, and our side takes its edits back.
import * as Automerge from "@automerge/automerge";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const saved = readFileSync(join(root, "shared/fixtures/consultation-v1.automerge"));
const opened = () => Automerge.load(new Uint8Array(saved));
// Our records hold plain words, not texts that merge letter by letter; only the notes do.
const word = (text) => new Automerge.ImmutableString(text);

function edited() {
  let document = Automerge.change(opened(), (record) => {
    record.answers.fever = false;
    record.medicines.theirs = {
      name: word("Ibuprofen 200mg tablets"),
      code: word(""),
      level: word(""),
      decision: word("recommended"),
      reason: word(""),
      supplied_from: word(""),
      directions: word("One three times a day"),
      recorded_at: word("2026-11-22T14:13:20Z"),
    };
  });
  document = Automerge.change(document, (record) => {
    Automerge.splice(record, ["notes"], 0, 0, "Theirs. ");
  });
  return document;
}

test("JavaScript opens a consultation and reads what Rust wrote", () => {
  const document = opened();
  assert.equal(String(document.patient.family_name), "Winters");
  assert.equal(document.answers["penicillin-allergy"], true);
  assert.equal(String(document.notes), "Sleeping badly.");
});

test("JavaScript edits and merges a consultation", () => {
  const merged = Automerge.merge(opened(), edited());
  assert.equal(merged.answers.fever, false);
  assert.equal(merged.answers["penicillin-allergy"], true);
  assert.equal(String(merged.notes), "Theirs. Sleeping badly.");
  assert.deepEqual(Automerge.getHeads(Automerge.load(Automerge.save(merged))), Automerge.getHeads(merged));
});

test("what JavaScript edited comes back and merges with what was recorded here meanwhile", () => {
  const folder = mkdtempSync(join(tmpdir(), "satchel-interop-"));
  try {
    const theirs = edited();
    writeFileSync(join(folder, "theirs"), Automerge.save(theirs));
    const files = [join(folder, "theirs"), join(folder, "merged")];
    const said = execFileSync(
      "cargo",
      ["run", "--quiet", "--package", "shared", "--example", "merge_edits", "--", ...files],
      { cwd: root, encoding: "utf8" },
    );
    assert.match(said, /^ours: Paracetamol 500mg tablets$/m);
    assert.match(said, /^theirs: Ibuprofen 200mg tablets$/m);

    const merged = Automerge.load(new Uint8Array(readFileSync(join(folder, "merged"))));
    assert.equal(merged.answers.fever, false);
    assert.equal(merged.answers.cough, true);
    assert.equal(merged.answers["penicillin-allergy"], true);
    assert.equal(String(merged.notes), "Theirs. Sleeping badly. Ours.");
    assert.equal(String(merged.medicines.theirs.directions), "One three times a day");
    assert.equal(String(merged.medicines.ours.name), "Paracetamol 500mg tablets");
    const heads = Automerge.getHeads(Automerge.merge(Automerge.clone(merged), theirs));
    assert.deepEqual(heads, Automerge.getHeads(merged), "nothing of theirs is missing");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
