import type { Connection } from "../channel/index.ts";
import type { Plan } from "../topology/index.ts";
import { PanelClient } from "../wire/index.ts";
import { connectSupervisor } from "./connect.ts";
import { noSuchNode } from "./no-such-node.ts";
import { NodeHandle } from "./node-handle.ts";
import type { DownReport, TestbedEvent, TestbedProvenance, TestbedStatus } from "./protocol.ts";

/** Which events to follow. */
export interface EventQuery {
  /** Only those after this sequence number; 0 for all that are kept. */
  readonly since?: number;
  /** Go on with new ones until the signal is aborted or the testbed ends. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A running testbed, as its clients see it. {@link Testbed.close} lets go of it and leaves it running;
 * {@link Testbed.down} ends it.
 */
export class Testbed implements Disposable {
  readonly name: string;
  /** What was launched. */
  readonly plan: Plan;
  /** The wires: counters, impairments, recordings, captures, injection, plugging. */
  readonly wires: PanelClient;
  readonly #connection: Connection;
  readonly #nodes: ReadonlyMap<string, NodeHandle>;

  private constructor(name: string, plan: Plan, connection: Connection) {
    this.name = name;
    this.plan = plan;
    this.#connection = connection;
    this.wires = new PanelClient({
      open: (method, params) => connection.open("panel", { method, params }),
      request: (method, params, options) => connection.request("panel", { method, params }, options),
    });
    this.#nodes = new Map(plan.nodes.map((node) => [node.name, new NodeHandle(node, connection, () => this.status())]));
  }

  /**
   * Connect to a running testbed; without a name, to the only one there is.
   *
   * @throws KestrelError (input) when there is none, or several and no name
   */
  static async connect(name?: string): Promise<Testbed> {
    const { name: chosen, connection } = await connectSupervisor(name);
    return new Testbed(chosen, await connection.request<Plan>("plan"), connection);
  }

  /** All nodes, in the order of the plan. */
  get nodes(): readonly NodeHandle[] {
    return [...this.#nodes.values()];
  }

  /** A node by name; throws KestrelError (input) when there is none. */
  node(name: string): NodeHandle {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    throw noSuchNode(name, this.plan, this.name);
  }

  status(): Promise<TestbedStatus> {
    return this.#connection.request("status");
  }

  /** What it is made from: QEMU, images, templates, our code in the nodes. */
  provenance(): Promise<TestbedProvenance> {
    return this.#connection.request("provenance");
  }

  /** Let it outlive the process that launched it, if it would not anyway. */
  async keep(): Promise<void> {
    await this.#connection.request("keep");
  }

  /** The event stream; ends when the testbed does. */
  async *events({ since = 0, follow = true, signal }: EventQuery = {}): AsyncGenerator<TestbedEvent> {
    const channel = this.#connection.open("events", { since, follow });
    signal?.addEventListener("abort", () => {
      channel.cancel();
    });
    try {
      for await (const event of channel.messages) yield event as TestbedEvent;
    } finally {
      channel.cancel();
    }
  }

  /**
   * Follow the event stream in batches, which costs both ends less where there are thousands of events a second. Resolves when
   * the testbed has ended, rejects when it is lost or the signal is aborted.
   *
   * @param everyMs - milliseconds that an event may wait for others; the state of the testbed itself never does
   */
  async onEvents(
    { since = 0, signal, everyMs }: Omit<EventQuery, "follow"> & { readonly everyMs: number },
    take: (events: readonly TestbedEvent[]) => void,
  ): Promise<void> {
    const channel = this.#connection.open("events", { since, follow: true, everyMs });
    signal?.addEventListener("abort", () => {
      channel.cancel();
    });
    channel.onMessage((events) => {
      take(events as readonly TestbedEvent[]);
    });
    await channel.result;
  }

  /** End the testbed; when this resolves nothing of it is left but its logs. */
  async down(): Promise<DownReport> {
    const report = await this.#connection.request<DownReport>("down");
    this.close();
    return report;
  }

  /** Let go of the testbed; it stays up. */
  close(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
