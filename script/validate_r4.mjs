// Judges FHIR R4 messages, JSON and XML, by npm `fhir`: structure, order, types, required elements, codes that must be.
// Usage: node script/validate_r4.mjs FILE_OR_FOLDER...   (folders: *.r4.json and *.r4.xml; needs e2e/node_modules)
// Says one line a file; ends with 1 when a message is not valid, and with 2 when there was nothing to judge.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../e2e/package.json', import.meta.url));
const { Fhir } = require('fhir');
const fhir = new Fhir();

const files = process.argv.slice(2).flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).filter((name) => /\.r4\.(json|xml)$/.test(name)).sort().map((name) => join(path, name))
    : [path],
);
if (files.length === 0) {
  console.error('no messages to judge');
  process.exit(2);
}

/** Names of the elements in order, without narrative and comments. */
function order(xml) {
  const bare = xml.replace(/<!--.*?-->/gs, '').replace(/<text>\s*<status[^>]*>\s*<div.*?<\/div>\s*<\/text>/gs, '');
  return [...bare.matchAll(/<([A-Za-z]\w*)/g)].map(([, name]) => name);
}

/** The first element that stands elsewhere than the library itself would write it, or nothing. */
function misplaced(xml, resource) {
  const [ours, theirs] = [order(xml), order(fhir.objToXml(resource))];
  const at = ours.findIndex((name, place) => name !== theirs[place]);
  return at < 0 && ours.length === theirs.length ? [] : [`element ${at}: ${ours[at]} where ${theirs[at]} is expected`];
}

// The library reads decimals of XML as text and then misses the number; the JSON twin of each message is judged for it.
const itsOwn = (file, message) => file.endsWith('.xml') && message.startsWith('Number type expected but string');

let refused = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  let problems;
  try {
    const resource = file.endsWith('.xml') ? fhir.xmlToObj(text) : JSON.parse(text);
    const judged = fhir.validate(resource, { errorOnUnexpected: true });
    problems = judged.messages
      .filter(({ severity, message }) => severity === 'error' && !itsOwn(file, message))
      .map(({ location, message }) => `${location}: ${message}`)
      .concat(file.endsWith('.xml') ? misplaced(text, resource) : []);
  } catch (error) {
    problems = [String(error)];
  }
  if (problems.length === 0) {
    console.log(`ok      ${file}`);
  } else {
    refused += 1;
    console.error(`REFUSED ${file}\n        ${problems.join('\n        ')}`);
  }
}
process.exit(refused > 0 ? 1 : 0);
