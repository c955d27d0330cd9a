import type { PacketTaker, Port, PortCaptures, PortOpener } from "./port.ts";

/** Sees what passes a port; packets are valid until it returns. */
export interface PortObserver {
  /** A packet came in. */
  readonly received: PacketTaker;
  /** A packet leaves. */
  readonly sent: PacketTaker;
  /** Where it records, if it does. */
  readonly captures?: PortCaptures;
  /** The port is closed. */
  close?(): Promise<void>;
}

/** The same port, seen by an observer that is made before it is opened. */
export function observedPort(open: PortOpener, observe: () => PortObserver): PortOpener {
  return async (events) => {
    const observer = observe();
    const packet: PacketTaker = (bytes, start, length) => {
      observer.received(bytes, start, length);
      events.packet(bytes, start, length);
    };
    try {
      return new ObservedPort(await open({ ...events, packet }), observer);
    } catch (error) {
      await observer.close?.();
      throw error;
    }
  };
}

class ObservedPort implements Port {
  readonly #port: Port;
  readonly #observer: PortObserver;

  constructor(port: Port, observer: PortObserver) {
    this.#port = port;
    this.#observer = observer;
  }

  get name(): string {
    return this.#port.name;
  }

  get up(): boolean {
    return this.#port.up;
  }

  get captures(): PortCaptures | undefined {
    return this.#observer.captures ?? this.#port.captures;
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    this.#observer.sent(bytes, start, length);
    this.#port.send(bytes, start, length);
  }

  flush(): void {
    this.#port.flush?.();
  }

  async close(): Promise<void> {
    await this.#port.close();
    await this.#observer.close?.();
  }
}
