// Run by Trunk after each build: writes the list of files into the service worker and packs them with Brotli.
import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Trunk names the folder of index.html; the project is one above.
const root = join(import.meta.dirname, "..");
const dist = process.env.TRUNK_STAGING_DIR ?? join(root, "dist");
// Trunk's names carry a hash of the content already; the others are told apart by one.
const named = /-[0-9a-f]{16}(_bg)?\./;
const offline = /\.(html|js|css|wasm|svg|png|webmanifest)$/;
// The large icons are fetched by the platform while it installs the app, which needs a network anyway.
const installing = /-512\.png$/;

const names = readdirSync(dist, { recursive: true }).map(String).sort();
const files = names
  .filter((name) => offline.test(name) && !installing.test(name) && name !== "service-worker.js")
  .map((name) => {
    const content = readFileSync(join(dist, name));
    const revision = named.test(name) ? null : createHash("sha256").update(content).digest("hex").slice(0, 16);
    return { url: `/${name}`, revision, size: content.length };
  });
if (files.length === 0) throw new Error(`finish-web: nothing was built in ${dist}`);
const size = files.reduce((sum, file) => sum + file.size, 0);
const list = JSON.stringify(files.map(({ url, revision }) => ({ url, revision })));
const worker = readFileSync(join(root, "public/service-worker.js"), "utf8");
writeFileSync(join(dist, "service-worker.js"), worker.replace("self.__SATCHEL_FILES", list));

const quality = process.env.TRUNK_PROFILE === "release" ? 11 : 4;
let packed = 0;
for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!existsSync(path) || !statSync(path).isFile() || !/\.(html|js|css|wasm|svg|webmanifest)$/.test(path)) continue;
  const plain = readFileSync(path);
  const brotli = brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
  writeFileSync(`${path}.br`, brotli);
  packed += brotli.length;
}
console.log(`finish-web: ${files.length} files for offline use, ${size} bytes, ${packed} bytes with Brotli`);
