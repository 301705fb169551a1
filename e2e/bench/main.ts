// Runs the named benchmarks one after the other; a failure of one does not keep the rest from being measured.
import { argon2 } from "./argon2.js";
import { dmdImport, dmdSearch } from "./dmd.js";
import { fingerprintToList } from "./fingerprint.js";
import { firstLoad } from "./first-load.js";
import { fullVault } from "./full-vault.js";
import { itkLarge } from "./itk-large.js";
import { itkPaced, itkReports } from "./itk.js";
import { morning } from "./morning.js";
import { remark } from "./report.js";
import { shift } from "./shift.js";
import { coldStart, idleMemory } from "./start.js";
import { sync } from "./sync.js";
import { year } from "./year.js";

const benches = new Map([
  ["argon2", argon2],
  ["cold-start", coldStart],
  ["idle-memory", idleMemory],
  ["first-load", firstLoad],
  ["itk-reports", itkReports],
  ["itk-reports-p99", itkPaced],
  ["itk-large", itkLarge],
  ["sync", sync],
  ["morning-start", morning],
  ["fingerprint-to-list", fingerprintToList],
  ["full-vault", fullVault],
  ["shift-memory", shift],
  ["dmd-import", dmdImport],
  ["dmd-search", dmdSearch],
  ["year", year],
]);

for (const name of process.argv.slice(2)) {
  const bench = benches.get(name);
  if (!bench) throw new Error(`There is no benchmark “${name}”.`);
  remark(`Measuring ${name}`);
  await bench().catch((problem: unknown) => {
    remark(`${name} failed: ${problem instanceof Error ? problem.stack : String(problem)}`);
    process.exitCode = 1;
  });
}
