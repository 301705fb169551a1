// A certified OpenID provider that speaks like CIS2, and a server that relies on it.
import { generateKeyPairSync } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Server } from "./server.js";

const CLIENT = "123456789012.apps.supplier";
/** As CIS2 writes it, port and all; of this machine, since a demonstration reaches no other. */
const ISSUER = "https://localhost:443/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare";

export class Cis2Provider {
  private constructor(
    private readonly process: ChildProcess,
    readonly address: string,
  ) {}

  /** Starts it for this server, which is told of it and begins anew. */
  static async relyOn(server: Server): Promise<Cis2Provider> {
    const key = join(server.folder, "cis2.pem");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    const asked = ["--port", "0", "--client", CLIENT, "--issuer", ISSUER];
    const ours = ["--redirect", `${server.origin}/api/cis2/callback`, "--jwks", `http://127.0.0.1:${server.port}/.well-known/jwks.json`];
    const script = new URL("cis2-provider.mjs", import.meta.url).pathname;
    const child = spawn(process.execPath, [script, ...asked, ...ours], { stdio: ["ignore", "pipe", "ignore"] });
    const [ready] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const provider = new Cis2Provider(child, ready.replace("Ready ", ""));
    await server.stop();
    server.set({
      SATCHEL_CIS2_ISSUER: ISSUER,
      SATCHEL_CIS2_DISCOVERY: `${provider.address}/.well-known/openid-configuration`,
      SATCHEL_CIS2_CLIENT_ID: CLIENT,
      SATCHEL_CIS2_KEY: key,
    });
    await server.start();
    return provider;
  }

  /** `rotate-keys`, `delay?ms=…`, `refuse?error=…`, `reset`. */
  async control(what: string): Promise<void> {
    await fetch(`${this.address}/control/${what}`, { method: "POST" });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
  }
}
