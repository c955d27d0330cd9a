import { open } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { Connection, type Methods } from "../../channel/index.ts";
import type { Testbed } from "../../testbed/index.ts";
import type { FlowStep } from "../timeline.ts";
import {
  type FlowEndsCall,
  type FlowReference,
  type GiveBackCall,
  type LeaseAnswer,
  type LeaseCall,
  runSocket,
  type StepMessage,
} from "./lease-protocol.ts";
import type { Lease, TestbedPool, TestbedRequest } from "./testbed-pool.ts";

/** What a run wants to know of its flows and testbeds, beyond what vitest reports. */
export interface FlowWatcher {
  onStep(flow: FlowReference | undefined, step: FlowStep): void;
  onFlowBegins(flow: FlowReference): void;
  /**
   * A flow has failed and its testbeds still stand as it left them. The file's own testbeds are among them.
   *
   * @returns whether they are to stay up when all is over
   */
  onFailure(
    flow: FlowReference,
    testbeds: readonly Testbed[],
    underWay: readonly string[],
  ): Promise<"keep" | "give back">;
  /** Something of a testbed was not as a flow, or a file, had got it. */
  onChanges(flow: FlowReference | undefined, file: string, changes: readonly string[]): void;
  /** The request as it is to be served: a replay swaps in the plan of the run it repeats. */
  adjust(request: TestbedRequest): TestbedRequest;
}

interface HeldLease {
  readonly lease: Lease;
  readonly flow: FlowReference | undefined;
  readonly file: string;
}

/** Leases testbeds of a pool to the workers of a run, over a UNIX socket. */
export class LeaseServer implements AsyncDisposable {
  readonly #pool: TestbedPool;
  readonly #watcher: FlowWatcher;
  readonly #server: Server;
  /** What connections that have gone still have to give back. */
  readonly #endings = new Set<Promise<void>>();
  /** What each worker that is connected has. */
  readonly #held = new Set<Map<number, HeldLease>>();
  #leases = 0;

  private constructor(pool: TestbedPool, watcher: FlowWatcher) {
    this.#pool = pool;
    this.#watcher = watcher;
    this.#server = createServer((socket) => {
      this.#serve((methods) => new Connection(socket, methods, { peer: "a worker of the run" }));
    });
  }

  /** Listen in a directory that only this user can enter. */
  static async listen(directory: string, pool: TestbedPool, watcher: FlowWatcher): Promise<LeaseServer> {
    const leases = new LeaseServer(pool, watcher);
    // The path may be too long for a socket; through a descriptor of the directory it never is.
    await using handle = await open(directory, "r");
    await new Promise<void>((resolve, reject) => {
      leases.#server.once("error", reject);
      leases.#server.listen(`/proc/self/fd/${handle.fd}/${runSocket}`, resolve);
    });
    return leases;
  }

  /** Resolves when everything has been given back that workers which are gone had. */
  async settled(): Promise<void> {
    const endings = [...this.#endings];
    this.#endings.clear();
    await Promise.all(endings);
  }

  /** Keep the evidence of the flows that run now, as of failed ones, and end all testbeds: what waits for one fails. */
  async interrupt(): Promise<void> {
    for (const held of this.#held)
      for (const flow of flowsOf(held)) await this.#flowEnds(held, { flow, failed: true, underWay: [] });
    await this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.settled();
  }

  #serve(connect: (methods: Methods) => Connection): void {
    const held = new Map<number, HeldLease>();
    this.#held.add(held);
    const connection = connect({
      lease: ({ params }) => this.#lease(held, params as LeaseCall),
      giveBack: async ({ params }) => {
        await this.#giveBack(held, (params as GiveBackCall).lease);
        return null;
      },
      flowEnds: async ({ params }) => {
        await this.#flowEnds(held, params as FlowEndsCall);
        return null;
      },
      steps: async (channel) => {
        for await (const message of channel.messages) {
          const { flow, step } = message as StepMessage;
          if (step !== undefined) this.#watcher.onStep(flow, step);
          else if (flow !== undefined) this.#watcher.onFlowBegins(flow);
        }
        return null;
      },
    });
    const ending = connection.closed.then(async () => {
      this.#held.delete(held);
      // A worker that dies in the middle of a flow could not say that it failed.
      for (const flow of flowsOf(held)) await this.#flowEnds(held, { flow, failed: true, underWay: [] });
      await Promise.all([...held.keys()].map((lease) => this.#giveBack(held, lease)));
    });
    this.#endings.add(ending);
    // Whoever waits for all to be settled is told what went wrong.
    ending.catch(() => undefined);
  }

  async #lease(held: Map<number, HeldLease>, { request, flow, file }: LeaseCall): Promise<LeaseAnswer> {
    const lease = await this.#pool.lease(this.#watcher.adjust(request));
    if (!this.#held.has(held)) {
      // The worker has died while it waited.
      await lease.giveBack();
      throw new Error("the worker that wanted the testbed is gone");
    }
    const number = (this.#leases += 1);
    held.set(number, { lease, flow, file });
    return { lease: number, testbed: lease.testbed.name };
  }

  async #giveBack(held: Map<number, HeldLease>, number: number): Promise<void> {
    const found = held.get(number);
    if (found === undefined) return;
    held.delete(number);
    const changes = await found.lease.giveBack();
    if (changes.length > 0) this.#watcher.onChanges(found.flow, found.file, changes);
  }

  async #flowEnds(held: Map<number, HeldLease>, { flow, failed, underWay }: FlowEndsCall): Promise<void> {
    const concerned = [...held].filter(([, each]) => each.flow === undefined || each.flow.id === flow.id);
    const verdict = failed
      ? await this.#watcher.onFailure(
          flow,
          concerned.map(([, { lease }]) => lease.testbed),
          underWay,
        )
      : "give back";
    for (const [number, each] of concerned) {
      if (verdict === "keep") {
        held.delete(number);
        await each.lease.keep();
      } else if (each.flow !== undefined) await this.#giveBack(held, number);
    }
  }
}

/** The flows that leases are for, each once. */
function flowsOf(held: ReadonlyMap<number, HeldLease>): readonly FlowReference[] {
  const flows = [...held.values()].flatMap(({ flow }) => (flow === undefined ? [] : [[flow.id, flow] as const]));
  return [...new Map(flows).values()];
}
