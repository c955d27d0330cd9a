import koffi from "koffi";
import {
  check,
  errno,
  integer,
  libc,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NativeMemory,
  type PollHandle,
  SOCK_NONBLOCK_CLOEXEC,
  SOCK_RAW,
} from "./libc.ts";
import { type NetlinkMessage, parseNetlinkMessages } from "./netlink-message.ts";

const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
/** The kernel's datagrams are at most this long (it makes those of dumps no longer than the buffer they are read into). */
const datagramBytes = 64 * 1024;
const addressBytes = 12;
/** Datagrams taken in a row before others get their turn. */
const datagramsPerTurn = 32;

/** A bound netlink socket (rtnetlink) whose datagrams are handed on as messages, from the event loop. */
export class NetlinkQueue implements Disposable {
  readonly fd: number;
  readonly poll: PollHandle;
  readonly #memory: NativeMemory;
  readonly #take: (messages: readonly NetlinkMessage[]) => void;
  readonly #lost: () => void;
  #closed = false;

  /** `lost` is called when messages were lost. Throws an Error with the call and the name of its errno. */
  constructor(take: (messages: readonly NetlinkMessage[]) => void, lost: () => void) {
    this.#take = take;
    this.#lost = lost;
    this.fd = check("socket", libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, NETLINK_ROUTE));
    try {
      const address = Buffer.alloc(addressBytes);
      address.writeUInt16LE(AF_NETLINK, 0);
      check("bind", libc.bind(this.fd, address, address.length));
    } catch (error) {
      libc.close(this.fd);
      throw error;
    }
    this.#memory = new NativeMemory(datagramBytes + 2 * addressBytes);
    this.poll = koffi.node.poll(this.fd, { readable: true }, () => {
      this.drain();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  setOption(name: string, level: number, option: number, value: number): void {
    check(name, libc.setsockopt(this.fd, level, option, integer(value), 4));
  }

  /** Hand on what has arrived, up to a bound; for the rest the event loop calls again. */
  drain(): void {
    for (let count = 0; count < datagramsPerTurn && !this.#closed; count += 1) {
      const length = this.#receive();
      if (length === 0) return;
      if (length < 0 || length > datagramBytes) this.#lost();
      else this.#take(parseNetlinkMessages(Buffer.from(this.#memory.bytes.subarray(0, length))));
    }
  }

  /** Bytes received, 0 if there are none, -1 if some were lost. */
  #receive(): number {
    const { address: memory, view } = this.#memory;
    const sender = memory + BigInt(datagramBytes);
    for (;;) {
      view.setUint32(datagramBytes + addressBytes, addressBytes, true);
      const length = Number(
        libc.recvfrom(this.fd, memory, datagramBytes, MSG_DONTWAIT | MSG_TRUNC, sender, sender + BigInt(addressBytes)),
      );
      if (length < 0) {
        const reason = koffi.errno();
        if (reason === errno.interrupted) continue;
        return reason === errno.noBuffers ? -1 : 0;
      }
      // Other programs may write to this socket too; the kernel's number is 0.
      if (length > 0 && view.getUint32(datagramBytes + 4, true) === 0) return length;
    }
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.poll.close();
    libc.close(this.fd);
    this.#memory[Symbol.dispose]();
  }
}
