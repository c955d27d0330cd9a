import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { KestrelError } from "../error/kestrel-error.ts";
import type { HttpFact, ReadyFact, ServiceStatus } from "./agent-protocol.ts";
import { copyTreeIn, copyTreeOut } from "./copy-tree.ts";
import type { Completed, ExecOptions, Guest, Running, SpawnOptions } from "./guest.ts";
import { httpLook } from "./http-fact.ts";
import { pollFact } from "./ready-fact.ts";
import { asRoot } from "./remote-shell.ts";
import { runOverSsh } from "./ssh-command.ts";
import type { SshTarget } from "./ssh-connection.ts";
import { readOverSftp, sftpCode, sftpStatus, writeOverSftp } from "./ssh-files.ts";
import { SshSessions } from "./ssh-sessions.ts";
import { parseUnits, unitProperties } from "./systemd-units.ts";

export { type SshTarget } from "./ssh-connection.ts";

/** `$1` path, `$2` mode in octal: the content comes on standard input. */
const placeFile = `mkdir -p -- "$(dirname -- "$1")" && cat >"$1.kestrel-part" && chmod "$2" "$1.kestrel-part" && mv -fT -- "$1.kestrel-part" "$1"`;
/** `$1` unit or nothing, `$2` "follow" or nothing. */
const printLogs = `if command -v journalctl >/dev/null; then
  set -- --no-pager --boot --lines=all \${1:+"--unit=$1"} \${2:+--follow}; exec journalctl "$@"
else exec dmesg \${2:+--follow}; fi`;

/** Milliseconds that a look at a fact may take even when the deadline is nearer: what it finds is worth more. */
const leastLookMs = 5_000;

/**
 * A node with a disk image of the user's own, reached over SSH: as a user with password-less `sudo`. Commands run as
 * that user; files, logs and services that it may not touch are reached through `sudo`.
 */
export class SshGuest implements Guest {
  readonly services: Guest["services"];
  readonly #target: SshTarget;
  readonly #sessions: SshSessions;

