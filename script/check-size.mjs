// The first load, all that offline work needs: its budget is 500 kB with Brotli, and it is not met yet. Until it is, it
// may not grow: lower `ceiling` with every saving, and remove it once it reaches the budget.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const budget = 500_000;
const ceiling = 1_835_000;
const dist = new URL("../dist/", import.meta.url).pathname;
// What is fetched only when it is first used is no part of it.
const later = /^scan[/\\]/;
const names = readdirSync(dist, { recursive: true }).map(String).filter((name) => !later.test(name));
const files = names.map((name) => join(dist, name));
const present = new Set(files);
const loaded = files.filter((path) => statSync(path).isFile() && !path.endsWith(".br") && !path.endsWith("-512.png"));
const sizes = loaded.map((path) => [path.slice(dist.length), statSync(present.has(`${path}.br`) ? `${path}.br` : path).size]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
for (const [name, size] of sizes.sort((a, b) => b[1] - a[1]).slice(0, 5)) console.log(`${String(size).padStart(8)}  ${name}`);
console.log(`${String(total).padStart(8)}  all of it; the budget is ${budget}`);
if (total > budget) console.warn(`The first load is over its budget by ${total - budget} bytes (known, see docs/benchmarks.md).`);
if (total > ceiling) {
  console.error(`The first load has grown beyond ${ceiling} bytes. See what grew above, and make it smaller.`);
  process.exit(1);
}
