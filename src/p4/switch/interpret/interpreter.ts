import { type Dataplane, type DataplaneLog, type Intents, standard, standardFields } from "../dataplane.ts";
import type { Checksum, Field } from "../format/program.ts";
import type { SwitchState } from "../state/switch-state.ts";
import { applyPipeline } from "./apply.ts";
import { BitString } from "./bits.ts";
import { calculate } from "./calculate.ts";
import { type Frame, holds } from "./evaluate.ts";
import { execute, type Target } from "./execute.ts";
import { PacketState } from "./packet.ts";
import { parsePacket } from "./parse.ts";

/**
 * Runs a program by walking it, with integers of any size and tables searched from end to end. Slow and plain: the
 * judge of the compiled code.
 */
export class Interpreter implements Dataplane<PacketState> {
  output = { bytes: new Uint8Array(), start: 0, length: 0 };
  readonly #state: SwitchState;
  readonly #target: Target;
  readonly #standard: readonly (Field | undefined)[];
  #packet: PacketState;
  #bytes: Uint8Array = new Uint8Array();

  constructor(state: SwitchState, dropPort: number, log: DataplaneLog) {
    const { program } = state;
    this.#state = state;
    this.#standard = standardFields(program);
    this.#packet = new PacketState(program);
    this.#target = {
      program,
      dropPort,
      egressSpec: this.#standard[standard.egressSpec],
      multicastGroup: this.#standard[standard.multicastGroup],
      log,
    };
  }

  get intents(): Intents {
    return this.#packet.intents;
  }

  get #frame(): Frame {
    return { packet: this.#packet, state: this.#state, parameters: [] };
  }

  begin(bytes: Uint8Array, start: number, length: number): void {
    this.#bytes = bytes.slice(start, start + length);
    this.#packet = new PacketState(this.#state.program);
    this.#packet.intents.reset(length);
    this.#packet.payload = this.#bytes;
  }

  parse(): void {
    const { parser, checksums } = this.#state.program;
    const code = parser === undefined ? 0 : parsePacket(parser, this.#bytes, this.#frame, this.#target);
    this.setStandard(standard.parserError, code);
    this.setStandard(standard.checksumError, 0);
    for (const checksum of checksums) {
      if (!checksum.verify || !this.#packet.isValid(checksum.target.header) || !this.#applies(checksum)) continue;
      const { bits } = this.#packet.cell(checksum.target.header, checksum.target.index);
      if (calculate(checksum.calculation, this.#frame) !== bits) this.setStandard(standard.checksumError, 1);
    }
  }

  ingress(): void {
    applyPipeline(this.#state.program.ingress, this.#frame, this.#target);
  }

  egress(): void {
    applyPipeline(this.#state.program.egress, this.#frame, this.#target);
  }

  deparse(): void {
    const { checksums, deparser } = this.#state.program;
    for (const checksum of checksums) {
      if (!checksum.update || !this.#applies(checksum)) continue;
      this.#packet.write(checksum.target, calculate(checksum.calculation, this.#frame));
    }
    execute(deparser.primitives, this.#frame, this.#target);
    const bits = new BitString();
    for (const header of deparser.order) {
      if (!header.metadata && this.#packet.isValid(header)) this.#packet.appendHeader(header, bits);
    }
    const bytes = Buffer.concat([bits.toBytes(), this.#packet.payload]);
    this.output = { bytes, start: 0, length: Math.min(bytes.length, this.intents.truncateTo) };
  }

  clearMetadata(): void {
    this.#packet.clearMetadata();
  }

  getStandard(field: number): number {
    const found = this.#standard[field];
    return found === undefined ? 0 : Number(this.#packet.read(found));
  }

  setStandard(field: number, value: number): void {
    const found = this.#standard[field];
    if (found !== undefined) this.#packet.write(found, BigInt(value));
  }

  readField(field: Field): bigint {
    return this.#packet.read(field);
  }

  writeField(field: Field, value: bigint): void {
    this.#packet.write(field, value);
  }

  save(): PacketState {
    const copy = this.#packet.copy();
    copy.payload = copy.payload.slice();
    return copy;
  }

  restore(snapshot: PacketState): void {
    this.#packet = snapshot.copy();
    this.#bytes = this.#packet.payload;
  }

  #applies({ condition }: Checksum): boolean {
    return condition === undefined || holds(condition, this.#frame);
  }
}
