import { type Dataplane, type DataplaneLog, standard } from "../dataplane.ts";
import type { FieldList } from "../format/program.ts";
import type { SharedParts } from "./contract.ts";
import { instanceType } from "./instance-type.ts";
import { readList, writeList } from "./kept-fields.ts";
import type { MirroringSession } from "./mirroring.ts";

/** Copies of packets on their way to egress, by clone session or multicast group. */
export class Copies {
  readonly #dataplane: Dataplane;
  readonly #fieldLists: ReadonlyMap<number, FieldList>;
  readonly #parts: SharedParts;
  readonly #log: DataplaneLog;

  constructor(dataplane: Dataplane, fieldLists: ReadonlyMap<number, FieldList>, parts: SharedParts, log: DataplaneLog) {
    this.#dataplane = dataplane;
    this.#fieldLists = fieldLists;
    this.#parts = parts;
    this.#log = log;
  }

  /** A copy of the packet as it came, parsed anew. */
  cloneIngress(port: number, bytes: Uint8Array, start: number, length: number, now: number): void {
    const dataplane = this.#dataplane;
    const { intents } = dataplane;
    const session = this.#parts.mirroring.find(intents.cloneIngressSession);
    const list = this.#fieldLists.get(intents.cloneIngressList);
    intents.cloneIngressSession = -1;
    intents.cloneIngressList = 0;
    if (session === undefined) return;
    const values = readList(list, dataplane);
    const original = dataplane.save();
    dataplane.begin(bytes, start, length);
    dataplane.setStandard(standard.ingressPort, port);
    dataplane.parse();
    dataplane.clearMetadata();
    writeList(list, values, dataplane);
    dataplane.setStandard(standard.instanceType, instanceType.ingressClone);
    this.#sendCopies(session, now);
    dataplane.restore(original);
  }

  /** A copy of the packet as it is at the end of egress. */
  cloneEgress(now: number): void {
    const dataplane = this.#dataplane;
    const { intents } = dataplane;
    const session = this.#parts.mirroring.find(intents.cloneEgressSession);
    const list = this.#fieldLists.get(intents.cloneEgressList);
    intents.cloneEgressSession = -1;
    intents.cloneEgressList = 0;
    if (session === undefined) return;
    const values = readList(list, dataplane);
    const original = dataplane.save();
    dataplane.clearMetadata();
    dataplane.intents.recirculateList = 0;
    writeList(list, values, dataplane);
    dataplane.setStandard(standard.instanceType, instanceType.egressClone);
    this.#sendCopies(session, now);
    dataplane.restore(original);
  }

  #sendCopies({ port, group }: MirroringSession, now: number): void {
    if (group !== undefined) this.replicate(group, now);
    if (port !== undefined) this.#queueCopy(port, now);
  }

  /** Copies of what the data plane holds now, for the ports of a multicast group. */
  replicate(group: number, now: number): void {
    const copies = this.#parts.multicast.copies(group);
    if (copies === undefined) {
      this.#parts.counters.unknownGroups += 1;
      this.#log("warn", `Replication requested for mgid ${group}, which is not known to the PRE`);
      return;
    }
    for (const { rid, port } of copies) {
      this.#dataplane.setStandard(standard.egressRid, rid);
      this.#queueCopy(port, now);
    }
  }

  /** Queue what the data plane holds now. */
  #queueCopy(port: number, now: number): void {
    const priority = this.admit(port, now);
    if (priority >= 0) this.#parts.queues.push(port, priority, this.#dataplane.save(), now);
  }

  /** Set the metadata of the queue; returns the packet's priority, or -1 if it must be dropped. */
  admit(port: number, now: number): number {
    const dataplane = this.#dataplane;
    const priority = dataplane.getStandard(standard.priority);
    const { queues, counters } = this.#parts;
    if (priority >= queues.priorities) {
      counters.queueDrops += 1;
      this.#log("error", `Priority out of range, dropping packet: ${priority}`);
      return -1;
    }
    if (queues.length > 0 && !queues.hasRoom(port, priority)) {
      counters.queueDrops += 1;
      return -1;
    }
    dataplane.setStandard(standard.enqueueTimestamp, now);
    dataplane.setStandard(standard.enqueueDepth, queues.length === 0 ? 0 : queues.depthOf(port));
    return priority;
  }
}
