import { longestPacket } from "../compile/runtime.ts";
import { CompiledDataplane } from "../compile/compiled-dataplane.ts";
import { type Dataplane, type LogLevel, PacketFault, standard } from "../dataplane.ts";
import type { FieldList, Program } from "../format/program.ts";
import { Interpreter } from "../interpret/interpreter.ts";
import { numberToBytes } from "../state/key.ts";
import { SwitchState } from "../state/switch-state.ts";
import { Ageing, type AgeingNotification } from "./ageing.ts";
import { Copies } from "./copies.ts";
import type { EngineCounters, EngineOptions, EngineOutputs, SharedParts } from "./contract.ts";
import { EgressQueues } from "./egress-queues.ts";
import { instanceType } from "./instance-type.ts";
import { readList, writeList } from "./kept-fields.ts";
import { Learning, type LearnNotification } from "./learning.ts";
import { Mirroring } from "./mirroring.ts";
import { Multicast } from "./multicast.ts";

/** Resubmitted and recirculated packets that may wait. */
const inputBufferSize = 1024;
/** Packets handled in one call, own ones included, so that a program that loops for ever lets others go on. */
const budgetPerCall = 4096;

function noPackets(): EngineCounters {
  return { received: 0, sent: 0, dropped: 0, queueDrops: 0, inputDrops: 0, unknownGroups: 0, faults: new Map() };
}

/** A packet on its way back to ingress. */
interface ReturningPacket {
  readonly bytes: Uint8Array;
  readonly instanceType: number;
  readonly list: FieldList | undefined;
  readonly values: readonly bigint[];
}

/**
 * The switch around a program: what happens to a packet between its pipelines. A pure core: time comes in with each call
 * (`now`, microseconds since the switch started), everything that leaves goes through {@link EngineOutputs}, and the
 * owner calls {@link Engine.advance} when {@link Engine.deadline} has come.
 */
export class Engine {
  readonly program: Program;
  readonly state: SwitchState;
  readonly multicast: Multicast;
  readonly mirroring: Mirroring;
  readonly queues: EgressQueues;
  readonly learning: Learning;
  readonly counters: EngineCounters;
  readonly dropPort: number;
  readonly #ageing: Ageing;
  readonly #outputs: EngineOutputs;
  readonly #dataplane: Dataplane;
  readonly #copies: Copies;
  readonly #returning: ReturningPacket[] = [];
  #now = 0;

  constructor(
    program: Program,
    outputs: EngineOutputs,
    options: EngineOptions = {},
    shared: Partial<SharedParts> = {},
  ) {
    const { dropPort = 511, priorityQueues = 1, seed = 1, execution = "compiled" } = options;
    this.program = program;
    this.dropPort = dropPort;
    this.#outputs = outputs;
    this.state = new SwitchState(program, seed);
    this.multicast = shared.multicast ?? new Multicast(options.multicast);
    this.mirroring = shared.mirroring ?? new Mirroring();
    this.queues = shared.queues ?? new EgressQueues(priorityQueues);
    this.counters = shared.counters ?? noPackets();
    const notify = (notification: LearnNotification | AgeingNotification): void => outputs.notify?.(notification);
    this.learning = new Learning(program.learnLists.values(), notify);
    this.#ageing = new Ageing(this.state.tables, notify, 0);
    const log = (level: LogLevel, text: string): void => outputs.log?.(level, text);
    this.#dataplane =
      execution === "compiled"
        ? new CompiledDataplane(this.state, dropPort, log)
        : new Interpreter(this.state, dropPort, log);
    this.#copies = new Copies(this.#dataplane, program.fieldLists, this, log);
  }

  /** When {@link Engine.advance} has something to do, microseconds; infinity if nothing waits. */
  get deadline(): number {
    if (this.#returning.length > 0) return this.#now;
    return Math.min(this.queues.nextDeparture, this.learning.deadline, this.#ageing.deadline);
  }

  /** A packet came in on `port`: `bytes[start, start + length)`, not kept. All that can happen to it now happens. */
  receive(port: number, bytes: Uint8Array, start: number, length: number, now: number): void {
    this.#setTime(now);
    const dataplane = this.#dataplane;
    this.counters.received += 1;
    if (length > longestPacket) {
      this.counters.inputDrops += 1;
      return;
    }
    dataplane.begin(bytes, start, length);
    dataplane.setStandard(standard.ingressPort, port);
    dataplane.setStandard(standard.packetLength, length);
    dataplane.setStandard(standard.ingressTimestamp, now);
    this.#ingress(port, bytes, start, length);
    if (this.queues.length > 0 || this.#returning.length > 0) this.#work();
  }

  /** Do what is due at `now`: packets that waited, notifications, idle entries. */
  advance(now: number): void {
    this.#setTime(now);
    this.#work();
    this.learning.advance(now);
    this.#ageing.advance(now);
  }

  /**
   * Let everything out that waits, whatever the rates, at `now`: packets in queues, and those on their way back to
   * ingress. What the program sends round for ever is dropped.
   */
  drain(now: number): void {
    this.#setTime(now);
    this.#work(Infinity);
    this.counters.inputDrops += this.#returning.length;
    this.#returning.length = 0;
    for (let queued = this.queues.shift(Infinity); queued !== undefined; queued = this.queues.shift(Infinity)) {
      this.counters.queueDrops += 1;
    }
  }

  /** As at start, but for mirroring sessions, value sets and queue settings. */
  reset(): void {
    this.state.reset();
    this.multicast.clear();
    this.learning.clear();
  }

  #setTime(now: number): void {
    this.#now = now;
    this.state.now = now;
  }

  /** Packets whose departure is not after `until` leave. */
  #work(until = this.#now): void {
    for (let left = budgetPerCall; left > 0; left -= 1) {
      // Copies that wait for egress come before packets that return.
      const queued = this.queues.length > 0 ? this.queues.shift(until) : undefined;
      if (queued !== undefined) {
        this.#dataplane.restore(queued.snapshot);
        this.#egress(queued.port, queued.priority, queued.enqueuedAt);
        continue;
      }
      const packet = this.#returning.shift();
      if (packet === undefined) return;
      this.#reenter(packet);
    }
  }

  #reenter({ bytes, instanceType: type, list, values }: ReturningPacket): void {
    const dataplane = this.#dataplane;
    dataplane.begin(bytes, 0, bytes.length);
    writeList(list, values, dataplane);
    dataplane.setStandard(standard.instanceType, type);
    dataplane.setStandard(standard.packetLength, bytes.length);
    this.#ingress(dataplane.getStandard(standard.ingressPort), bytes, 0, bytes.length);
  }

