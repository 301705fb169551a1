// An unmodified @automerge/automerge opens, edits and merges our documents.
import * as Automerge from "@automerge/automerge";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const saved = readFileSync(new URL("../shared/fixtures/consultation-v1.automerge", import.meta.url));

test("JavaScript opens a consultation and reads what Rust wrote", () => {
  const document = Automerge.load(new Uint8Array(saved));
  assert.equal(String(document.patient.family_name), "Winters");
  assert.equal(document.answers["penicillin-allergy"], true);
  assert.equal(String(document.notes), "Sleeping badly.");
});

test("JavaScript edits and merges a consultation", () => {
  const ours = Automerge.load(new Uint8Array(saved));
  let theirs = Automerge.clone(ours);
  theirs = Automerge.change(theirs, (record) => {
    record.answers.fever = false;
  });
  const merged = Automerge.merge(ours, theirs);
  assert.equal(merged.answers.fever, false);
  assert.equal(merged.answers["penicillin-allergy"], true);
  assert.deepEqual(Automerge.getHeads(Automerge.load(Automerge.save(merged))), Automerge.getHeads(merged));
});
