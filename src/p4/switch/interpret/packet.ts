import { fieldNumber, storedBits } from "../arithmetic.ts";
import { Intents, packetFaults } from "../dataplane.ts";
import type { BitString } from "./bits.ts";
import type { Field, FieldType, Header, Program, Stack, UnionStack } from "../format/program.ts";

/** The value of a field, and the bits it has now where they vary. */
interface Cell {
  bits: bigint;
  width: number;
}

/** Headers and metadata of one packet. Invalid headers are all zero, and stay so. */
export class PacketState {
  readonly intents = new Intents();
  readonly #program: Program;
  #cells: Cell[][];
  #valid: boolean[];
  #stackNext: number[];
  #unionStackNext: number[];
  payload: Uint8Array = new Uint8Array();

  constructor(program: Program) {
    this.#program = program;
    this.#cells = program.headers.map(({ type }) => type.fields.map(emptyCell));
    this.#valid = program.headers.map(({ metadata }) => metadata);
    this.#stackNext = program.stacks.map(() => 0);
    this.#unionStackNext = program.unionStacks.map(() => 0);
  }

  copy(): PacketState {
    const copy = new PacketState(this.#program);
    copy.intents.copyFrom(this.intents);
    copy.#cells = structuredClone(this.#cells);
    copy.#valid = [...this.#valid];
    copy.#stackNext = [...this.#stackNext];
    copy.#unionStackNext = [...this.#unionStackNext];
    copy.payload = this.payload;
    return copy;
  }

  isValid({ index }: Header): boolean {
    return this.#valid[index] === true;
  }

  setValid(header: Header): void {
    this.#clear(header);
    this.#valid[header.index] = true;
    for (const sibling of header.union?.headers ?? []) if (sibling !== header) this.setInvalid(sibling);
  }

  setInvalid(header: Header): void {
    this.#clear(header);
    this.#valid[header.index] = false;
  }

  #clear(header: Header): void {
    for (const [index, type] of header.type.fields.entries()) {
      const cell = this.#cells[header.index]?.[index];
      if (cell !== undefined) Object.assign(cell, emptyCell(type));
    }
  }

  clearMetadata(): void {
    for (const header of this.#program.headers) if (header.metadata) this.#clear(header);
  }

  read({ header, index, type }: Field): bigint {
    return fieldNumber(type, this.cell(header, index).bits);
  }

  /** Writing to an invalid header changes nothing. */
  write({ header, index, type }: Field, value: bigint): void {
    if (this.isValid(header)) this.cell(header, index).bits = storedBits(type, value);
  }

  /** Set a field of variable length. */
  writeVariable({ header, index, type }: Field, bits: bigint, width: number): void {
    if (!this.isValid(header)) return;
    const cell = this.cell(header, index);
    cell.width = Math.min(width, type.width);
    cell.bits = BigInt.asUintN(cell.width, bits);
  }

  cell(header: Header, index: number): Cell {
    const cell = this.#cells[header.index]?.[index];
    if (cell === undefined) throw new Error(`no field ${index} in header ${header.name}`);
    return cell;
  }

  /** Append a header as it is now, field by field. */
  appendHeader(header: Header, bits: BitString): void {
    for (const cell of this.#cells[header.index] ?? []) bits.append(cell.bits, cell.width);
  }

  /** Bytes of a header as it is now. */
  byteLength(header: Header): number {
    return (this.#cells[header.index] ?? []).reduce((bits, { width }) => bits + width, 0) / 8;
  }

  assignHeader(target: Header, source: Header): void {
    if (!this.isValid(source)) {
      this.setInvalid(target);
      return;
    }
    if (target === source) return;
    // The source may be another member of the target's union, which becomes invalid.
    const cells = (this.#cells[source.index] ?? []).map((cell) => ({ ...cell }));
    this.setValid(target);
    this.#cells[target.index] = cells;
  }

  sameHeader(a: Header, b: Header): boolean {
    if (!this.isValid(a) || !this.isValid(b)) return false;
    return a.type.fields.every((_, index) => {
      const left = this.cell(a, index);
      const right = this.cell(b, index);
      return left.bits === right.bits && left.width === right.width;
    });
  }

  next(stack: Stack | UnionStack): number {
    return (isUnionStack(stack) ? this.#unionStackNext : this.#stackNext)[stack.index] ?? 0;
  }

  setNext(stack: Stack | UnionStack, next: number): void {
    (isUnionStack(stack) ? this.#unionStackNext : this.#stackNext)[stack.index] = next;
  }
}

/** Elements of either kind of stack. */
export function stackSize(stack: Stack | UnionStack): number {
  return isUnionStack(stack) ? stack.unions.length : stack.headers.length;
}

/** The element at a position found at run time. Throws a PacketFault if there is none. */
export function elementAt<T>(elements: readonly T[], index: bigint): T {
  const element = index < 0n || index >= BigInt(elements.length) ? undefined : elements[Number(index)];
  if (element === undefined) throw packetFaults["stack index out of range"];
  return element;
}

function isUnionStack(stack: Stack | UnionStack): stack is UnionStack {
  return "unions" in stack;
}

function emptyCell({ width, variable }: FieldType): Cell {
  return { bits: 0n, width: variable ? 0 : width };
}
