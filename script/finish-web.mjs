// Run by Trunk after each build: writes the list of files into the service worker and packs them with Brotli.
import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Trunk names the folder of index.html; the project is one above.
const root = join(import.meta.dirname, "..");
const dist = process.env.TRUNK_STAGING_DIR ?? join(root, "dist");
// Trunk's names carry a hash of the content already; the others are told apart by one.
const named = /-[0-9a-f]{16}(_bg)?\./;
const offline = /\.(html|js|css|wasm|svg|png|webmanifest)$/;
// The large icons are fetched by the platform while it installs the app, which needs a network anyway.
const installing = /-512\.png$/;

// The reader of barcodes is fetched when somebody first scans, and kept from then on; most days nobody does.
const reader = join(root, "app/style/node_modules/zxing-wasm");
const { version } = JSON.parse(readFileSync(join(reader, "package.json"), "utf8"));
const wanted = readFileSync(join(root, "app/src/platform/camera.rs"), "utf8");
if (!wanted.includes(`/scan/reader-${version}.js`) || !wanted.includes(`/scan/reader-${version}.wasm`)) {
  throw new Error(`finish-web: app/src/platform/camera.rs names another version of the reader than ${version}`);
}
mkdirSync(join(dist, "scan"), { recursive: true });
const later = { [`scan/reader-${version}.js`]: "dist/iife/reader/index.js", [`scan/reader-${version}.wasm`]: "dist/reader/zxing_reader.wasm" };
for (const [name, from] of Object.entries(later)) copyFileSync(join(reader, from), join(dist, name));

const names = readdirSync(dist, { recursive: true }).map(String).sort();
const files = names
  .filter((name) => offline.test(name) && !installing.test(name) && !(name in later) && name !== "service-worker.js")
  .map((name) => {
    const content = readFileSync(join(dist, name));
    const revision = named.test(name) ? null : createHash("sha256").update(content).digest("hex").slice(0, 16);
    return { url: `/${name}`, revision, size: content.length };
  });
if (files.length === 0) throw new Error(`finish-web: nothing was built in ${dist}`);
const size = files.reduce((sum, file) => sum + file.size, 0);
const list = JSON.stringify(files.map(({ url, revision }) => ({ url, revision })));
const worker = readFileSync(join(root, "public/service-worker.js"), "utf8");
const listed = worker
  .replace("self.__SATCHEL_FILES", list)
  .replace("self.__SATCHEL_LATER", JSON.stringify(Object.keys(later).map((name) => `/${name}`)));
writeFileSync(join(dist, "service-worker.js"), listed);

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
