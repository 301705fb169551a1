// A device: a browser profile in a folder, with a sensor (a virtual authenticator with PRF) in each page.
import { chromium, type BrowserContext, type CDPSession, type Page } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const IPAD = { width: 820, height: 1180 };
export const DESKTOP = { width: 1280, height: 800 };

export interface DeviceOptions {
  viewport?: typeof IPAD;
  sensor?: "with-prf" | "without-prf" | "none";
  /** A film that its camera sees: a Y4M file. */
  film?: string;
}

export class Device {
  readonly folder = mkdtempSync(join(tmpdir(), "satchel-device-"));
  private context!: BrowserContext;
  private cdp: CDPSession | undefined;
  private authenticator = "";
  page!: Page;

  private constructor(
    private readonly viewport: { width: number; height: number },
    /** `without-prf`: it signs in, but makes no key for the vault. */
    private readonly sensor: "with-prf" | "without-prf" | "none",
    private readonly film: string | undefined,
  ) {}

  static async open(options: DeviceOptions = {}): Promise<Device> {
    const device = new Device(options.viewport ?? IPAD, options.sensor ?? "with-prf", options.film);
    await device.launch();
    return device;
  }

  /** Starts the browser, also again after `kill`, with the same profile folder. */
  async launch(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.folder, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      viewport: this.viewport,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        ...(this.film
          ? ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${this.film}`]
          : []),
      ],
    });
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.page.on("pageerror", (error) => this.errors.push(error.message));
    if (this.sensor !== "none") await this.addSensor();
  }

  /** Errors the page did not handle; a journey ends by looking that there are none. */
  readonly errors: string[] = [];

  private async addSensor(): Promise<void> {
    this.cdp = await this.context.newCDPSession(this.page);
    await this.cdp.send("WebAuthn.enable");
    const { authenticatorId } = await this.cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf: this.sensor === "with-prf",
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    this.authenticator = authenticatorId;
  }

  /** The finger is not recognised from now on. */
  async wrongFinger(wrong = true): Promise<void> {
    await this.cdp?.send("WebAuthn.setUserVerified", { authenticatorId: this.authenticator, isUserVerified: !wrong });
  }

  /** Every passkey in the sensor is gone, as after losing the account that kept them. */
  async losePasskeys(): Promise<void> {
    await this.cdp?.send("WebAuthn.clearCredentials", { authenticatorId: this.authenticator });
  }

  /** The sensor with its passkeys is out of reach; another one, with none yet, takes its place. */
  async takeAnotherSensor(): Promise<void> {
    await this.cdp?.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.authenticator });
    await this.addSensor();
  }

  /** The app is closed: nothing of it is in memory any more. The sensor belongs to the tab and stays. */
  async closeApp(): Promise<void> {
    await this.page.goto("about:blank");
  }

  /** The browser dies without a word to the page. */
  async kill(): Promise<void> {
    const session = await this.context.browser()?.newBrowserCDPSession();
    const ended = new Promise((done) => this.context.once("close", done));
    if (session) {
      await session.send("Browser.crash").catch(() => undefined);
      await Promise.race([ended, new Promise((wake) => setTimeout(wake, 3_000))]);
    }
    await this.context.close().catch(() => undefined);
  }

  /** What stands in the way of installing the app, by the browser's own reckoning. */
  async installabilityErrors(): Promise<unknown[]> {
    const session = await this.context.newCDPSession(this.page);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    return installabilityErrors;
  }

  /** Ends the browser in order; the profile folder stays. */
  async close(): Promise<void> {
    await this.letGo();
    await this.context.close();
  }

  async dispose(): Promise<void> {
    await this.letGo();
    await this.context.close().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A request that a journey had in its hands when it ended is no failure of it. */
  private async letGo(): Promise<void> {
    await this.context.unrouteAll({ behavior: "ignoreErrors" }).catch(() => undefined);
    for (const page of this.context.pages()) await page.unrouteAll({ behavior: "ignoreErrors" }).catch(() => undefined);
  }
}
