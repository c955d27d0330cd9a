import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { requestApi } from "../../../../src/stack/daemon/request.ts";
import type { GuestOrder, GuestReport } from "./guest-host.ts";
import type { SledState } from "../../../../src/stack/opte/opted/sled-state.ts";

/** Whether this host lets the tests make named network namespaces (root). */
export const namespacesWork = process.getuid?.() === 0 && spawnSync("ip", ["netns", "list"]).status === 0;

/** Whether it has busybox, whose ping, traceroute and udhcpc are the clients. */
export const busyboxWorks = spawnSync("busybox", ["true"]).status === 0;

const guestHost = fileURLToPath(new URL("guest-host.ts", import.meta.url));
const runEntry = fileURLToPath(new URL("run-entry.ts", import.meta.url));
const deadlineMs = 120_000;
let laboratories = 0;

/** What a program in a namespace came to. */
export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs in the background: its lines, and its end. */
export class Background implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly child: ChildProcess;
  #waiters: (() => void)[] = [];

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        this.#happened();
      });
    }
    child.once("exit", () => {
      this.#happened();
    });
  }

  #happened(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** The first line that fits, looked for again with each new one. */
  async line(fits: (line: string) => boolean, from = 0): Promise<string> {
    const expired = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const found = this.lines.slice(from).find(fits);
      if (found !== undefined) return found;
      if (expired.aborted || this.child.exitCode !== null) {
        throw new Error(`expected a line within ${deadlineMs} ms, found:\n${this.lines.join("\n")}`);
      }
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
        expired.addEventListener(
          "abort",
          () => {
            resolve();
          },
          { once: true },
        );
      });
    }
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }

  /** End it; resolves when it has ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill(signal);
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}

/** A guest's programs (guest-host.ts). */
export class GuestPrograms implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (report: GuestReport) => void>();
  #last = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (report: GuestReport) => {
      this.#waiting.get(report.id)?.(report);
      this.#waiting.delete(report.id);
    });
  }

  /** Resolves with the answer of an order, 0 being that of the start. Rejects with what it failed by. */
  async answer(id: number): Promise<unknown> {
    const report = await new Promise<GuestReport>((resolve) => this.#waiting.set(id, resolve));
    if (report.error !== undefined) throw new Error(report.error);
    return report.value;
  }

  /** Have something done. */
  do(order: GuestOrder): Promise<unknown> {
    this.#last += 1;
    const answer = this.answer(this.#last);
    this.#child.send({ id: this.#last, order });
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

/** Network namespaces: sleds, each with an opted, and guests; all of it is gone when it is disposed of. */
export class Laboratory implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "kestrel-opted-"));
  readonly #prefix: string;
  readonly #namespaces = new Set<string>();
  readonly #running = new Set<AsyncDisposable>();

  constructor() {
    laboratories += 1;
    this.#prefix = `ko${process.pid}x${laboratories}`;
  }

  namespace(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** An empty namespace; no address needs to be looked for twice. */
  add(name: string): void {
    execFileSync("ip", ["netns", "add", this.namespace(name)]);
    this.#namespaces.add(name);
    this.run(name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0");
    this.run(name, "sysctl", "-qw", "net.ipv6.fib_multipath_hash_policy=1");
    this.run(name, "sysctl", "-qw", "net.ipv6.conf.default.ignore_routes_with_linkdown=1");
    this.ip(name, "link", "set", "lo", "up");
  }

  /** A namespace with an address of the underlay. */
  sled(name: string, address: string): void {
    this.add(name);
    this.ip(name, "addr", "add", `${address}/128`, "dev", "lo");
  }

  wire(a: string, aName: string, b: string, bName: string, mtu = 9000): void {
    this.ip(
      a,
      "link",
      "add",
      aName,
      "mtu",
      String(mtu),
      "type",
      "veth",
      "peer",
      "name",
      bName,
      "netns",
      this.namespace(b),
    );
    this.ip(b, "link", "set", bName, "mtu", String(mtu));
    this.ip(a, "link", "set", aName, "up");
    this.ip(b, "link", "set", bName, "up");
  }

  /** The link-local address of an interface. */
  linkLocal(name: string, link: string): string {
    const [{ addr_info: addresses = [] } = {}] = JSON.parse(
      this.ip(name, "-json", "-6", "addr", "show", "dev", link, "scope", "link"),
    ) as { addr_info?: { local: string }[] }[];
    const address = addresses[0]?.local;
    if (address === undefined) throw new Error(`${link} of ${name} has no link-local address`);
    return address;
  }

  /** Have a sled reach a destination by the other ends of these wires, in equal parts. */
  route(from: string, destination: string, ...ways: readonly { link: string; to: string; toLink: string }[]): void {
    const hops = ways.flatMap(({ link, to, toLink }) => ["nexthop", "via", this.linkLocal(to, toLink), "dev", link]);
    this.ip(from, "-6", "route", "replace", destination, ...hops);
  }

  ip(name: string, ...command: readonly string[]): string {
    return execFileSync("ip", ["-n", this.namespace(name), ...command], { encoding: "utf8" });
  }

  /** Run a program to its end. Throws what execFileSync does when it fails. */
  run(name: string, program: string, ...command: readonly string[]): string {
    return execFileSync("ip", ["netns", "exec", this.namespace(name), program, ...command], { encoding: "utf8" });
  }

  /** Run a program to its end, whatever that is. */
  async attempt(name: string, program: string, ...command: readonly string[]): Promise<Finished> {
    const child = spawn("ip", ["netns", "exec", this.namespace(name), program, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const [status] = (await once(child, "close")) as [number | null];
    return { status, stdout, stderr };
  }

  /** Run a program in the background; it is killed in the end if it has not ended. */
  background(name: string, program: string, ...command: readonly string[]): Background {
    const child = spawn("ip", ["netns", "exec", this.namespace(name), program, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const running = new Background(child);
    this.#running.add(running);
    return running;
  }

  /** Start a guest's programs. */
  async programs(name: string): Promise<GuestPrograms> {
    const command = ["netns", "exec", this.namespace(name), process.execPath, guestHost];
    const programs = new GuestPrograms(spawn("ip", command, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    this.#running.add(programs);
    await programs.answer(0);
    return programs;
  }

  socket(sled: string): string {
    return join(this.directory, `${sled}-run`, "opted.sock");
  }

  /** Start a sled's opted; resolves when it serves. */
  async opted(sled: string, more: object = {}): Promise<Background> {
    const file = join(this.directory, `${sled}.json`);
    const dataDirectory = join(this.directory, `${sled}-data`);
    writeFileSync(file, JSON.stringify({ seed: sled, socket: this.socket(sled), dataDirectory, ...more }));
    const opted = this.background(sled, process.execPath, runEntry, "opted/main", "--configuration", file);
    await opted.line((line) => line.includes('"serving"'));
    return opted;
  }

  /** Ask a sled's opted, without the cost of a program. Throws unless it is done. */
  async ask(sled: string, method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> {
    const target = { socketPath: this.socket(sled) };
    const answer = await requestApi(target, { method, path, body, timeoutMs: deadlineMs });
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.body === "" ? undefined : JSON.parse(answer.body);
  }

  /** Have a sled be so. Returns what changed. */
  async apply(sled: string, state: Partial<SledState>): Promise<readonly string[]> {
    const { changes } = (await this.ask(sled, "PUT", "/state", state)) as { readonly changes: readonly string[] };
    return changes;
  }

  /** What opteadm prints, whether it fails or not. */
  opteadm(sled: string, ...command: readonly string[]): Promise<Finished> {
    return this.attempt(sled, ...this.opteadmCommand(sled), ...command);
  }

  /** How opteadm is run. */
  opteadmCommand(sled: string): [string, ...string[]] {
    return [process.execPath, runEntry, "opteadm/main", "--socket", this.socket(sled)];
  }

  /** An opteadm that runs until it is stopped. */
  watch(sled: string, ...command: readonly string[]): Background {
    return this.background(sled, ...this.opteadmCommand(sled), ...command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#running, (running) => running[Symbol.asyncDispose]()));
    for (const name of this.#namespaces) execFileSync("ip", ["netns", "del", this.namespace(name)]);
    rmSync(this.directory, { recursive: true });
  }
}
