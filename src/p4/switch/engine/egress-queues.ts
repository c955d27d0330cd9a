/** A packet that waits for its egress pipeline. */
export interface QueuedPacket {
  readonly port: number;
  readonly priority: number;
  /** Its headers, metadata and payload, as the data plane saved them. */
  readonly snapshot: unknown;
  /** Microseconds. */
  readonly enqueuedAt: number;
  /** It may leave at this time, microseconds. */
  readonly departsAt: number;
}

interface Queue {
  /** Most packets, 0: no limit. */
  depth: number;
  /** Packets per second, 0: no limit. */
  rate: number;
  lastDeparture: number;
  readonly packets: QueuedPacket[];
}

const defaultDepth = 64;

/** Queues before egress: for each port one a priority, the highest served first, tail drop. */
export class EgressQueues {
  readonly priorities: number;
  readonly #ports = new Map<number, Queue[]>();
  #defaultDepth = defaultDepth;
  #defaultRate = 0;
  #length = 0;
  #limited = false;

  /** `priorities` queues a port. */
  constructor(priorities: number) {
    this.priorities = priorities;
  }

  /** Packets waiting, on all ports. */
  get length(): number {
    return this.#length;
  }

  /** Whether any queue has, or had, a rate: then packets may have to wait although nothing else does. */
  get limited(): boolean {
    return this.#limited;
  }

  /** Packets waiting for a port. */
  depthOf(port: number): number {
    return this.#ports.get(port)?.reduce((sum, { packets }) => sum + packets.length, 0) ?? 0;
  }

  /** Whether a packet that comes now would be served at once. */
  isOpen(port: number, priority: number, now: number): boolean {
    const queue = this.#queue(port, priority);
    return this.depthOf(port) === 0 && (queue.rate === 0 || queue.lastDeparture + 1e6 / queue.rate <= now);
  }

  /** Note that a packet was served without being queued. */
  passed(port: number, priority: number, now: number): void {
    this.#queue(port, priority).lastDeparture = now;
  }

  /** Whether there is room for one more packet. */
  hasRoom(port: number, priority: number): boolean {
    const { depth, packets } = this.#queue(port, priority);
    return depth === 0 || packets.length < depth;
  }

  push(port: number, priority: number, snapshot: unknown, now: number): void {
    const queue = this.#queue(port, priority);
    const departsAt = queue.rate === 0 ? now : Math.max(now, queue.lastDeparture + 1e6 / queue.rate);
    queue.lastDeparture = departsAt;
    queue.packets.push({ port, priority, snapshot, enqueuedAt: now, departsAt });
    this.#length += 1;
  }

  /** The next packet that may leave at `now`, taken out. */
  shift(now: number): QueuedPacket | undefined {
    for (const queues of this.#ports.values()) {
      for (let priority = queues.length - 1; priority >= 0; priority -= 1) {
        const queue = queues[priority];
        const first = queue?.packets[0];
        if (queue === undefined || first === undefined || first.departsAt > now) continue;
        queue.packets.shift();
        this.#length -= 1;
        return first;
      }
    }
    return undefined;
  }

  /** When the next packet may leave; infinity if none waits. */
  get nextDeparture(): number {
    let earliest = Infinity;
    for (const queues of this.#ports.values()) {
      for (const { packets } of queues) earliest = Math.min(earliest, packets[0]?.departsAt ?? Infinity);
    }
    return earliest;
  }

  /** Packets per queue; of one port, or of all and of ports to come. */
  setDepth(depth: number, port?: number, priority?: number): void {
    if (port === undefined) this.#defaultDepth = depth;
    for (const queue of this.#chosen(port, priority)) queue.depth = depth;
  }

  /** Packets per second; of one port, or of all and of ports to come. */
  setRate(rate: number, port?: number, priority?: number): void {
    if (port === undefined) this.#defaultRate = rate;
    if (rate > 0) this.#limited = true;
    for (const queue of this.#chosen(port, priority)) queue.rate = rate;
  }

  #chosen(port: number | undefined, priority: number | undefined): readonly Queue[] {
    if (port === undefined) return [...this.#ports.values()].flat();
    return priority === undefined ? this.#portQueues(port) : [this.#queue(port, priority)];
  }

  #queue(port: number, priority: number): Queue {
    const queue = this.#portQueues(port)[priority];
    if (queue === undefined) throw new RangeError(`expected a priority below ${this.priorities}, found ${priority}`);
    return queue;
  }

  #portQueues(port: number): Queue[] {
    let queues = this.#ports.get(port);
    if (queues === undefined) {
      queues = Array.from({ length: this.priorities }, () => ({
        depth: this.#defaultDepth,
        rate: this.#defaultRate,
        lastDeparture: -Infinity,
        packets: [],
      }));
      this.#ports.set(port, queues);
    }
    return queues;
  }
}
