// The browser's process behind a page: how much memory it has, and slowing down all of it, workers too (Linux).
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Device } from "../support/device.js";

/** The largest renderer of this device's browser. */
export function rendererOf(device: Device): { pid: number; bytes: number } {
  const all = execFileSync("pgrep", ["-f", device.folder]).toString().trim().split("\n").map(Number);
  const renderers = all.map((pid) => ({ pid, bytes: residentBytes(pid) }));
  return renderers.reduce((largest, one) => (one.bytes > largest.bytes ? one : largest), { pid: 0, bytes: 0 });
}

function residentBytes(pid: number): number {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer")) return 0;
    return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+) kB/)?.[1] ?? 0) * 1024;
  } catch {
    // It has ended since.
    return 0;
  }
}

/** Stops the process for most of each few milliseconds: Chromium's own slowing down leaves workers as they are. */
const STUTTER = `
import os, signal, sys, time
pid, rate, run = int(sys.argv[1]), float(sys.argv[2]), 0.003
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
try:
    while True:
        os.kill(pid, signal.SIGSTOP); time.sleep(run * (rate - 1)); os.kill(pid, signal.SIGCONT); time.sleep(run)
except ProcessLookupError:
    pass
finally:
    try: os.kill(pid, signal.SIGCONT)
    except ProcessLookupError: pass
`;

/** Every thread of the page's process is so many times slower while `during` runs. */
export async function slowedDown<T>(device: Device, rate: number, during: () => Promise<T>): Promise<T> {
  const stutter = spawn("python3", ["-c", STUTTER, String(rendererOf(device).pid), String(rate)], { stdio: "ignore" });
  const ended = new Promise((done) => stutter.once("exit", done));
  try {
    return await during();
  } finally {
    stutter.kill("SIGTERM");
    await ended;
  }
}
