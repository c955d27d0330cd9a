import { KestrelError } from "../error/kestrel-error.ts";
import type { Plan } from "../topology/index.ts";
import type { Testbed, TestbedStatus } from "../testbed/index.ts";
import { despiteErrors } from "./fault/despite-errors.ts";
import type { FaultRun } from "./fault/fault-run.ts";
import type { FaultSchedule } from "./fault/schedule.ts";
import { TestbedFaults } from "./fault/testbed-faults.ts";
import { FlowNode } from "./flow-node.ts";
import { FlowPort } from "./flow-port.ts";
import { FlowWire } from "./flow-wire.ts";
import { allWires, readRecording } from "./recording.ts";
import type { Sighting } from "./sighting.ts";
import { FlowStream, type StreamOptions } from "./stream/flow-stream.ts";
import { NodeStream, type NodeStreamOptions } from "./stream/node-stream.ts";
import { Taps } from "./tap/taps.ts";
import { beginStep, type FlowStep, noteStep } from "./timeline.ts";
import { Trace } from "./trace.ts";
import { type Check, isLooking } from "./wait/check.ts";
import { type InvariantOptions, Invariants } from "./wait/invariants.ts";
import type { RecordedPlace } from "./watched.ts";
import { checkNode, Wiring } from "./wiring.ts";

/**
 * A testbed in the hands of a test: what is sent and run through it sets the cursor, and expectations and traces look at
 * what the wires have recorded since. `await using` gives it back at the end of the test.
 */
export class FlowTestbed implements AsyncDisposable {
  /** Everything that is not about flows: status, events, verbs. */
  readonly testbed: Testbed;
  /** Interfaces inside nodes that are recorded: see {@link FlowNode.tap}. */
  readonly taps: Taps;
  readonly #giveBack: () => Promise<void>;
  readonly #faults: TestbedFaults;
  readonly #invariants: Invariants;
  #cursor: number;

  /**
   * @param cursor - sequence number that the first expectation looks from
   * @param giveBack - what disposing does
   */
  constructor(testbed: Testbed, cursor: number, giveBack: () => Promise<void>) {
    this.testbed = testbed;
    this.#cursor = cursor;
    this.#giveBack = giveBack;
    this.#faults = new TestbedFaults(this);
    this.taps = new Taps(this);
    this.#invariants = new Invariants(testbed.name);
  }

  get name(): string {
    return this.testbed.name;
  }

  get plan(): Plan {
    return this.testbed.plan;
  }

  /** Sequence number of the first frame that expectations look at: what happened before the last send is not their business. */
  get cursor(): number {
    return this.#cursor;
  }

  /** A node by name. @throws KestrelError (input) with the nearest name */
  node(name: string): FlowNode {
    checkNode(this.plan, name);
    return new FlowNode(this, this.testbed.node(name));
  }

  /** A port, written `h1:net0`. @throws KestrelError (input) with the nearest name */
  port(name: string): FlowPort {
    return new FlowPort(this, name);
  }

  /** A wire by name, such as `h1:net0--r1:net0`. An unknown name is refused when the wire is first used. */
  wire(name: string): FlowWire {
    return new FlowWire(this, name);
  }

  /** Let expectations look only at what happens from now on, or since a cursor noted earlier. */
  async mark(cursor?: number): Promise<number> {
    if (cursor !== undefined) {
      this.#cursor = cursor;
      return cursor;
    }
    return this.markWith(() => this.guarded("read the cursor", () => this.testbed.wires.cursor()));
  }

  /** Let expectations look only at what happens from the frame on whose sequence number `act` gives. */
  async markWith(act: () => Promise<number>): Promise<number> {
    this.#cursor = await this.taps.markWith(act);
    return this.#cursor;
  }

  /** The recordings that all there is to see is in: one of all wires, and one of each tap. */
  async places(): Promise<readonly RecordedPlace[]> {
    const wiring = await this.wiring();
    return [allWires(this.testbed.wires, wiring), ...this.taps.places];
  }

  /** Everything recorded since the last send (or a cursor noted earlier) on all wires and taps, background included. */
  async seen(since = this.#cursor): Promise<readonly Sighting[]> {
    const onWires = await readRecording(this.testbed.wires, { wiring: await this.wiring(), since });
    const atTaps = this.taps.seen(since);
    if (atTaps.length === 0) return onWires;
    return [...onWires, ...atTaps].sort((a, b) => Number(a.timestampNanoseconds - b.timestampNanoseconds));
  }

