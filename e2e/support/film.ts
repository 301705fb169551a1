// What a camera sees: a pack's square code on white, as a film that Chromium takes for its camera.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";

const WIDTH = 640;
const HEIGHT = 480;
/** Pixels a module of the code. */
const SCALE = 12;

/** Writes a film of a GS1 Data Matrix, `(01)05012345678900(17)270331(10)AB12`. */
export async function filmOfPack(code: string, file: string): Promise<void> {
  const program = createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm");
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(program).buffer as ArrayBuffer } });
  const { symbol, error } = await writeBarcode(code, { format: "DataMatrix", options: "gs1" });
  if (!symbol) throw new Error(`No square code of ${code}: ${error}`);
  const bright = Buffer.alloc(WIDTH * HEIGHT, 235);
  const left = Math.floor((WIDTH - symbol.width * SCALE) / 2);
  const top = Math.floor((HEIGHT - symbol.height * SCALE) / 2);
  for (let y = 0; y < symbol.height * SCALE; y++) {
    for (let x = 0; x < symbol.width * SCALE; x++) {
      const dark = symbol.data[Math.floor(y / SCALE) * symbol.width + Math.floor(x / SCALE)] === 0;
      if (dark) bright[(top + y) * WIDTH + left + x] = 16;
    }
  }
  const frame = Buffer.concat([Buffer.from("FRAME\n"), bright, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: 10 }, () => frame)]));
}
