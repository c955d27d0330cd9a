import type { Span } from "../compiler/diagnostics/source-file.ts";
import { SwitchControl } from "../switch/control/switch-control.ts";
import type { EngineOptions } from "../switch/engine/contract.ts";
import type { Program } from "../switch/format/program.ts";

/** A packet that the switch sent. */
export interface SentPacket {
  readonly port: number;
  readonly bytes: Uint8Array;
  /** The statement during which it left. */
  readonly cause: Span | undefined;
}

/** Between two packets, microseconds. */
const packetInterval = 1000;
/** Steps without time passing after which packets count as going round for ever. */
const patience = 16;

/** A switch with ports in memory and a clock that only a test moves. */
export class TestSwitch {
  readonly control: SwitchControl;
  readonly sent: SentPacket[] = [];
  /** Samples by learn list, in the order of their coming. */
  readonly digests = new Map<number, Uint8Array[]>();
  /** What the switch had to say, and what was read of it. */
  readonly notes: string[] = [];
  #now = 0;
  #cause: Span | undefined;

  constructor(program: Program, options: EngineOptions) {
    this.control = new SwitchControl(
      program,
      {
        send: (port, bytes, start, length) => {
          this.sent.push({ port, bytes: bytes.slice(start, start + length), cause: this.#cause });
        },
        notify: (notification) => {
          if (notification.kind !== "learn") return;
          const known = this.digests.get(notification.listId) ?? [];
          this.digests.set(notification.listId, [...known, ...notification.samples]);
        },
        log: (level, text) => {
          const line = this.#cause?.file.position(this.#cause.start).line;
          this.notes.push(`${level}${line === undefined ? "" : ` (line ${line})`}: ${text}`);
        },
      },
      { ...options, clock: () => this.#now },
    );
  }

  /** A packet comes in, and a moment passes. */
  receive(port: number, bytes: Uint8Array, cause: Span): void {
    this.#cause = cause;
    this.control.engine.receive(port, bytes, 0, bytes.length, this.#now);
    this.advance(packetInterval);
  }

  /** Let time pass, microseconds; all that is due happens when it is. */
  advance(microseconds: number): void {
    const { engine } = this.control;
    const end = this.#now + microseconds;
    for (let standing = 0; engine.deadline <= end && standing < patience;) {
      const due = Math.max(this.#now, engine.deadline);
      standing = due > this.#now ? 0 : standing + 1;
      this.#now = due;
      engine.advance(due);
    }
    this.#now = end;
  }
}
