import { createServer, type Server } from "node:net";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Channel, Connection } from "../channel/index.ts";
import type { Plan } from "../topology/index.ts";
import { cleanDirection } from "../topology/index.ts";
import { Batch } from "../testbed/batch.ts";
import { claimRunDirectory, runFiles, writeOwner } from "../testbed/run-directory.ts";
import type { Happening, NodeStatus, TestbedEvent, TestbedStatus } from "../testbed/protocol.ts";
import { type DirectionCounters, directionNames, type Statistics, type WireStatus } from "../wire/protocol.ts";

/** How often things happen, milliseconds: as many at once as the rate asks for. */
const burstMs = 10;

/** A testbed without machines: it answers and tells as a supervisor does, and as much as it is told to. */
export class TalkativeTestbed implements AsyncDisposable {
  readonly name: string;
  readonly #plan: Plan;
  readonly #rate: number;
  readonly #directory: string;
  readonly #server: Server;
  readonly #startedAt = Date.now();
  readonly #connections = new Set<Connection>();
  /** Events sent so far. */
  sent = 0;

  private constructor(plan: Plan, rate: number, name: string, directory: string) {
    this.#plan = plan;
    this.#rate = rate;
    this.name = name;
    this.#directory = directory;
    this.#server = createServer((socket) => {
      const connection = new Connection(socket, this.#methods(), { peer: "the user interface" });
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
    });
  }

  /** @param rate - events a second */
  static async start(plan: Plan, rate: number): Promise<TalkativeTestbed> {
    const name = `bench-tui-${process.pid}`;
    const directory = await claimRunDirectory(name);
    await writeOwner(directory, "supervisor");
    const testbed = new TalkativeTestbed(plan, rate, name, directory);
    await new Promise<void>((resolve, reject) => {
      testbed.#server.once("error", reject);
      testbed.#server.listen(join(directory, runFiles.socket), resolve);
    });
    return testbed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    await rm(this.#directory, { recursive: true, force: true });
  }

  #methods(): ConstructorParameters<typeof Connection>[1] & object {
    return {
      plan: () => this.#plan,
      status: () => this.#status(),
      events: (channel) => this.#talk(channel),
      panel: (channel) => this.#panel(channel),
      node: () => {
        throw new Error("there is no machine behind it");
      },
    };
  }

  async #talk(channel: Channel): Promise<null> {
    const { everyMs = 0 } = channel.params as { readonly everyMs?: number };
    using batch = new Batch<TestbedEvent>(everyMs, (events) => {
      channel.send(events);
    });
    const begun = performance.now();
    const first = this.sent;
    const timer = setInterval(() => {
      const due = first + ((performance.now() - begun) / 1000) * this.#rate;
      while (this.sent < due) {
        this.sent += 1;
        const time = Date.now();
        batch.add({ ...this.#happening(this.sent), sequence: this.sent, time, elapsedMs: time - this.#startedAt });
      }
    }, burstMs);
    await aborted(channel);
    clearInterval(timer);
    return null;
  }

  /** Nodes that change their state, steps that move on, wires that are changed: in turn, over all there are. */
  #happening(number: number): Happening {
    const { nodes, wires } = this.#plan;
    const node = nodes[number % nodes.length]?.name ?? "";
    switch (number % 4) {
      case 0:
        return { type: "node", node, state: number % 8 === 0 ? "paused" : "ready" };
      case 1:
        return { type: "wire", wire: wires[number % wires.length]?.name ?? "", message: "loss 1%, delay 2 ms" };
      case 2:
        return { type: "progress", step: `copy to ${node}`, message: `${number} KiB`, fraction: (number % 100) / 100 };
      default:
        return { type: "notice", message: `something about ${node}` };
    }
  }

  async #panel(channel: Channel): Promise<unknown> {
    const { method } = channel.params as { readonly method: string };
    if (method === "list") return { ports: [], wires: this.#wires() };
    if (method !== "followStatistics") throw new Error(`a testbed without machines does not do ${method}`);
    const timer = setInterval(() => {
      channel.send(this.#statistics());
    }, 1000);
    await aborted(channel);
    clearInterval(timer);
    return null;
  }

  #status(): TestbedStatus {
    return {
      name: this.name,
      topology: this.#plan.name,
      state: "ready",
      accelerator: "tcg",
      supervisor: { pid: process.pid, startedAt: this.#startedAt },
      panel: { pid: process.pid, running: true },
      runDirectory: this.#directory,
      failure: null,
      nodes: this.#plan.nodes.map((node): NodeStatus => ({
        name: node.name,
        kind: node.kind,
        state: "ready",
        pid: process.pid,
        origin: "clone",
        memoryMiB: node.memoryMiB,
        cpus: node.cpus,
        ports: node.ports.map(({ name, mac, addresses, attachment }) => ({
          name,
          mac,
          addresses,
          wire: attachment.type === "wire" ? attachment.wire : null,
          up: true,
        })),
        startedAt: this.#startedAt,
        readyAfterMs: 900,
        transport: "agent",
        ssh: null,
        consoleLog: "console.log",
        failure: null,
      })),
    };
  }

  #counters(index: number): DirectionCounters {
    const frames = Math.round((Date.now() - this.#startedAt) * (1 + (index % 7)));
    const dropped = {
      queue: 0,
      loss: index % 5 === 0 ? Math.round(frames / 100) : 0,
      cut: 0,
      down: 0,
      mtu: 0,
      absent: 0,
    };
    return {
      frames,
      bytes: frames * 900,
      deliveredFrames: frames - dropped.loss,
      deliveredBytes: (frames - dropped.loss) * 900,
      dropped,
      injected: 0,
      duplicated: 0,
      corrupted: 0,
      reordered: 0,
      inFlightFrames: 0,
      inFlightBytes: 0,
      waitingBytes: 0,
    };
  }

  #wires(): readonly WireStatus[] {
    return this.#plan.wires.map(({ name, a, b }, index) => {
      const direction = { settings: cleanDirection, counters: this.#counters(index) };
      return {
        name,
        ends: [{ port: `${a.node}:${a.port}` }, { port: `${b.node}:${b.port}` }],
        up: true,
        aToB: direction,
        bToA: direction,
        recording: { capacityBytes: 1, frames: 0, overwrittenFrames: 0 },
      };
    });
  }

  #statistics(): Statistics {
    const wires = this.#plan.wires.map(({ name }, index) => [
      name,
      Object.fromEntries(directionNames.map((direction) => [direction, this.#counters(index)])),
    ]);
    return { timestamp: `${Date.now()}000000`, wires: Object.fromEntries(wires) as Statistics["wires"] };
  }
}

function aborted({ signal }: Channel): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
}
