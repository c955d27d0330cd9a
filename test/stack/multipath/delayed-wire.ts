import { batchSize, openPacketSocket, type PacketSocket } from "../../../src/netdev/packet-socket.ts";

/** More than a round of datagrams, which may all come before this program is given the processor. */
const waiting = 1024;

/** A wire between two interfaces, carried by this program: what it delays or drops goes from `near` to `far`. */
export class DelayedWire implements Disposable {
  /** Milliseconds. */
  delayMs = 0;
  cut = false;
  /** UDP datagrams that entered at `near`. */
  datagrams = 0;
  onDatagram: () => void = () => undefined;
  readonly #near: PacketSocket;
  readonly #far: PacketSocket;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(near: string, far: string) {
    this.#near = openPacketSocket(near, { waiting });
    this.#far = openPacketSocket(far, { waiting });
    this.#carry(this.#near, (frame) => {
      this.#fromNear(frame);
    });
    this.#carry(this.#far, (frame) => {
      send(this.#near, frame);
    });
  }

  #carry(from: PacketSocket, take: (frame: Buffer) => void): void {
    from.watch(() => {
      for (;;) {
        const count = from.receive((bytes, start, length) => {
          take(Buffer.from(bytes.subarray(start, start + length)));
        });
        if (count < batchSize) return;
      }
    });
  }

  #fromNear(frame: Buffer): void {
    if (frame.readUInt16BE(12) === 0x86dd && frame[20] === 17) {
      this.datagrams += 1;
      this.onDatagram();
    }
    if (this.cut) return;
    if (this.delayMs === 0) {
      send(this.#far, frame);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send(this.#far, frame);
    }, this.delayMs);
    this.#timers.add(timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#near[Symbol.dispose]();
    this.#far[Symbol.dispose]();
  }
}

function send(to: PacketSocket, frame: Buffer): void {
  to.send(frame, 0, frame.length);
  to.flush();
}
