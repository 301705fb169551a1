// Run by Trunk after each build: writes the list of files into the service worker and packs them with Brotli.
import { brotliCompressSync, constants } from "node:zlib";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Trunk names the folder of index.html; the project is one above.
const root = join(import.meta.dirname, "..");
const dist = process.env.TRUNK_STAGING_DIR ?? join(root, "dist");
const require = createRequire(join(root, "app/style/package.json"));
const { injectManifest } = require("workbox-build");

const worker = join(dist, "service-worker.js");
const { count, size, warnings } = await injectManifest({
  swSrc: join(root, "public/service-worker.js"),
  swDest: worker,
  globDirectory: dist,
  globPatterns: ["**/*.{html,js,css,wasm,svg,png,webmanifest}"],
  globIgnores: ["service-worker.js"],
  injectionPoint: "self.__SATCHEL_FILES",
  maximumFileSizeToCacheInBytes: 16 * 1024 * 1024,
  // Trunk's names carry a hash of the content already.
  dontCacheBustURLsMatching: /-[0-9a-f]{16}(_bg)?\./,
  modifyURLPrefix: { "": "/" },
});
for (const warning of warnings) console.error(`finish-web: ${warning}`);

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
console.log(`finish-web: ${count} files for offline use, ${size} bytes, ${packed} bytes with Brotli`);
