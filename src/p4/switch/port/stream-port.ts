import { connect, type Socket } from "node:net";
import type { Port, PortEvents, PortOpener } from "./port.ts";

/** Bytes of the length before each frame, big-endian: the framing of QEMU's stream sockets. */
const prefixBytes = 4;
const longestFrame = 65_550;
/** Frames for a peer that does not read are dropped beyond this many bytes. */
const longestBacklog = 4 * 1024 * 1024;

/** A port on a UNIX stream socket that somebody listens on, such as the end of a wire of a testbed. */
export function streamPort(path: string): PortOpener {
  return async (events) => {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new StreamPort(path, socket, events);
  };
}

/** A port on a connected stream: each frame behind its length. */
export class StreamPort implements Port {
  readonly name: string;
  readonly #socket: Socket;
  readonly #events: PortEvents;
  #received: Buffer = Buffer.alloc(0);
  #up = true;
  #dropped = 0;

  constructor(name: string, socket: Socket, events: PortEvents) {
    this.name = name;
    this.#socket = socket;
    this.#events = events;
    socket.on("data", (chunk: Buffer) => {
      this.#take(chunk);
    });
    socket.on("error", () => {
      socket.destroy();
    });
    socket.on("close", () => {
      this.#up = false;
      events.end?.();
    });
  }

  get up(): boolean {
    return this.#up;
  }

  /** Frames that were not sent because the other end did not read. */
  get dropped(): number {
    return this.#dropped;
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    if (!this.#up || this.#socket.writableLength > longestBacklog) {
      this.#dropped += 1;
      return;
    }
    const framed = Buffer.allocUnsafe(prefixBytes + length);
    framed.writeUInt32BE(length, 0);
    framed.set(bytes.subarray(start, start + length), prefixBytes);
    // Frames of one turn leave in one write.
    if (this.#socket.writableCorked === 0) this.#socket.cork();
    this.#socket.write(framed);
  }

  flush(): void {
    this.#socket.uncork();
  }

  close(): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let at = 0;
    while (at + prefixBytes <= bytes.length) {
      const length = bytes.readUInt32BE(at);
      if (length > longestFrame) {
        // The other end lost the framing; there is no way to find it again.
        this.#socket.destroy();
        return;
      }
      if (at + prefixBytes + length > bytes.length) break;
      this.#events.packet(bytes, at + prefixBytes, length);
      at += prefixBytes + length;
    }
    this.#received = bytes.subarray(at);
    this.#events.batchEnd();
  }
}
