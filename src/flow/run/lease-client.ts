import { Connection } from "../../channel/index.ts";
import { KestrelError } from "../../error/kestrel-error.ts";
import { connectIn } from "../../testbed/connect.ts";
import { Testbed } from "../../testbed/index.ts";
import { FlowTestbed } from "../flow-testbed.ts";
import type { FlowStep } from "../timeline.ts";
import {
  type FlowEndsCall,
  type FlowReference,
  type GiveBackCall,
  type LeaseAnswer,
  type LeaseCall,
  runSocket,
  runVariable,
  type StepMessage,
} from "./lease-protocol.ts";
import type { TestbedRequest } from "./testbed-pool.ts";

interface FlowLease {
  readonly number: number;
  readonly flow: FlowReference | undefined;
  /** What it stands for: leases of the same request are for the same testbed. */
  readonly request: string;
  readonly testbed: Testbed;
  /** The flow is done with it, but how the flow ends is not known yet. */
  done: boolean;
}

/** A worker's line to the process of its run, which owns the testbeds. */
export class LeaseClient {
  readonly #connection: Connection;
  readonly #steps: ReturnType<Connection["open"]>;
  readonly #leases = new Set<FlowLease>();
  /** Ids of flows that are over, although what they have begun may still go on. */
  readonly #over = new Set<string>();

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#steps = connection.open("steps");
    this.#steps.result.catch(() => undefined);
  }

  static async connect(directory: string): Promise<LeaseClient> {
    return new LeaseClient(new Connection(await connectIn(directory, runSocket), {}, { peer: "the run" }));
  }

  /**
   * Lease a testbed for a flow. When the flow lets go of it, it is given back only once it is known how the flow ends: what
   * a failure has left is looked at first.
   */
  async lease(request: TestbedRequest, flow: FlowReference | undefined, file: string): Promise<FlowTestbed> {
    const wanted = JSON.stringify(request);
    // The flow itself has let go of it and wants it as others would get it.
    for (const each of this.#leases)
      if (each.done && each.flow?.id === flow?.id && each.request === wanted) await this.#giveBack(each);
    const own = [...this.#leases].find(
      (each) => !each.done && each.request === wanted && (each.flow === undefined || each.flow.id === flow?.id),
    );
    if (own !== undefined && !request.fresh) throw heldAlready(own);
    const answer = await this.#connection.request<LeaseAnswer>("lease", { request, flow, file } satisfies LeaseCall);
    const testbed = await Testbed.connect(answer.testbed);
    const lease: FlowLease = { number: answer.lease, flow, request: wanted, testbed, done: false };
    if (flow !== undefined && this.#over.has(flow.id)) {
      // Its time was up while it waited: others want the testbed.
      await this.#giveBack(lease);
      throw new Error(`flow ${flow.name} is over`);
    }
    this.#leases.add(lease);
    return new FlowTestbed(testbed, await testbed.wires.cursor(), async () => {
      lease.done = true;
      if (flow === undefined) await this.#giveBack(lease);
    });
  }

  /** Tell how a flow ended; its testbeds are looked at, kept or given back. */
  async flowEnds(call: FlowEndsCall): Promise<void> {
    this.#over.add(call.flow.id);
    // What a flow whose time was up still does must not reach a testbed that is somebody else's by then.
    for (const lease of this.#leases) if (lease.flow?.id === call.flow.id) this.#letGo(lease);
    await this.#connection.request("flowEnds", call);
  }

  flowBegins(flow: FlowReference): void {
    this.#over.delete(flow.id);
    this.#steps.send({ flow } satisfies StepMessage);
  }

  tellStep(flow: FlowReference | undefined, step: FlowStep): void {
    this.#steps.send({ flow, step } satisfies StepMessage);
  }

  /** Let go of the run; what is still leased is given back. */
  close(): void {
    for (const lease of this.#leases) this.#letGo(lease);
    this.#connection.close();
  }

  async #giveBack(lease: FlowLease): Promise<void> {
    this.#letGo(lease);
    await this.#connection.request("giveBack", { lease: lease.number } satisfies GiveBackCall);
  }

  #letGo(lease: FlowLease): void {
    this.#leases.delete(lease);
    lease.testbed.close();
  }
}

/** A flow that waits for itself would wait until its time is up. */
function heldAlready({ testbed, flow }: FlowLease): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "get a testbed",
    subject: testbed.plan.name,
    expected: "a topology whose shared testbed is not in use by the flow itself",
    found: `testbed ${testbed.name}, which ${flow === undefined ? "its file" : "it"} holds already`,
    hint: "use that one, let go of it first, or ask for another: { fresh: true }",
  });
}

let client: Promise<LeaseClient> | undefined;

/** The line to the run that this process belongs to; undefined where nobody shares testbeds between files. */
export async function leaseClient(): Promise<LeaseClient | undefined> {
  const directory = process.env[runVariable];
  if (directory === undefined) return undefined;
  client ??= LeaseClient.connect(directory);
  return client;
}

/** Let go of the run, as a file does at its end; whoever leases again in this process has a new line. */
export async function closeLeaseClient(): Promise<void> {
  const closing = client;
  client = undefined;
  (await closing)?.close();
}
