import { errnoName, libc, MSG_DONTWAIT, SO_RCVBUF, SOL_SOCKET } from "./libc.ts";
import { NetlinkQueue } from "./netlink-queue.ts";
import { NetlinkError } from "./netlink-error.ts";
import { controlType, type NetlinkMessage, parseRefusal } from "./netlink-message.ts";

/** A conversation with the kernel about its network configuration (rtnetlink(7)). Never blocks. */
export interface NetlinkSocket extends Disposable {
  /**
   * Send a request; resolves with what was answered before the acknowledgement (for most requests nothing), rejects with
   * a {@link NetlinkError}. The message's sequence number is written into it.
   */
  request(message: Buffer): Promise<readonly NetlinkMessage[]>;
  /**
   * Send a request for a list; resolves with all of it. A list that changed while it was told is asked for again. Of several
   * calls one is told at a time.
   */
  dump(message: Buffer): Promise<readonly NetlinkMessage[]>;
}

/** Who wants to hear of changes. */
export interface NetlinkListener {
  readonly message: (message: NetlinkMessage) => void;
  /** Messages were lost: what is known must be compared with a dump. */
  readonly lost: () => void;
}

/** What can be watched; addresses and routes of both families. */
export type NetlinkGroup = "links" | "addresses" | "neighbours" | "routes" | "nexthops";

const groups: Readonly<Record<NetlinkGroup, readonly number[]>> = {
  links: [1],
  neighbours: [3],
  addresses: [5, 9],
  routes: [7, 11],
  nexthops: [32],
};

const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const NLM_F_ACK = 0x4;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_DUMP = 0x300;
const dumpAttempts = 16;
const watchBufferBytes = 1024 * 1024;

/** Open a socket in this process's network namespace. Throws an Error with the call and the name of its errno. */
export function openNetlinkSocket(): NetlinkSocket {
  return new NativeNetlinkSocket();
}

/**
 * Hear of all changes of a kind until disposed of. A socket of its own, so that many changes do not crowd out answers.
 *
 * @param options `receiveBufferBytes`: what the kernel keeps for a listener that is busy; beyond it messages are lost
 */
export function watchNetlink(
  watched: readonly NetlinkGroup[],
  listener: NetlinkListener,
  { receiveBufferBytes = watchBufferBytes }: { readonly receiveBufferBytes?: number } = {},
): Disposable {
  const queue = new NetlinkQueue(
    (messages) => {
      for (const message of messages) listener.message(message);
    },
    () => {
      listener.lost();
    },
  );
  try {
    queue.setOption("SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
    for (const group of watched.flatMap((name) => groups[name])) {
      queue.setOption("NETLINK_ADD_MEMBERSHIP", SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    }
  } catch (error) {
    queue[Symbol.dispose]();
    throw error;
  }
  return queue;
}

interface Pending {
  readonly step: string;
  readonly answers: NetlinkMessage[];
  interrupted: boolean;
  readonly resolve: (interrupted: boolean) => void;
  readonly reject: (error: Error) => void;
}

class NativeNetlinkSocket implements NetlinkSocket {
  readonly #pending = new Map<number, Pending>();
  readonly #queue: NetlinkQueue;
  #sequence = 0;
  #lastDump: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#queue = new NetlinkQueue(
      (messages) => {
        this.#take(messages);
      },
      () => {
        this.#failAll("answers of the kernel were lost");
      },
    );
    // Only what is being waited for keeps a program running.
    this.#queue.poll.unref();
    this.#queue.setOption("NETLINK_CAP_ACK", SOL_NETLINK, NETLINK_CAP_ACK, 1);
    this.#queue.setOption("NETLINK_EXT_ACK", SOL_NETLINK, NETLINK_EXT_ACK, 1);
    this.#queue.setOption("NETLINK_GET_STRICT_CHK", SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  }

  async request(message: Buffer): Promise<readonly NetlinkMessage[]> {
    const { answers } = await this.#ask(message);
    return answers;
  }

  dump(message: Buffer): Promise<readonly NetlinkMessage[]> {
    // The kernel refuses a second one (EBUSY).
    const next = this.#lastDump.then(() => this.#dump(message));
    this.#lastDump = next.catch(() => undefined);
    return next;
  }

  async #dump(message: Buffer): Promise<readonly NetlinkMessage[]> {
    message.writeUInt16LE((message.readUInt16LE(6) & ~NLM_F_ACK) | NLM_F_DUMP, 6);
    for (let attempt = 0; attempt < dumpAttempts; attempt += 1) {
      const { answers, interrupted } = await this.#ask(message);
      if (!interrupted) return answers;
    }
    const explanation = `the list changed each of ${dumpAttempts} times it was told`;
    throw new NetlinkError(stepOf(message), { code: "EINTR", explanation });
  }

  async #ask(message: Buffer): Promise<Pick<Pending, "answers" | "interrupted">> {
    const step = stepOf(message);
    if (this.#queue.closed) throw new Error(`${step}: the netlink socket is closed`);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.#sequence = (this.#sequence % 0xffff_ffff) + 1;
    const sequence = this.#sequence;
    message.writeUInt32LE(sequence, 8);
    // The kernel handles a request within the call, and its answers wait in the socket afterwards.
    if (Number(libc.send(this.#queue.fd, message, message.length, MSG_DONTWAIT)) < 0) {
      throw new Error(`${step}: send: ${errnoName()}`);
    }
    const answers: NetlinkMessage[] = [];
    this.#pending.set(sequence, { step, answers, interrupted: false, resolve, reject });
    this.#queue.poll.ref();
    this.#queue.drain();
    return { answers, interrupted: await promise };
  }

  #take(messages: readonly NetlinkMessage[]): void {
    for (const message of messages) {
      const pending = this.#pending.get(message.sequence);
      if (pending === undefined) continue;
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) pending.interrupted = true;
      if (message.type !== controlType.error && message.type !== controlType.done) {
        if (message.type > controlType.overrun) pending.answers.push(message);
        continue;
      }
      this.#forget(message.sequence);
      const refusal = parseRefusal(message);
      if (refusal === undefined) pending.resolve(pending.interrupted);
      else pending.reject(new NetlinkError(pending.step, refusal));
    }
  }

  #forget(sequence: number): void {
    this.#pending.delete(sequence);
    if (this.#pending.size === 0 && !this.#queue.closed) this.#queue.poll.unref();
  }

  #failAll(why: string): void {
    for (const [sequence, { step, reject }] of this.#pending) {
      this.#forget(sequence);
      reject(new Error(`${step}: ${why}`));
    }
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
    this.#failAll("the netlink socket was closed");
  }
}

const objects = ["LINK", "ADDR", "ROUTE", "NEIGH"] as const;
const verbs = ["NEW", "DEL", "GET", "SET"] as const;
const RTM_NEWNEXTHOP = 104;

/** The name of a request as the manuals have it: RTM_NEWROUTE. */
function stepOf(message: Buffer): string {
  const type = message.readUInt16LE(4);
  const verb = verbs[type & 3] ?? "";
  const object = type >= RTM_NEWNEXTHOP && type < RTM_NEWNEXTHOP + 4 ? "NEXTHOP" : objects[(type >> 2) - 4];
  return object === undefined ? `rtnetlink request ${type}` : `RTM_${verb}${object}`;
}
