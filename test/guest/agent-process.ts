import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, RequestOptions } from "../../src/channel/index.ts";
import { nativeProgram } from "../../src/guest/native-program.ts";
import { type AgentCalls, AgentGuest } from "../../src/guest/agent-guest.ts";
import type { Operation, OperationResult } from "../../src/guest/agent-protocol.ts";
import { greetAgent } from "../../src/guest/greeting.ts";

/** A user namespace above all: whatever the agent does, the kernel keeps it from the machine that runs the tests. */
const namespaces = [
  "--user",
  "--map-root-user",
  "--net",
  "--mount",
  "--uts",
  "--pid",
  "--mount-proc",
  "--propagation",
  "private",
  "--kill-child",
  "--fork",
];

/** Whether this machine lets processes have namespaces of their own. */
export const namespacesWork = spawnSync("unshare", [...namespaces, "true"]).status === 0;

/** Directories that the agent writes to, each empty and its own; /etc with what programs need of it. */
const prepare = `set -e
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir /run/etc
for file in passwd group nsswitch.conf ld.so.cache; do if [ -e /etc/$file ]; then cp /etc/$file /run/etc; fi; done
mount --bind /run/etc /etc
for directory in /opt /var/log /root; do mount -t tmpfs tmpfs $directory; done
ip link set lo up
`;

const deadlineMs = 60_000;

/** What belongs to the whole machine: a test notes it instead of doing it. */
const ofTheMachine: ReadonlySet<Operation["do"]> = new Set(["entropy", "clock"]);

/** An agent that runs as a process of this machine, in its own namespaces, and its guest. */
export class AgentProcess implements AsyncDisposable {
  readonly guest: AgentGuest;
  readonly connection: Connection;
  /** Its own directory of this machine, which agent and test both see. */
  readonly directory: string;
  /** Operations on the whole machine that were asked for. */
  readonly machineOperations: Operation[] = [];
  readonly #child: ChildProcess;
  readonly #printed: string[];

  private constructor(connection: Connection, directory: string, child: ChildProcess, printed: string[]) {
    this.connection = connection;
    this.guest = new AgentGuest(this.#calls(connection), "n1");
    this.directory = directory;
    this.#child = child;
    this.#printed = printed;
  }

  /** Start one; `setUp` are shell commands that run in its namespaces first, with `ip` for interfaces. */
  static async start({ setUp = "" } = {}): Promise<AgentProcess> {
    const directory = await mkdtemp(join(tmpdir(), "kestrel-guest-"));
    const program = join(directory, "agent");
    await writeFile(program, await nativeProgram("kestrel-agent"), { mode: 0o755 });
    const script = `${prepare}${setUp}\nexec "$0" 3`;
    const child = spawn("unshare", [...namespaces, "/bin/sh", "-c", script, program], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] },
    });
    const printed: string[] = [];
    for (const output of child.stdio.slice(1, 3) as Readable[]) {
      output.setEncoding("utf8").on("data", (text: string) => printed.push(text));
    }
    const line = child.stdio[3] as Socket;
    try {
      const connection = await greetAgent(line, { parks: true, deadlineMs, node: "n1" });
      return new AgentProcess(connection, directory, child, printed);
    } catch (cause) {
      child.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
      throw new Error(`the agent did not come up: ${printed.join("")}`, { cause });
    }
  }

  /** What it has printed on its console. */
  get console(): string {
    return this.#printed.join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.close();
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await gone;
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  #calls(connection: Connection): AgentCalls {
    return {
      open: (method, params) => connection.open(method, params),
      request: async <T>(method: string, params?: unknown, options?: RequestOptions) => {
        if (method !== "apply") return connection.request<T>(method, params, options);
        const { operations } = params as { readonly operations: readonly Operation[] };
        const own = operations.filter((operation) => !ofTheMachine.has(operation.do));
        this.machineOperations.push(...operations.filter((operation) => ofTheMachine.has(operation.do)));
        const results = await connection.request<OperationResult[]>(method, { operations: own }, options);
        return operations.map((operation) =>
          ofTheMachine.has(operation.do) ? { error: null, said: null } : results.shift(),
        ) as T;
      },
    };
  }
}