  private constructor(target: SshTarget, sessions: SshSessions) {
    this.#target = target;
    this.#sessions = sessions;
    this.services = {
      start: ({ name }) =>
        Promise.reject(
          this.#failed("input", `start service ${name}`, "services of foreign images are the image's own", {
            hint: "install a systemd unit in the image, or start the program with exec",
          }),
        ),
      stop: (name) => this.#control("stop", name),
      restart: (name) => this.#control("restart", name),
      list: async () =>
        parseUnits(await this.#systemctl("list the services", ["show", "*.service", `--property=${unitProperties}`])),
    };
  }

  /**
   * Connect as soon as the server lets the key in.
   *
   * @throws KestrelError (host) with what was found last when the deadline has passed
   */
  static async connect(target: SshTarget): Promise<SshGuest> {
    return new SshGuest(target, await SshSessions.open(target));
  }

  get node(): string {
    return this.#target.node;
  }

  async exec(command: readonly string[] | string, options: ExecOptions = {}): Promise<Completed> {
    const { stdin, ...rest } = options;
    const running = this.spawn(command, { ...rest, stdin: stdin !== undefined });
    if (stdin !== undefined) running.stdin.end(stdin);
    try {
      const [stdout, stderr, result] = await Promise.all([text(running.stdout), text(running.stderr), running.result]);
      return { ...result, stdout, stderr };
    } finally {
      options.signal?.throwIfAborted();
    }
  }

  spawn(command: readonly string[] | string, options: SpawnOptions = {}): Running {
    return runOverSsh(this.#sessions, command, options);
  }

  async writeFile(path: string, content: Uint8Array | string, { mode = 0o644 } = {}): Promise<void> {
    const bytes = Buffer.from(content as Uint8Array);
    const refused = await writeOverSftp(this.#sessions, path, bytes, mode).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (refused === undefined) return;
    const place = ["/bin/sh", "-c", placeFile, "sh", path, mode.toString(8)];
    const ways = sftpCode(refused.error) === sftpStatus.permissionDenied ? [asRoot(place)] : [place, asRoot(place)];
    let complaint = "";
    for (const way of ways) {
      const { exitCode, stderr } = await this.exec(way, { stdin: bytes });
      if (exitCode === 0) return;
      complaint = stderr.trim();
    }
    throw this.#failed("input", `write ${path}`, complaint, { expected: "a place that can be written" });
  }

  async readFile(path: string): Promise<Buffer> {
    const read = await readOverSftp(this.#sessions, path).catch((error: unknown) => ({ sftpError: error }));
    if (!("sftpError" in read)) return read;
    if (sftpCode(read.sftpError) === sftpStatus.noSuchFile) {
      throw this.#failed("input", `read ${path}`, "no such file", { expected: "a file" });
    }
    const running = this.spawn(asRoot(["cat", "--", path]));
    const [content, complaint, { exitCode }] = await Promise.all([
      buffer(running.stdout),
      text(running.stderr),
      running.result,
    ]);
    if (exitCode === 0) return content;
    throw this.#failed("input", `read ${path}`, complaint.trim(), { expected: "a file that can be read" });
  }

  copyIn(source: string, target: string): Promise<void> {
    return copyTreeIn(this, source, target);
  }

  copyOut(source: string, target: string): Promise<void> {
    return copyTreeOut(this, source, target);
  }

  async connect(port: number, address = "localhost"): Promise<Duplex> {
    const client = await this.#sessions.client();
    return new Promise((resolve, reject) => {
      client.forwardOut("127.0.0.1", 0, address, port, (error, channel) => {
        if (error === undefined) {
          resolve(channel);
          return;
        }
        const found = error.message.replace(/^\(SSH\) Channel open failure: /, "");
        reject(this.#failed("input", `connect to ${address} port ${port}`, found, { expected: "a TCP server" }));
      });
    });
  }

  ready(fact: ReadyFact, signal?: AbortSignal): Promise<void> {
    const check = this.#checkOf(fact, signal);
    const look = (remainingMs: number): Promise<string | undefined> => check(Math.max(leastLookMs, remainingMs));
    return pollFact(fact, look, signal, this.node);
  }

  logs({
    service,
    follow = false,
  }: { readonly service?: string | undefined; readonly follow?: boolean } = {}): Readable {
    const running = this.spawn(asRoot(["/bin/sh", "-c", printLogs, "sh", service ?? "", follow ? "follow" : ""]));
    running.stderr.resume();
    running.stdout.once("close", () => {
      running.kill("SIGKILL");
    });
    return running.stdout;
  }

  async openSsh(): Promise<Duplex> {
    const { host, port } = this.#target;
    const socket = connect({ host, port, noDelay: true });
    await once(socket, "connect").catch((cause: unknown) => {
      throw this.#failed("host", "connect to the SSH server", cause instanceof Error ? cause.message : String(cause), {
        cause,
      });
    });
    return socket;
  }

  async shutdown(how: "reboot" | "poweroff"): Promise<void> {
    // The machine may be gone before the answer is.
    const told = await this.exec(asRoot(["systemctl", how])).catch(() => undefined);
    if (told === undefined || told.exitCode === 0 || told.exitCode === null) return;
    throw this.#failed("host", `shut down (${how})`, told.stderr.trim());
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  async #control(verb: "stop" | "restart", name: string): Promise<ServiceStatus> {
    await this.#systemctl(`${verb} service ${name}`, [verb, "--", name]);
    const shown = await this.#systemctl(`look at service ${name}`, [
      "show",
      `--property=${unitProperties}`,
      "--",
      name,
    ]);
    const status = parseUnits(shown)[0];
    if (status !== undefined) return status;
    throw this.#failed("input", `${verb} service ${name}`, "none of that name", { expected: "a service of the image" });
  }

  async #systemctl(step: string, argv: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.exec(asRoot(["systemctl", ...argv]));
    if (exitCode === 0) return stdout;
    throw this.#failed("input", step, stderr.trim() || `systemctl gave exit code ${exitCode ?? "none"}`);
  }

  /** Undefined when the fact holds, else what is the case instead. */
  #checkOf(fact: ReadyFact, signal?: AbortSignal): (limitMs: number) => Promise<string | undefined> {
    if (fact.type !== "http") return (limitMs) => this.#check(fact, limitMs, signal);
    const look = httpLook(this, fact);
    return (limitMs) => look(AbortSignal.timeout(Math.ceil(limitMs)));
  }

  async #check(fact: Exclude<ReadyFact, HttpFact>, limitMs: number, signal?: AbortSignal): Promise<string | undefined> {
    switch (fact.type) {
      case "command": {
        const ended = await this.exec(fact.command, { timeoutMs: limitMs, signal });
        if (ended.timedOut) return "a command that does not end";
        if (ended.exitCode === 0) return undefined;
        const how = ended.exitCode === null ? `death by ${ended.signal ?? "a signal"}` : `exit code ${ended.exitCode}`;
        const complaint = ended.stderr.slice(-500).trim();
        return complaint === "" ? how : `${how}, ${complaint}`;
      }
      case "file": {
        const { exitCode } = await this.exec(asRoot(["test", "-e", fact.path]), { timeoutMs: limitMs, signal });
        return exitCode === 0 ? undefined : "no such file";
      }
      case "tcp":
        return this.#checkTcp(fact.port, fact.address, limitMs);
    }
  }

  async #checkTcp(port: number, address: string, limitMs: number): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => {
      resolve("no answer");
    }, limitMs);
    this.connect(port, address).then(
      (connection) => {
        connection.destroy();
        resolve(undefined);
      },
      (error: unknown) => {
        resolve(error instanceof KestrelError ? error.explanation.found : String(error));
      },
    );
    const found = await promise;
    clearTimeout(timer);
    return found;
  }

  #failed(
    kind: "input" | "host",
    step: string,
    found: string,
    more: { readonly expected?: string; readonly hint?: string; readonly cause?: unknown } = {},
  ): KestrelError {
    const { expected, hint, cause } = more;
    return new KestrelError({ kind, step, subject: this.node, expected, found, hint }, { cause });
  }
}
