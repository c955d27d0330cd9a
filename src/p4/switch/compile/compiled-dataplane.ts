import {
  type Dataplane,
  type DataplaneLog,
  Intents,
  standard,
  standardFieldNames,
  standardFields,
} from "../dataplane.ts";
import { fieldNumber, storedBits } from "../arithmetic.ts";
import type { Field } from "../format/program.ts";
import { readWords, wordCount, writeWords } from "../state/key.ts";
import type { SwitchState } from "../state/switch-state.ts";
import { type CompiledProgram, compileProgram } from "./compile.ts";
import { Layout } from "./layout.ts";
import { longestPacket, Runtime } from "./runtime.ts";

/** A packet of compiled code that waits. */
export interface CompiledSnapshot {
  readonly words: Uint32Array;
  readonly flags: Uint8Array;
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly intents: Intents;
}

/** Packets up to this length are copied byte by byte, which is faster than a call. */
const copiedByHand = 128;

/** Runs a program as JavaScript that was generated for it. */
export class CompiledDataplane implements Dataplane<CompiledSnapshot> {
  readonly output: { bytes: Uint8Array; start: number; length: number };
  readonly #runtime: Runtime;
  readonly #layout: Layout;
  readonly #compiled: CompiledProgram;
  readonly #metadataFlags: Uint8Array;
  /** First word of each standard field, or -1. */
  readonly #words = new Int32Array(standardFieldNames.length).fill(-1);
  readonly #widths = new Uint8Array(standardFieldNames.length);

  constructor(state: SwitchState, dropPort: number, log: DataplaneLog) {
    const { program } = state;
    this.#layout = new Layout(program);
    this.#runtime = new Runtime(state, this.#layout, log);
    this.#compiled = compileProgram(program, this.#layout, dropPort, this.#runtime);
    this.#metadataFlags = new Uint8Array(this.#layout.flags);
    for (const header of program.headers) {
      if (header.metadata) this.#metadataFlags[this.#layout.header(header).flag] = 1;
    }
    for (const [number, field] of standardFields(program).entries()) {
      if (field === undefined) continue;
      this.#words[number] = this.#wordOf(field);
      this.#widths[number] = Math.min(field.type.width, 64);
    }
    this.output = { bytes: this.#runtime.P, start: 0, length: 0 };
  }

  get intents(): Intents {
    return this.#runtime.I;
  }

  begin(bytes: Uint8Array, start: number, length: number): void {
    const { F, V, P, I, headroom } = this.#runtime;
    if (length > longestPacket)
      throw new RangeError(`expected a packet of at most ${longestPacket} bytes, found ${length}`);
    F.fill(0);
    V.set(this.#metadataFlags);
    if (length <= copiedByHand) for (let at = 0; at < length; at += 1) P[headroom + at] = bytes[start + at] ?? 0;
    else P.set(bytes.subarray(start, start + length), headroom);
    I.reset(length);
    this.#compiled.setPacket(headroom, headroom + length);
  }

  parse(): void {
    this.setStandard(standard.parserError, this.#compiled.parse());
    this.setStandard(standard.checksumError, this.#compiled.verify() ? 0 : 1);
  }

  ingress(): void {
    this.#compiled.ingress();
  }

  egress(): void {
    this.#compiled.egress();
  }

  deparse(): void {
    const start = this.#compiled.deparse();
    this.output.start = start;
    this.output.length = Math.min(this.#compiled.payloadEnd() - start, this.#runtime.I.truncateTo);
  }

  clearMetadata(): void {
    this.#runtime.F.fill(0, 0, this.#layout.metadataWords);
  }

  getStandard(field: number): number {
    const word = this.#words[field] ?? -1;
    if (word < 0) return 0;
    const { F } = this.#runtime;
    if ((this.#widths[field] ?? 0) <= 32) return F[word] ?? 0;
    return (F[word] ?? 0) * 0x1_0000_0000 + (F[word + 1] ?? 0);
  }

  setStandard(field: number, value: number): void {
    const word = this.#words[field] ?? -1;
    if (word < 0) return;
    const width = this.#widths[field] ?? 0;
    const { F } = this.#runtime;
    if (width === 32) {
      F[word] = value;
    } else if (width < 32) {
      F[word] = value & ((1 << width) - 1);
    } else {
      F[word] = (value / 0x1_0000_0000) & (0xffff_ffff >>> (64 - width));
      F[word + 1] = value;
    }
  }

  readField(field: Field): bigint {
    const { type, header } = field;
    if (type.variable) return this.#runtime.variable(this.#wordOf(field), this.#layout.header(header).byte);
    return fieldNumber(type, readWords(this.#runtime.F, this.#wordOf(field), wordCount(type.width)));
  }

  writeField(field: Field, value: bigint): void {
    if (this.#runtime.V[this.#layout.header(field.header).flag] !== 1) return;
    writeWords(storedBits(field.type, value), this.#runtime.F, this.#wordOf(field), wordCount(field.type.width));
  }

  save(): CompiledSnapshot {
    const { F, V, B, P, I } = this.#runtime;
    const intents = new Intents();
    intents.copyFrom(I);
    return {
      words: F.slice(),
      flags: V.slice(),
      bytes: B.slice(),
      payload: P.slice(this.#compiled.payloadStart(), this.#compiled.payloadEnd()),
      intents,
    };
  }

  restore({ words, flags, bytes, payload, intents }: CompiledSnapshot): void {
    const { F, V, B, P, I, headroom } = this.#runtime;
    F.set(words);
    V.set(flags);
    B.set(bytes);
    P.set(payload, headroom);
    this.#compiled.setPacket(headroom, headroom + payload.length);
    I.copyFrom(intents);
  }

  #wordOf({ header, index }: Field): number {
    return this.#layout.header(header).word + (this.#layout.type(header.type).offsets[index] ?? 0);
  }
}
