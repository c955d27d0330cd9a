import { packetFaults, stepLimit } from "../dataplane.ts";
import type {
  ExtractTarget,
  Header,
  HeaderType,
  Parser,
  ParserOperation,
  ParseState,
  Stack,
  VariableLength,
} from "../format/program.ts";
import { readBits } from "./bits.ts";
import { evaluate, type Frame, holds, resolvePlace } from "./evaluate.ts";
import { execute, type Target } from "./execute.ts";
import type { stackSize } from "./packet.ts";

/** Stops parsing; the code is that of the program's error. */
class ParserError extends Error {
  readonly code: number;

  constructor(code: number) {
    super(String(code));
    this.code = code;
  }
}

/** Parse the bytes: headers are extracted, the rest is payload. Returns the code of the parser error, or of NoError. */
export function parsePacket(parser: Parser, bytes: Uint8Array, frame: Frame, target: Target): number {
  const cursor = new ParserCursor(bytes, target);
  let code = target.program.errors.get("NoError") ?? 0;
  try {
    let steps = 0;
    for (let state: ParseState | undefined = parser.first; state !== undefined;) {
      steps += 1;
      if (steps > stepLimit) throw packetFaults["endless loop"];
      for (const operation of state.operations) cursor.perform(operation, frame);
      state = cursor.select(state, frame);
    }
  } catch (error) {
    if (!(error instanceof ParserError)) throw error;
    code = error.code;
  }
  frame.packet.payload = bytes.subarray(cursor.position / 8);
  return code;
}

class ParserCursor {
  /** Bits consumed; always whole bytes. */
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #target: Target;

  constructor(bytes: Uint8Array, target: Target) {
    this.#bytes = bytes;
    this.#target = target;
  }

  perform(operation: ParserOperation, frame: Frame): void {
    const { packet } = frame;
    switch (operation.op) {
      case "extract":
        this.#extract(operation, frame);
        return;
      case "set":
        packet.write(resolvePlace(operation.target, frame), evaluate(operation.source, frame));
        return;
      case "setLookahead":
        packet.write(resolvePlace(operation.target, frame), this.#lookahead(operation.offset, operation.width));
        return;
      case "advance": {
        const bits = evaluate(operation.bits, frame);
        if (bits < 0n || bits % 8n !== 0n) this.#fail("ParserInvalidArgument");
        if (bits > BigInt(this.#bytes.length * 8 - this.position)) this.#fail("PacketTooShort");
        this.position += Number(bits);
        return;
      }
      case "verify":
        if (!holds(operation.condition, frame)) throw new ParserError(Number(evaluate(operation.error, frame)));
        return;
      case "primitive":
        execute([operation.primitive], frame, this.#target);
    }
  }

  /** The next state; undefined accepts. */
  select(state: ParseState, frame: Frame): ParseState | undefined {
    const key = state.key.map(({ value, width }) =>
      value.op === "lookahead"
        ? this.#lookahead(value.offset, value.width)
        : BigInt.asUintN(width, evaluate(value, frame)),
    );
    const packed = key.reduce((sum, part, at) => (sum << BigInt(state.key[at]?.width ?? 0)) | part, 0n);
    for (const transition of state.transitions) {
      const matches =
        transition.kind === "set"
          ? frame.state.valueSets[transition.set.index]?.has(packed, transition.mask)
          : transition.values.every((value, at) => ((key[at] ?? 0n) & (transition.masks[at] ?? 0n)) === value);
      if (matches === true) return transition.next;
    }
    return state.fallback;
  }

  #extract({ target, length }: ParserOperation & { readonly op: "extract" }, frame: Frame): void {
    const header = this.#headerOf(target, frame);
    this.#fill(header, length === undefined ? undefined : this.#variableBits(length, header.type, frame), frame);
    if (target.kind !== "header") frame.packet.setNext(target.stack, frame.packet.next(target.stack) + 1);
  }

  #headerOf(target: ExtractTarget, frame: Frame): Header {
    switch (target.kind) {
      case "header":
        return target.header;
      case "stack":
        return this.#nextOf(target.stack, target.stack.headers, frame);
      case "unionStack": {
        const union = this.#nextOf(target.stack, target.stack.unions, frame);
        return union.headers[target.member] ?? this.#fail("StackOutOfBounds");
      }
    }
  }

  #variableBits({ bits: said, selfSized }: VariableLength, type: HeaderType, frame: Frame): bigint {
    const bits = evaluate(said, selfSized ? { ...frame, parameters: this.#fieldsAhead(type) } : frame);
    if (bits < 0n || bits % 8n !== 0n) this.#fail("ParserInvalidArgument");
    return bits;
  }

  /** Fill a header from the packet; its variable field, if it has one, takes `variableBits`. */
  #fill(header: Header, variableBits: bigint | undefined, { packet }: Frame): void {
    const bits = BigInt(header.type.fixedBits) + (variableBits ?? 0n);
    if (bits > BigInt(this.#bytes.length * 8 - this.position)) this.#fail("PacketTooShort");
    if (bits > BigInt(header.type.maxBytes * 8)) this.#fail("HeaderTooShort");
    packet.setValid(header);
    for (const [index, type] of header.type.fields.entries()) {
      const width = type.variable ? Number(variableBits ?? 0n) : type.width;
      const value = readBits(this.#bytes, this.position, width) ?? 0n;
      const cell = packet.cell(header, index);
      cell.bits = value;
      cell.width = width;
      this.position += width;
    }
  }

  #nextOf<T>(stack: Stack | Parameters<typeof stackSize>[0], elements: readonly T[], { packet }: Frame): T {
    return elements[packet.next(stack)] ?? this.#fail("StackOutOfBounds");
  }

  /** The fields before the variable one of a header that begins here. */
  #fieldsAhead({ fields }: HeaderType): readonly bigint[] {
    const variable = fields.findIndex((field) => field.variable);
    return fields.slice(0, variable).map(({ bitOffset, width }) => this.#lookahead(bitOffset, width));
  }

  #lookahead(offset: number, width: number): bigint {
    return readBits(this.#bytes, this.position + offset, width) ?? this.#fail("PacketTooShort");
  }

  #fail(error: string): never {
    throw new ParserError(this.#target.program.errors.get(error) ?? 0);
  }
}
