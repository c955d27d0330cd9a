import type { Output } from "./input-output.ts";

/**
 * The first moments of a router (graceful restart, after RFC 4724): what an earlier run left in the forwarding table goes on
 * forwarding until each neighbour has told what it knows, or a grace time has passed. Until then nobody who asks is told all
 * that this router knows, since that is too little and would be taken for everything.
 */
export class Restart {
  readonly #outputs: Output[];
  readonly #graceMs: number;
  readonly #settled = new Set<string>();
  readonly #awaited = new Set<string>();
  #endsAt: number | undefined;
  #over = false;

  /** @param outputs where it says what is settled */
  constructor(outputs: Output[], graceMs: number) {
    this.#outputs = outputs;
    this.#graceMs = graceMs;
  }

  /** Whether neighbours are still to be waited for, because an earlier run had routes by them. */
  get isWaiting(): boolean {
    return !this.#over && this.#awaited.size > 0;
  }

  /** When the grace time ends; infinite once it has. */
  get endsAt(): number {
    return this.#over ? Number.POSITIVE_INFINITY : (this.#endsAt ?? Number.POSITIVE_INFINITY);
  }

  found(links: readonly string[]): void {
    for (const link of links) if (!this.#settled.has(link)) this.#awaited.add(link);
  }

  /** What the neighbour of a link knows has been heard, or it is gone. */
  settle(link: string): void {
    if (this.#over || this.#settled.has(link)) return;
    this.#settled.add(link);
    this.#awaited.delete(link);
    this.#outputs.push({ kind: "settled", link });
  }

  /** Time passes; it counts from the first call. */
  pass(now: number): void {
    this.#endsAt ??= now + this.#graceMs;
    if (this.#over || now < this.#endsAt) return;
    this.#over = true;
    this.#outputs.push({ kind: "settled", link: undefined });
  }
}
