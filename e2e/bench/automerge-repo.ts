// automerge-repo with 1,000 documents of its own workload, where somebody has put that beside this project.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { remark, report } from "./report.js";

const theirs = new URL("../../../shared/peers/", import.meta.url).pathname;
const work = new URL("../../target/bench/peers/", import.meta.url).pathname;
const PEER = "automerge-repo";
/** Longer than a busy machine needs; beyond this the rest of the benchmark matters more. */
const PATIENCE = 200_000;

/** Their own careful client: 32 documents at a time, since all at once loses some. Measured once. */
export async function automergeRepo(n: number): Promise<void> {
  if (!existsSync(theirs)) throw new Error("its workload is not here");
  mkdirSync(work, { recursive: true });
  cpSync(theirs, work, { recursive: true, filter: (from) => !/\/(node_modules|target|data)(\/|$)/.test(from.slice(theirs.length - 1)) });
  const run = promisify(execFile);
  if (!existsSync(join(work, "node_modules"))) {
    remark("Installing automerge-repo");
    await run("npm", ["install", "--no-audit", "--no-fund"], { cwd: work, timeout: PATIENCE });
  }
  const { stdout } = await run("node", ["am-bench.mjs", String(n), "latest", "text"], {
    cwd: join(work, "src"),
    env: { ...process.env, WINDOW: "32" },
    timeout: PATIENCE,
    maxBuffer: 16 << 20,
  });
  const said = JSON.parse(stdout.slice(stdout.indexOf("{")));
  if (said.push?.ok !== n) throw new Error(`it held ${said.push?.ok} of ${n} documents`);
  const line = (bench: string, value: number, unit: string) => report({ bench, value, unit, n, peer: PEER });
  line("push-of-peer", said.push.ms, "ms");
  line("pull-of-peer", said.pull_warm.ms, "ms");
  line("client-cpu-of-peer", said.push.cpu_s + said.pull_warm.cpu_s, "s");
  line("server-cpu-of-peer", said.server_cpu_s, "s");
  line("server-peak-memory-of-peer", said.server_peak_mb, "MB");
  line("push-wire-of-peer", said.push_wire.in, "bytes");
  line("pull-wire-of-peer", said.pull_wire.out, "bytes");
}
