// A mail server that keeps everything: it insists on STARTTLS and on a password, as NHSmail does, and can be told to
// refuse or to hang up. Its certificate is made anew each time, and the server is told to trust it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext, TLSSocket, type SecureContext } from "node:tls";

export interface Mail {
  from: string;
  to: string[];
  /** As it came. */
  message: string;
}

const USER = "journey";
const PASSWORD = "journey-password";

export class MailServer {
  readonly taken: Mail[] = [];
  /** What is said to the next recipients. */
  recipientAnswer = "250 OK";
  /** Keeps the next message and hangs up without a word. */
  hangsUp = false;
  private readonly folder = mkdtempSync(join(tmpdir(), "satchel-mail-"));
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly server: NetServer,
    private readonly context: { secure?: SecureContext },
  ) {}

  static async start(): Promise<MailServer> {
    const context: { secure?: SecureContext } = {};
    let mail: MailServer | undefined;
    const server = createServer((socket) => mail?.serve(socket));
    mail = new MailServer(server, context);
    context.secure = createSecureContext(mail.certificate());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return mail;
  }

  get port(): number {
    const address = this.server.address();
    if (!address || typeof address !== "object") throw new Error("the mail server does not listen");
    return address.port;
  }

  /** What the server is told. */
  settings(): NodeJS.ProcessEnv {
    return {
      SATCHEL_SMTP_HOST: "localhost",
      SATCHEL_SMTP_PORT: String(this.port),
      SATCHEL_SMTP_USER: USER,
      SATCHEL_SMTP_PASSWORD: PASSWORD,
      SATCHEL_SMTP_FROM: "Elm Pharmacy <pharmacy.fa123@nhs.net>",
      SATCHEL_SMTP_CA: join(this.folder, "certificate.pem"),
    };
  }

  /** The attachments of an e-mail, decoded. */
  static attachments(mail: Mail): Array<{ name: string; bytes: Buffer }> {
    const boundary = mail.message.match(/boundary="?([^"\r\n;]+)/)?.[1];
    if (!boundary) return [];
    return mail.message
      .split(`--${boundary}`)
      .filter((part) => /content-disposition: attachment/i.test(part))
      .map((part) => {
        const [head, ...body] = part.split("\r\n\r\n");
        const name = head?.match(/filename="?([^"\r\n;]+)/i)?.[1] ?? "";
        return { name, bytes: Buffer.from(body.join("").replace(/\s/g, ""), "base64") };
      });
  }

  async dispose(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((done) => this.server.close(done));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private certificate(): { key: Buffer; cert: Buffer } {
    const [key, cert] = ["key.pem", "certificate.pem"].map((name) => join(this.folder, name)) as [string, string];
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const leaf = ["-addext", "basicConstraints=critical,CA:FALSE"];
    execFileSync("openssl", [...made, ...names, ...leaf, "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  }

  private serve(socket: Socket): void {
    this.open.add(socket);
    socket.once("close", () => this.open.delete(socket));
    // Whoever hangs up has said enough.
    socket.on("error", () => {});
    socket.write("220 localhost keeps mail\r\n");
    this.talk(socket, (line) => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "EHLO") return "250-localhost\r\n250 STARTTLS";
      if (verb === "STAR") return "220 go ahead";
      return verb === "QUIT" ? "221 bye" : "530 Must issue a STARTTLS command first";
    });
  }

  /** Answers line by line until STARTTLS, then goes on encrypted. */
  private talk(socket: Socket, answer: (line: string) => string): void {
    let waiting = "";
    const hear = (text: Buffer): void => {
      waiting += text.toString("latin1");
      for (let end = waiting.indexOf("\r\n"); end >= 0; end = waiting.indexOf("\r\n")) {
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + 2);
        socket.write(`${answer(line)}\r\n`);
        if (/^starttls/i.test(line)) {
          socket.off("data", hear);
          this.talkEncrypted(new TLSSocket(socket, { isServer: true, secureContext: this.context.secure }));
          return;
        }
      }
    };
    socket.on("data", hear);
  }

  private talkEncrypted(socket: TLSSocket): void {
    const expected = Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64");
    let known = false;
    let mail: Mail = { from: "", to: [], message: "" };
    let inMessage = false;
    let waiting = "";
    const say = (words: string): void => void socket.write(`${words}\r\n`);
    const address = (line: string): string => line.match(/<([^>]*)>/)?.[1] ?? "";
    socket.on("error", () => {});
    socket.on("data", (text: Buffer) => {
      waiting += text.toString("latin1");
      while (waiting) {
        const end = waiting.indexOf(inMessage ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + (inMessage ? 5 : 2));
        if (inMessage) {
          inMessage = false;
          this.taken.push({ ...mail, message: line.replace(/^\.\./gm, ".") });
          mail = { from: "", to: [], message: "" };
          if (this.hangsUp) return void socket.destroy();
          say("250 kept");
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === "EHLO") say("250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN");
        else if (verb === "AUTH") say((known = line.endsWith(expected)) ? "235 welcome" : "535 not known here");
        else if (verb === "QUIT") say("221 bye");
        else if (!known) say("530 Authentication required");
        else if (verb === "MAIL") {
          mail.from = address(line);
          say("250 OK");
        } else if (verb === "RCPT") {
          if (this.recipientAnswer.startsWith("250")) mail.to.push(address(line));
          say(this.recipientAnswer);
        } else if (verb === "DATA") {
          inMessage = true;
          say("354 go on");
        } else say("250 OK");
      }
    });
  }
}
