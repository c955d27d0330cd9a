import { formatLog, operate } from "../arithmetic.ts";
import { type DataplaneLog, Intents, packetFaults, type PacketFault, stepLimit } from "../dataplane.ts";
import type { BoundAction } from "../state/bound-action.ts";
import { readWords } from "../state/key.ts";
import type { SwitchState } from "../state/switch-state.ts";
import type { Outcome } from "../state/entry.ts";
import type { Layout } from "./layout.ts";
import { Packer } from "./packer.ts";

/** Longest packet that a compiled program takes, bytes. */
export const longestPacket = 0x1_0000;

/** What generated code works on and calls; the one-letter names are those in the code. */
export class Runtime {
  readonly faults = packetFaults;
  readonly stepLimit = stepLimit;
  readonly operate = operate;
  readonly state: SwitchState;
  /** Words of fields, and the next indexes of stacks. */
  readonly F: Uint32Array;
  /** Validity of headers: 1 or 0. */
  readonly V: Uint8Array;
  /** Bytes of variable fields. */
  readonly B: Uint8Array;
  /** The packet: room for headers to grow, then the packet as it came. */
  readonly P: Uint8Array;
  readonly D: DataView;
  readonly headroom: number;
  /** Scratch for the input of a calculation. */
  readonly S: Uint8Array;
  readonly SD: DataView;
  /** Result of a calculation: high and low 32 bits. */
  readonly R = new Uint32Array(2);
  /** The parameters of an action without any. */
  readonly E = new Uint32Array(0);
  readonly H: SwitchState["hashes"];
  readonly I = new Intents();
  readonly packer: Packer;
  readonly #log: DataplaneLog;

  constructor(state: SwitchState, layout: Layout, log: DataplaneLog) {
    const { program } = state;
    this.state = state;
    this.#log = log;
    this.H = state.hashes;
    this.F = new Uint32Array(layout.words);
    this.V = new Uint8Array(layout.flags);
    this.B = new Uint8Array(layout.bytes);
    this.headroom = program.deparser.order.reduce((sum, { type }) => sum + type.maxBytes, 0);
    this.P = new Uint8Array(this.headroom + longestPacket);
    this.D = new DataView(this.P.buffer);
    const inputs = program.calculations.map(({ input }) =>
      input.reduce((sum, part) => {
        if (part.kind === "header") return sum + part.header.type.maxBytes;
        if (part.kind === "payload") return sum + longestPacket;
        return sum + 1 + (part.kind === "field" ? part.field.type.width : part.width) / 8;
      }, 8),
    );
    this.S = new Uint8Array(Math.ceil(Math.max(8, ...inputs)));
    this.SD = new DataView(this.S.buffer);
    this.packer = new Packer(this.S);
  }

  divisionFault(divisor: number): PacketFault {
    return packetFaults[divisor === 0 ? "division by zero" : "division of a negative number"];
  }

  /** Low 32 bits of a shift to the left. */
  shiftLeft(value: number, by: number): number {
    if (by < 0) throw packetFaults["negative shift"];
    return by > 31 ? 0 : value << by;
  }

  /** Arithmetic shift of a safe integer. */
  shiftRight(value: number, by: number): number {
    if (by < 0) throw packetFaults["negative shift"];
    if (by > 60) return value < 0 ? -1 : 0;
    return Math.floor(value / 2 ** by);
  }

  /** `count` words from `word` on, as one number. */
  big(word: number, count: number): bigint {
    return readWords(this.F, word, count);
  }

  /** A variable field as a number; `word` has its length in bits. */
  variable(word: number, byte: number): bigint {
    let value = 0n;
    const bytes = (this.F[word] ?? 0) >> 3;
    for (let at = 0; at < bytes; at += 1) value = (value << 8n) | BigInt(this.B[byte + at] ?? 0);
    return value;
  }

  copyVariable(targetWord: number, targetByte: number, sourceWord: number, sourceByte: number, most: number): void {
    const bits = this.F[sourceWord] ?? 0;
    const kept = Math.min(bits, most);
    this.F[targetWord] = kept;
    // Of a value that is too long, the low end is kept.
    const start = sourceByte + ((bits - kept) >> 3);
    this.B.copyWithin(targetByte, start, start + (kept >> 3));
  }

  sameWords(a: number, b: number, count: number): boolean {
    for (let at = 0; at < count; at += 1) if (this.F[a + at] !== this.F[b + at]) return false;
    return true;
  }

  sameBytes(a: number, b: number, count: number): boolean {
    for (let at = 0; at < count; at += 1) if (this.B[a + at] !== this.B[b + at]) return false;
    return true;
  }

  /** Move all elements of a stack up by `by` elements (down if negative); what is left free is invalid. */
  shiftStack(
    word: number,
    words: number,
    flag: number,
    flags: number,
    byte: number,
    bytes: number,
    size: number,
    next: number,
    by: number,
  ): void {
    const moved = Math.max(0, size - Math.abs(by));
    const from = by > 0 ? 0 : size - moved;
    const to = by > 0 ? size - moved : 0;
    const freed = by > 0 ? 0 : moved;
    const shift = (array: Uint32Array | Uint8Array, start: number, stride: number): void => {
      array.copyWithin(start + to * stride, start + from * stride, start + (from + moved) * stride);
      array.fill(0, start + freed * stride, start + (freed + size - moved) * stride);
    };
    shift(this.F, word, words);
    shift(this.V, flag, flags);
    shift(this.B, byte, bytes);
    this.F[next] = Math.max(0, Math.min(size, (this.F[next] ?? 0) + by));
  }

  /** The call behind a member or group; a group chooses by the hash in R. */
  chosen(outcome: Outcome | undefined, table: string): BoundAction | undefined {
    switch (outcome?.kind) {
      case undefined:
        return undefined;
      case "call":
        return outcome.call;
      case "member":
        return outcome.member.call;
      case "group": {
        const { members, handle } = outcome.group;
        if (members.length === 0) {
          this.#log("error", `${table}: group ${handle} is empty, no action is taken`);
          return undefined;
        }
        return members[this.remainder64(members.length)]?.call;
      }
    }
  }

  /** R modulo a divisor of at most 32 bits. */
  remainder64(divisor: number): number {
    const high = this.R[0] ?? 0;
    const low = this.R[1] ?? 0;
    if (high === 0) return low % divisor;
    return Number(((BigInt(high) << 32n) | BigInt(low)) % BigInt(divisor));
  }

  /** base + R modulo size, in 64 bits; a size of 0 counts as 1. */
  hashOffset(base: bigint, size: bigint): bigint {
    const divisor = BigInt.asUintN(64, size);
    const hash = readWords(this.R, 0, 2);
    return BigInt.asUintN(64, BigInt.asUintN(64, base) + (hash % (divisor === 0n ? 1n : divisor)));
  }

  emptyRange(low: bigint, high: bigint): void {
    this.#log("warn", `random number from ${low} to ${high}: the range is empty`);
  }

  outOfRange(name: string, index: number, size: number): void {
    this.#log("error", `${name}: index ${index} is out of range, there are ${size}`);
  }

  logMessage(format: string, values: readonly bigint[]): void {
    this.#log("info", formatLog(format, values));
  }

  failAssertion(words: string): never {
    this.#log("error", `Assertion failed: ${words}`);
    throw packetFaults["assertion failed"];
  }
}
