import { batchSize, type FrameTaker, openPacketSocket, type PacketSocket } from "../../netdev/packet-socket.ts";

/** Batches taken in a row before others get their turn. */
const batchesPerTurn = 4;

/** Our end of the wire to the switch's port 0. */
export class CpuPort implements Disposable {
  readonly #socket: PacketSocket;
  #isClosed = false;

  /** `take` gets each frame, `batchEnd` is called after those that came together. Throws when there is no such interface. */
  constructor(interfaceName: string, take: FrameTaker, batchEnd: () => void) {
    const socket = openPacketSocket(interfaceName);
    this.#socket = socket;
    socket.watch(() => {
      for (let batch = 0; batch < batchesPerTurn && !this.#isClosed; batch += 1) {
        const count = socket.receive(take);
        if (count > 0) batchEnd();
        if (count < batchSize) return;
      }
    });
  }

  /** Frames that the interface did not take. */
  get sendDrops(): number {
    return this.#socket.sendDrops;
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    this.#socket.send(bytes, start, length);
  }

  flush(): void {
    this.#socket.flush();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#socket[Symbol.dispose]();
  }
}
