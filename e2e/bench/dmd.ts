// How long the dictionary of medicines takes to come in at full size, with how much memory, and what devices then fetch.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { report } from "./report.js";
import { binary } from "./server.js";

const run = promisify(execFile);

export async function dmdImport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "satchel-bench-"));
  const environment = {
    PATH: process.env.PATH,
    MALLOC_ARENA_MAX: "2",
    SATCHEL_DATABASE_URL: `sqlite://${folder}/satchel.db`,
  };
  const options = { cwd: folder, env: environment, maxBuffer: 16 << 20 };
  try {
    await run(binary, ["dmd", "synthetic", "release.zip", "--size", "full", "--first", "2026-11-16"], options);
    const memory = join(folder, "memory");
    const began = performance.now();
    await run("/usr/bin/time", ["-f", "%M", "-o", memory, binary, "dmd", "import", "release.zip"], options);
    report({ bench: "dmd-import", value: (performance.now() - began) / 1000, unit: "s" });
    report({ bench: "dmd-import-memory", value: Number(readFileSync(memory, "utf8")) / 1024, unit: "MB" });
    const status = (await run(binary, ["dmd", "status"], options)).stdout;
    for (const [, name, bytes] of status.matchAll(/^(core|full): (\d+) bytes/gm)) {
      report({ bench: `dmd-${name}-file`, value: Number(bytes) / 1e6, unit: "MB" });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