  /**
   * Do something that a person would call a step of the flow, and tell the timeline.
   *
   * @param failed - whether a result that is no error is a failure all the same
   */
  async step<Result>(
    kind: FlowStep["kind"],
    text: string,
    work: () => Promise<Result>,
    failed: (result: Result) => boolean = () => false,
  ): Promise<Result> {
    // What a check asks is no step: it is asked again and again, and the wait for it is told.
    if (isLooking()) return work();
    this.#invariants.check();
    const note = (outcome: FlowStep["outcome"]): void => {
      noteStep({ kind, testbed: this.name, text, cursor: this.#cursor, outcome });
    };
    try {
      const result = await work();
      note(failed(result) ? "failed" : "done");
      return result;
    } catch (error) {
      note("failed");
      throw error;
    }
  }

  /** Everything recorded since the last send (or a cursor noted earlier) on all wires, as hops of packets. */
  async trace(since = this.#cursor): Promise<Trace> {
    return this.guarded("trace", async () => new Trace(await this.seen(since)));
  }

  /**
   * Send numbered packets at a steady rate from one port to another, until the stream is stopped or disposed:
   * `await using stream = await bed.stream("h1:net0", "h2:net0", { rate: 200 })`.
   *
   * @throws KestrelError (input) when a port is plugged into nothing or has no address of the family
   */
  stream(from: string, to: string, options: StreamOptions = {}): Promise<FlowStream> {
    const text = `send a stream from ${from} to ${to}`;
    return this.step("send", text, () =>
      this.guarded(text, () => FlowStream.start(this.port(from), this.port(to), options)),
    );
  }

  /**
   * Have a node itself send numbered datagrams to another, in several flows at once, so that its own choice of paths is seen
   * too: `await using stream = await bed.nodeStream("sled0", "sled1", { destination: "fd00::1" })`.
   *
   * @throws KestrelError (input) for an unknown node, (flow) when the program that sends does not start
   */
  nodeStream(from: string, to: string, options: NodeStreamOptions): Promise<NodeStream> {
    const text = `have ${from} send a stream to ${to}`;
    return this.step("send", text, () => this.guarded(text, () => NodeStream.start(this, from, to, options)));
  }

  /**
   * Have a check hold from now on until the end of the flow. It is looked at in the background; once it does not hold,
   * whatever the flow does next fails for that reason, and at the latest its end does. Disposing the result ends the watch.
   */
  invariant(name: string, check: Check, options?: InvariantOptions): Disposable {
    return this.#invariants.add(name, check, options);
  }

  /**
   * Break something: a fault, or a schedule of them. Resolves when what begins at once is there; disposing of the result
   * heals: `await using fault = await bed.break(cut(WIRE))`. It is healed at the end of the test at the latest.
   *
   * @throws KestrelError (input) with all that is wrong with the schedule; nothing is broken then
   */
  break(schedule: FaultSchedule): Promise<FaultRun> {
    return this.#faults.start(schedule);
  }

  /** Do something while something is broken; healed afterwards, whatever came of it. */
  whileBroken<Result>(schedule: FaultSchedule, work: () => Promise<Result>): Promise<Result> {
    return this.#faults.whileBroken(schedule, work);
  }

  /**
   * Carry out a schedule to its end, and heal. An abort of the signal, or the end of the test, ends it before.
   *
   * @throws KestrelError (input) when the schedule has no end, or is wrong as for {@link break}
   */
  campaign(schedule: FaultSchedule, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#faults.campaign(schedule, signal);
  }

  /** What the wires connect now. */
  async wiring(): Promise<Wiring> {
    const { wires } = await this.testbed.wires.list();
    return new Wiring(this.plan, wires);
  }

  /** What is wrong with the testbed, for the report of an expectation that failed. */
  async troubles(): Promise<readonly string[]> {
    return troublesOf(await this.testbed.status());
  }

  /**
   * Do something that needs the testbed alive.
   *
   * @throws KestrelError (internal) that says so when it died meanwhile, instead of what follows from it
   */
  async guarded<Result>(step: string, work: () => Promise<Result>): Promise<Result> {
    using _underWay = beginStep(step);
    try {
      return await work();
    } catch (cause) {
      const status = await this.testbed.status().catch(() => undefined);
      const found = status === undefined ? "that its supervisor is gone" : panelTrouble(status);
      if (found === undefined) throw cause;
      throw new KestrelError(
        {
          kind: "internal",
          step,
          subject: this.name,
          expected: "a testbed that lives until the end of the test",
          found,
          hint: "see its logs: kestrel logs, or `ended` in Kestrel's state directory once it is gone",
        },
        { cause },
      );
    }
  }

  /** End the use of the testbed: its own is taken down, a shared one given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await despiteErrors(
      () => this.#invariants.finish(),
      () => this.#faults.healAll(),
      () => this.taps[Symbol.asyncDispose](),
      () => this.#giveBack(),
    );
  }
}

function panelTrouble({ state, panel }: TestbedStatus): string | undefined {
  if (state === "stopping") return "that it is being taken down";
  return panel.running ? undefined : "that its patch panel has ended";
}

function troublesOf(status: TestbedStatus): readonly string[] {
  return [
    ...(status.state === "ready" ? [] : [`testbed ${status.name} is ${status.state}`]),
    ...status.nodes
      .filter(({ state }) => state !== "ready")
      .map(({ name, state, failure }) => `node ${name} is ${state}${failure === null ? "" : `: ${failure.message}`}`),
  ];
}
