// What a device downloads once so that everything works without a network.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { report } from "./report.js";

export async function firstLoad(): Promise<void> {
  const dist = process.env.SATCHEL_DIST;
  if (!dist) throw new Error("SATCHEL_DIST must name the built app; script/bench sets it.");
  const paths = readdirSync(dist, { recursive: true }).map((name) => join(dist, String(name)));
  const files = paths.filter((path) => statSync(path).isFile());
  const present = new Set(files);
  // A file without a packed twin, such as a PNG, travels as it is.
  // The large icons are fetched only while the platform installs the app.
  const loaded = files.filter((path) => !path.endsWith(".br") && !path.endsWith("-512.png"));
  const sent = loaded.map((path) => (present.has(`${path}.br`) ? `${path}.br` : path));
  const bytes = sent.reduce((sum, path) => sum + statSync(path).size, 0);
  report({ bench: "first-load", value: bytes, unit: "bytes", n: sent.length });
}
