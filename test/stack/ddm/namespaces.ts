import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Whether this host lets the tests make named network namespaces (root). */
export const namespacesWork = process.getuid?.() === 0 && spawnSync("ip", ["netns", "list"]).status === 0;

const runEntry = fileURLToPath(new URL("run-entry.ts", import.meta.url));
let laboratories = 0;

/** Network namespaces with a ddmd each, connected by veth pairs; all of it is gone when it is disposed of. */
export class Laboratory implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "kestrel-ddm-"));
  readonly #prefix: string;
  readonly #nodes = new Map<string, { daemon: ChildProcess | undefined; log: string }>();

  constructor() {
    laboratories += 1;
    this.#prefix = `kd${process.pid}x${laboratories}`;
  }

  node(name: string, address: string | undefined): void {
    this.#nodes.set(name, { daemon: undefined, log: "" });
    execFileSync("ip", ["netns", "add", this.namespace(name)]);
    this.run(name, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.fib_multipath_hash_policy=1");
    this.run(name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.accept_dad=0");
    this.ip(name, "link", "set", "lo", "up");
    if (address !== undefined) this.ip(name, "addr", "add", `${address}/64`, "dev", "lo");
  }

  wire(a: string, aName: string, b: string, bName: string): void {
    this.ip(a, "link", "add", aName, "type", "veth", "peer", "name", bName, "netns", this.namespace(b));
    this.ip(a, "link", "set", aName, "up");
    this.ip(b, "link", "set", bName, "up");
  }

  namespace(name: string): string {
    return `${this.#prefix}${name}`;
  }

  ip(name: string, ...command: readonly string[]): string {
    return execFileSync("ip", ["-n", this.namespace(name), ...command], { encoding: "utf8" });
  }

  run(name: string, program: string, ...command: readonly string[]): string {
    return execFileSync("ip", ["netns", "exec", this.namespace(name), program, ...command], { encoding: "utf8" });
  }

  /** The destinations of this daemon's routes in the kernel, and their outgoing interfaces. */
  routes(name: string): Readonly<Record<string, readonly string[]>> {
    const routes = JSON.parse(this.ip(name, "-6", "-json", "route", "show", "proto", "223") || "[]") as {
      dst: string;
      dev?: string;
      prefsrc?: string;
      nexthops?: { dev: string }[];
    }[];
    return Object.fromEntries(
      routes.map(({ dst, dev, nexthops }) => [dst, nexthops?.map((hop) => hop.dev).sort() ?? [dev ?? ""]]),
    );
  }

  start(name: string, configuration: object): void {
    const node = this.#node(name);
    const file = join(this.directory, `${name}.json`);
    writeFileSync(
      file,
      JSON.stringify({ routerId: name, dataDirectory: join(this.directory, name), ...configuration }),
    );
    const command = [
      "netns",
      "exec",
      this.namespace(name),
      process.execPath,
      runEntry,
      "main",
      "--configuration",
      file,
    ];
    const daemon = spawn("ip", command, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [daemon.stdout, daemon.stderr]) {
      stream.on("data", (chunk: Buffer) => (node.log += chunk.toString()));
    }
    node.daemon = daemon;
  }

  async stop(name: string, signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<void> {
    const node = this.#node(name);
    const { daemon } = node;
    node.daemon = undefined;
    if (daemon?.exitCode !== null) return;
    const exit = once(daemon, "exit");
    daemon.kill(signal);
    await exit;
  }

  /** What happens to the node's routes from now on, as `ip monitor` prints it. */
  watchRoutes(name: string): { readonly end: () => string } {
    const file = join(this.directory, `${name}.routes`);
    const output = openSync(file, "w");
    const monitor = spawn("ip", ["-n", this.namespace(name), "-6", "monitor", "route"], {
      stdio: ["ignore", output, "ignore"],
    });
    closeSync(output);
    return {
      end: () => {
        monitor.kill();
        return readFileSync(file, "utf8");
      },
    };
  }

  /** What the daemon said so far. */
  log(name: string): string {
    return this.#node(name).log;
  }

  /** What ddmadm prints in the namespace. */
  ddmadm(name: string, ...command: readonly string[]): string {
    return this.run(name, process.execPath, runEntry, "ddmadm", ...command);
  }

  #node(name: string): { daemon: ChildProcess | undefined; log: string } {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#nodes.keys()) {
      await this.stop(name, "SIGKILL");
      execFileSync("ip", ["netns", "del", this.namespace(name)]);
    }
    rmSync(this.directory, { recursive: true });
  }
}
