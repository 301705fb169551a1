// WebKitGTK through its own driver: the nearest to Safari on an iPad that a build machine has. It has no WebAuthn.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const BROWSER = process.env.MINIBROWSER ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

export class WebKit {
  private screen!: ChildProcess;
  private driver!: ChildProcess;
  private session = "";
  private port = 0;
  private readonly home = mkdtempSync(join(tmpdir(), "satchel-webkit-"));

  static async open(): Promise<WebKit> {
    const webkit = new WebKit();
    await webkit.launch();
    return webkit;
  }

  private async launch(): Promise<void> {
    const display = `:${90 + Math.floor(Math.random() * 900)}`;
    this.screen = spawn("Xvfb", [display, "-screen", "0", "1024x1366x24"], { stdio: "ignore" });
    this.port = await freePort();
    this.driver = spawn("WebKitWebDriver", [`--port=${this.port}`], {
      stdio: "ignore",
      env: {
        ...process.env,
        HOME: this.home,
        XDG_DATA_HOME: join(this.home, "data"),
        XDG_CACHE_HOME: join(this.home, "cache"),
        DISPLAY: display,
        // The build machine runs as root in a container, where WebKit's own sandbox cannot be made.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
        LIBGL_ALWAYS_SOFTWARE: "1",
        MESA_SHADER_CACHE_DISABLE: "true",
      },
    });
    const capabilities = {
      alwaysMatch: { "webkitgtk:browserOptions": { binary: BROWSER, args: ["--automation"] } },
    };
    let last: unknown;
    for (let attempt = 0; attempt < 60; attempt++) {
      try {
        const value = await this.call<{ sessionId: string }>("POST", "/session", { capabilities });
        this.session = value.sessionId;
        return;
      } catch (error) {
        last = error;
        await new Promise((wake) => setTimeout(wake, 250));
      }
    }
    throw new Error(`WebKitWebDriver made no session: ${String(last)}`);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`${path}: ${value?.error} ${value?.message}`);
    return value;
  }

  private at<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call<T>(method, `/session/${this.session}${path}`, body);
  }

  async goto(url: string): Promise<void> {
    await this.at("POST", "/url", { url });
  }

  async reload(): Promise<void> {
    await this.at("POST", "/refresh", {});
  }

  async script<T>(script: string, ...args: unknown[]): Promise<T> {
    return await this.at<T>("POST", "/execute/sync", { script, args });
  }

  /** The first element that is there and to be seen, waiting for it. */
  async find(xpath: string, seconds = 30): Promise<string> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = await this.at<Array<Record<string, string>>>("POST", "/elements", {
        using: "xpath",
        value: xpath,
      }).catch(() => []);
      for (const element of found) {
        const id = element[ELEMENT]!;
        if (await this.at<boolean>("GET", `/element/${id}/displayed`).catch(() => false)) return id;
      }
      if (Date.now() > deadline) {
        const text = await this.script<string>("return document.body.innerText").catch(() => "");
        throw new Error(`Not there after ${seconds} s: ${xpath}\nThe page says:\n${text}`);
      }
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }

  /** Waits for words on the page. */
  async see(text: string, seconds = 30): Promise<void> {
    await this.find(`//*[contains(normalize-space(.), ${quoted(text)})][not(*[contains(normalize-space(.), ${quoted(text)})])]`, seconds);
  }

  async click(xpath: string): Promise<void> {
    const id = await this.find(xpath);
    await this.script("arguments[0].scrollIntoView({block: 'center'})", { [ELEMENT]: id });
    await this.at("POST", `/element/${id}/click`, {});
  }

  async press(name: string): Promise<void> {
    await this.click(`//*[self::button or self::a][contains(normalize-space(.), ${quoted(name)})]`);
  }

  /** A choice inside the group with that question. */
  async choose(question: string, option: string): Promise<void> {
    const label = await this.find(
      `//fieldset[contains(normalize-space(legend), ${quoted(question)})]//label[normalize-space(.) = ${quoted(option)}]`,
    );
    // The control lies over its label with no colour of its own, which the driver takes for an obstacle.
    await this.script("arguments[0].click()", { [ELEMENT]: label });
  }

  async fill(label: string, text: string): Promise<void> {
    const id = await this.find(`//*[@id = //label[contains(normalize-space(.), ${quoted(label)})]/@for]`);
    await this.at("POST", `/element/${id}/clear`, {});
    await this.at("POST", `/element/${id}/value`, { text });
  }

  async screenshot(path: string): Promise<void> {
    writeFileSync(path, Buffer.from(await this.at<string>("GET", "/screenshot"), "base64"));
  }

  async dispose(): Promise<void> {
    await this.call("DELETE", `/session/${this.session}`).catch(() => undefined);
    this.driver.kill("SIGKILL");
    this.screen.kill("SIGKILL");
    try {
      rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 250 });
    } catch {
      // The browser's own processes may still be writing as they end; the folder is a temporary one, and a journey
      // must fail for what it saw, not for what it leaves behind.
    }
  }
}

function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

async function freePort(): Promise<number> {
  return await new Promise((done) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => done(address && typeof address === "object" ? address.port : 0));
    });
  });
}