  /** Parse, ingress, and all that follows from it; the packet as it came is still in `bytes`. */
  #ingress(port: number, bytes: Uint8Array, start: number, length: number): void {
    const dataplane = this.#dataplane;
    try {
      dataplane.parse();
      dataplane.ingress();
      this.#afterIngress(port, bytes, start, length);
    } catch (error) {
      this.#fault(error);
    }
  }

  #afterIngress(port: number, bytes: Uint8Array, start: number, length: number): void {
    const dataplane = this.#dataplane;
    const { intents } = dataplane;
    if (intents.cloneIngressSession >= 0) this.#copies.cloneIngress(port, bytes, start, length, this.#now);
    if (intents.digestList > 0) this.#digest(intents.digestList);
    if (intents.resubmitList > 0) {
      const list = this.program.fieldLists.get(intents.resubmitList);
      this.#return({
        bytes: bytes.slice(start, start + length),
        instanceType: instanceType.resubmitted,
        list,
        values: readList(list, this.#dataplane),
      });
      return;
    }
    const group = dataplane.getStandard(standard.multicastGroup);
    if (group !== 0) {
      dataplane.setStandard(standard.instanceType, instanceType.replicated);
      this.#copies.replicate(group, this.#now);
      return;
    }
    const egressPort = dataplane.getStandard(standard.egressSpec);
    if (egressPort === this.dropPort) {
      this.counters.dropped += 1;
      return;
    }
    dataplane.setStandard(standard.instanceType, instanceType.normal);
    this.#enqueue(egressPort);
  }

  /** On to egress: at once if nothing waits and no rate holds it back. */
  #enqueue(port: number): void {
    const priority = this.#copies.admit(port, this.#now);
    if (priority < 0) return;
    const { queues } = this;
    if (queues.length === 0 && (!queues.limited || queues.isOpen(port, priority, this.#now))) {
      if (queues.limited) queues.passed(port, priority, this.#now);
      this.#egress(port, priority, this.#now);
      return;
    }
    queues.push(port, priority, this.#dataplane.save(), this.#now);
  }

  #egress(port: number, priority: number, enqueuedAt: number): void {
    const dataplane = this.#dataplane;
    const { intents } = dataplane;
    const depth = this.queues.length === 0 ? 0 : this.queues.depthOf(port);
    dataplane.setStandard(standard.dequeueDelta, this.#now - enqueuedAt);
    dataplane.setStandard(standard.dequeueDepth, depth);
    dataplane.setStandard(standard.queueId, priority);
    dataplane.setStandard(standard.egressPort, port);
    dataplane.setStandard(standard.egressSpec, this.dropPort + 1);
    dataplane.setStandard(standard.packetLength, intents.packetLength);
    dataplane.setStandard(standard.egressTimestamp, this.#now);
    try {
      dataplane.egress();
      if (intents.cloneEgressSession >= 0) this.#copies.cloneEgress(this.#now);
      if (dataplane.getStandard(standard.egressSpec) === this.dropPort) {
        this.counters.dropped += 1;
        return;
      }
      const list = intents.recirculateList;
      if (list > 0) {
        this.#recirculate(list);
        return;
      }
      dataplane.deparse();
    } catch (error) {
      this.#fault(error);
      return;
    }
    const { bytes, start, length } = dataplane.output;
    this.counters.sent += 1;
    this.#outputs.send(port, bytes, start, length);
  }

  #recirculate(listId: number): void {
    const dataplane = this.#dataplane;
    dataplane.deparse();
    const list = this.program.fieldLists.get(listId);
    const { bytes, start, length } = dataplane.output;
    this.#return({
      bytes: bytes.slice(start, start + length),
      instanceType: instanceType.recirculated,
      list,
      values: readList(list, this.#dataplane),
    });
  }

  #return(packet: ReturningPacket): void {
    if (this.#returning.length >= inputBufferSize) this.counters.inputDrops += 1;
    else this.#returning.push(packet);
  }

  #digest(listId: number): void {
    const list = this.program.learnLists.get(listId);
    if (list === undefined) return;
    const fields = list.elements.map((field) =>
      numberToBytes(this.#dataplane.readField(field), Math.ceil(field.type.width / 8)),
    );
    this.learning.add(listId, Buffer.concat(fields), this.#now);
  }

  /** Count and say a fault of the packet; anything else is a fault of ours. */
  #fault(error: unknown): void {
    if (!(error instanceof PacketFault)) throw error;
    const { faults } = this.counters;
    faults.set(error.reason, (faults.get(error.reason) ?? 0) + 1);
    this.#outputs.log?.("error", `packet dropped: ${error.reason}`);
  }
}
