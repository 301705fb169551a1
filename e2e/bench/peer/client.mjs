// PouchDB's client: the records from standard input with a revision for each edit, pushed, then pulled into an empty store.
import PouchDB from "pouchdb";
import { createInterface } from "node:readline";

const [folder, url] = process.argv.slice(2);
const consultations = [];
for await (const line of createInterface({ input: process.stdin })) consultations.push(JSON.parse(line));

const here = new PouchDB(`${folder}/here`);
const records = consultations.map(({ record }) => record);
const edits = consultations[0].edits.length;
for (let edit = 0; edit <= edits; edit++) {
  const stored = await here.bulkDocs(records);
  stored.forEach(({ rev }, index) => {
    records[index]._rev = rev;
    const next = consultations[index].edits[edit];
    if (next) records[index].answers[next[0]] = next[1];
  });
}
const bytes = Math.round(records.reduce((sum, record) => sum + Buffer.byteLength(JSON.stringify(record)), 0) / records.length);

process.send("made");
await new Promise((begin) => process.once("message", begin));
const used = process.cpuUsage();
const push = await timed(() => here.replicate.to(url, { batch_size: 500 }));
const elsewhere = new PouchDB(`${folder}/elsewhere`);
const pull = await timed(() => elsewhere.replicate.from(url, { batch_size: 500 }));
const { user, system } = process.cpuUsage(used);
const { doc_count: pulled } = await elsewhere.info();
if (pulled !== records.length) throw new Error(`pulled ${pulled} of ${records.length}`);
process.send({ push, pull, bytes, seconds: (user + system) / 1e6 }, () => process.exit(0));

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
