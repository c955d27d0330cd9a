import type { LearnList } from "../format/program.ts";
import { ControlError } from "../state/control-error.ts";

/** Samples of one learn list, for whoever learns from them. */
export interface LearnNotification {
  readonly kind: "learn";
  readonly listId: number;
  readonly bufferId: number;
  /** Each the bytes of the list's fields, one after the other, each field in whole bytes. */
  readonly samples: readonly Uint8Array[];
}

interface ListState {
  samples: Uint8Array[];
  bufferId: number;
  /** Samples that were not acknowledged yet: the same again is not reported. */
  readonly known: Set<string>;
  readonly sent: Map<number, readonly string[]>;
  timeoutMs: number;
  maxSamples: number;
  /** When what is collected is sent at the latest, microseconds. */
  deadline: number;
}

const defaultTimeoutMs = 1000;
const defaultSamples = 16;

/** Collects digests and sends them in buffers. */
export class Learning {
  readonly #lists: ReadonlyMap<number, ListState>;
  readonly #notify: (notification: LearnNotification) => void;

  constructor(lists: Iterable<LearnList>, notify: (notification: LearnNotification) => void) {
    this.#lists = new Map(Array.from(lists, ({ id }) => [id, emptyList()]));
    this.#notify = notify;
  }

  /** When something must be sent, microseconds; infinity if nothing is collected. */
  get deadline(): number {
    let earliest = Infinity;
    for (const { deadline } of this.#lists.values()) earliest = Math.min(earliest, deadline);
    return earliest;
  }

  add(listId: number, sample: Uint8Array, now: number): void {
    const list = this.#lists.get(listId);
    if (list === undefined) return;
    const name = nameOf(sample);
    if (list.known.has(name)) return;
    list.known.add(name);
    list.samples.push(sample);
    if (list.samples.length === 1 && list.timeoutMs > 0) list.deadline = now + list.timeoutMs * 1000;
    if (list.samples.length >= list.maxSamples) this.#send(listId, list);
  }

  /** Send what has waited long enough. */
  advance(now: number): void {
    for (const [id, list] of this.#lists) if (list.deadline <= now) this.#send(id, list);
  }

  acknowledgeBuffer(listId: number, bufferId: number): void {
    const list = this.#list(listId);
    for (const name of list.sent.get(bufferId) ?? []) list.known.delete(name);
    list.sent.delete(bufferId);
  }

  acknowledge(listId: number, bufferId: number, samples: readonly number[]): void {
    const list = this.#list(listId);
    const sent = list.sent.get(bufferId);
    for (const at of samples) {
      const name = sent?.[at];
      if (name !== undefined) list.known.delete(name);
    }
  }

  /** Milliseconds; 0: no limit. */
  setTimeout(listId: number, timeoutMs: number): void {
    const list = this.#list(listId);
    list.timeoutMs = timeoutMs;
    if (timeoutMs === 0) list.deadline = Infinity;
  }

  setBufferSize(listId: number, samples: number): void {
    this.#list(listId).maxSamples = Math.max(1, samples);
  }

  clear(): void {
    for (const list of this.#lists.values()) {
      list.samples = [];
      list.known.clear();
      list.sent.clear();
      list.deadline = Infinity;
    }
  }

  #send(listId: number, list: ListState): void {
    const { samples, bufferId } = list;
    list.sent.set(bufferId, samples.map(nameOf));
    list.samples = [];
    list.deadline = Infinity;
    list.bufferId += 1;
    this.#notify({ kind: "learn", listId, bufferId, samples });
  }

  #list(listId: number): ListState {
    const list = this.#lists.get(listId);
    if (list === undefined) throw new ControlError("learning", "INVALID_LIST_ID");
    return list;
  }
}

function emptyList(): ListState {
  return {
    samples: [],
    bufferId: 0,
    known: new Set(),
    sent: new Map(),
    timeoutMs: defaultTimeoutMs,
    maxSamples: defaultSamples,
    deadline: Infinity,
  };
}

function nameOf(sample: Uint8Array): string {
  return Buffer.from(sample.buffer, sample.byteOffset, sample.length).toString("latin1");
}
