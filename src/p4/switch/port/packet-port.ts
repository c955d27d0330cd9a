import {
  batchSize,
  forwardedFramesWaiting,
  openPacketSocket,
  type PacketSocket,
} from "../../../netdev/packet-socket.ts";
import type { Port, PortEvents, PortOpener } from "./port.ts";

/** Batches taken in a row before other ports and the control plane get their turn. */
const batchesPerTurn = 16;

/** A port on a network interface of this host. Opening fails with the system's error. */
export function packetPort(interfaceName: string): PortOpener {
  return (events) =>
    Promise.resolve().then(
      () => new PacketPort(interfaceName, openPacketSocket(interfaceName, { waiting: forwardedFramesWaiting }), events),
    );
}

class PacketPort implements Port {
  readonly name: string;
  readonly up = true;
  readonly #socket: PacketSocket;
  #closed = false;

  constructor(name: string, socket: PacketSocket, { packet, batchEnd }: PortEvents) {
    this.name = name;
    this.#socket = socket;
    socket.watch(() => {
      for (let batch = 0; batch < batchesPerTurn && !this.#closed; batch += 1) {
        const count = socket.receive(packet);
        if (count > 0) batchEnd();
        // A batch that is not full has emptied the socket; if more has come, the event loop tells.
        if (count < batchSize) return;
      }
    });
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    this.#socket.send(bytes, start, length);
  }

  flush(): void {
    this.#socket.flush();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#socket[Symbol.dispose]();
    return Promise.resolve();
  }
}
