/** A guest's frame that waits for the agent. */
export interface AgentFrame {
  readonly port: string;
  readonly service: ServiceName;
  /** From the Ethernet header on; a copy. */
  readonly bytes: Uint8Array;
}

/** Services that the agent gives guests under addresses of their own. */
export type ServiceName = "dns" | "metadata";

/** Frames that wait for the agent at most. */
const standardDepth = 256;

/** Frames of all ports that wait for the agent: bounded, so that a flood costs its sender and nobody else. */
export class AgentQueue {
  readonly #frames: AgentFrame[] = [];
  readonly #depth: number;
  /** Told when the queue is no longer empty. */
  onFrame: (() => void) | undefined = undefined;

  constructor(depth = standardDepth) {
    this.#depth = depth;
  }

  get length(): number {
    return this.#frames.length;
  }

  /** False if there is no room. */
  push(port: string, service: ServiceName, bytes: Uint8Array): boolean {
    if (this.#frames.length >= this.#depth) return false;
    this.#frames.push({ port, service, bytes: bytes.slice() });
    if (this.#frames.length === 1) this.onFrame?.();
    return true;
  }

  /** Everything that waits, the oldest first. */
  take(): readonly AgentFrame[] {
    return this.#frames.splice(0);
  }
}
