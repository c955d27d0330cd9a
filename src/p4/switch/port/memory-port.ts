import type { Port, PortEvents } from "./port.ts";

/** A port of a switch that is driven by the program around it. */
export class MemoryPort implements Port {
  readonly name: string;
  readonly up = true;
  /** What left, oldest first. */
  readonly sent: Uint8Array[] = [];
  readonly #events: PortEvents;

  constructor(name: string, events: PortEvents) {
    this.name = name;
    this.#events = events;
  }

  /** A packet comes in. */
  receive(packet: Uint8Array): void {
    this.#events.packet(packet, 0, packet.length);
    this.#events.batchEnd();
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    this.sent.push(bytes.slice(start, start + length));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
