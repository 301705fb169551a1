// What the largest NHS 111 message that is taken costs the server: memory at its peak, and time.
import { another, post } from "./itk.js";
import { remark, report } from "./report.js";
import { Server } from "./server.js";

const BYTES = 5_000_000;
const TIMES = 3;

/** What may make a message large: one long file, long words, or nearly as many elements as are taken. */
const kinds: [string, (bytes: number) => string][] = [
  ["file", (bytes) => section(`<entry typeCode="COMP"><observationMedia classCode="OBS" moodCode="EVN">
     <value mediaType="application/pdf" representation="B64">${"JVBERi0x".repeat(bytes / 8)}</value></observationMedia></entry>`)],
  ["words", (bytes) => section(`<title>Notes</title><text>${"Spoke to the patient. ".repeat(bytes / 22)}</text>`)],
  ["elements", (bytes) => section(`<title>Notes</title><text>${"<content>Yes, it does.</content><br/>".repeat(bytes / 38)}</text>`)],
];

function section(inside: string): string {
  return `<component typeCode="COMP"><section classCode="DOCSECT" moodCode="EVN">${inside}</section></component>`;
}

export async function itkLarge(): Promise<void> {
  for (const [kind, padding] of kinds) {
    const server = await Server.start();
    try {
      for (let index = 0; index < 20; index++) await post(server, another(index));
      const before = server.memory().peak;
      const began = performance.now();
      for (let index = 0; index < TIMES; index++) {
        const plain = another(1_000 + index);
        const end = plain.lastIndexOf("</structuredBody>");
        const body = plain.slice(0, end) + padding(BYTES - plain.length - 400) + plain.slice(end);
        if (body.length > BYTES) throw new Error(`The message has ${body.length} bytes`);
        await post(server, body);
      }
      const took = (performance.now() - began) / TIMES;
      remark(`A message of 5 MB, ${kind}: ${before.toFixed(1)} MB before`);
      report({ bench: `itk-large-${kind}`, value: server.memory().peak - before, unit: "MB over before", n: BYTES });
      report({ bench: `itk-large-${kind}-time`, value: took, unit: "ms", n: BYTES });
    } finally {
      await server.dispose();
    }
  }
}
