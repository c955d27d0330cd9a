import { formatLog } from "../arithmetic.ts";
import { type DataplaneLog, packetFaults, stepLimit } from "../dataplane.ts";
import type { Data, Field, Primitive, Program, Stack, UnionStack } from "../format/program.ts";
import { calculate } from "./calculate.ts";
import { evaluate, type Frame, holds, resolveHeader, resolvePlace, resolveUnion } from "./evaluate.ts";

/** What primitives need besides the packet. */
export interface Target {
  readonly program: Program;
  readonly dropPort: number;
  readonly egressSpec: Field | undefined;
  readonly multicastGroup: Field | undefined;
  readonly log: DataplaneLog;
}

/** Run primitives in order, following jumps. May throw a PacketFault. */
export function execute(primitives: readonly Primitive[], frame: Frame, target: Target): void {
  let jumps = 0;
  let at = 0;
  for (let primitive = primitives[at]; primitive !== undefined; primitive = primitives[at]) {
    const to = step(primitive, frame, target);
    if (to === undefined) {
      at += 1;
      continue;
    }
    jumps += 1;
    if (jumps > stepLimit) throw packetFaults["endless loop"];
    if (to < 0 || to > primitives.length) throw packetFaults["jump out of the action"];
    at = to;
  }
}

/** Run one primitive; returns where to go on if it jumps. */
function step(primitive: Primitive, frame: Frame, target: Target): number | undefined {
  const { packet, state } = frame;
  const { intents } = packet;
  const number = (data: Data): number => Number(evaluate(data, frame));
  switch (primitive.op) {
    case "assign":
      assign(primitive.target, evaluate(primitive.source, frame), frame);
      return undefined;
    case "assignVariable": {
      const source = resolvePlace(primitive.source, frame);
      const { bits, width } = packet.cell(source.header, source.index);
      packet.writeVariable(resolvePlace(primitive.target, frame), bits, width);
      return undefined;
    }
    case "assignHeader":
      packet.assignHeader(resolveHeader(primitive.target, frame), resolveHeader(primitive.source, frame));
      return undefined;
    case "assignUnion":
      assignUnion(resolveUnion(primitive.target, frame).headers, resolveUnion(primitive.source, frame).headers, frame);
      return undefined;
    case "assignStack":
      for (const [index, header] of primitive.target.headers.entries()) {
        const source = primitive.source.headers[index];
        if (source !== undefined) packet.assignHeader(header, source);
      }
      packet.setNext(primitive.target, packet.next(primitive.source));
      return undefined;
    case "assignUnionStack":
      for (const [index, union] of primitive.target.unions.entries()) {
        assignUnion(union.headers, primitive.source.unions[index]?.headers ?? [], frame);
      }
      packet.setNext(primitive.target, packet.next(primitive.source));
      return undefined;
    case "addHeader": {
      const header = resolveHeader(primitive.header, frame);
      if (packet.isValid(header)) return undefined;
      packet.setValid(header);
      intents.packetLength += packet.byteLength(header);
      return undefined;
    }
    case "removeHeader": {
      const header = resolveHeader(primitive.header, frame);
      if (!packet.isValid(header)) return undefined;
      intents.packetLength -= packet.byteLength(header);
      packet.setInvalid(header);
      return undefined;
    }
    case "push":
      shiftStack(primitive.stack, number(primitive.count), frame);
      return undefined;
    case "pop":
      shiftStack(primitive.stack, -number(primitive.count), frame);
      return undefined;
    case "drop":
      if (target.egressSpec !== undefined) packet.write(target.egressSpec, BigInt(target.dropPort));
      if (target.multicastGroup !== undefined) packet.write(target.multicastGroup, 0n);
      return undefined;
    case "cloneIngress":
      intents.cloneIngressSession = number(primitive.session);
      intents.cloneIngressList = number(primitive.fieldList);
      return undefined;
    case "cloneEgress":
      intents.cloneEgressSession = number(primitive.session);
      intents.cloneEgressList = number(primitive.fieldList);
      return undefined;
    case "resubmit":
      intents.resubmitList = number(primitive.fieldList);
      return undefined;
    case "recirculate":
      intents.recirculateList = number(primitive.fieldList);
      return undefined;
    case "digest":
      intents.digestList = number(primitive.list);
      return undefined;
    case "hash": {
      const hash = calculate(primitive.calculation, frame);
      const base = BigInt.asUintN(64, evaluate(primitive.base, frame));
      const size = BigInt.asUintN(64, evaluate(primitive.size, frame));
      assign(primitive.target, BigInt.asUintN(64, base + (hash % (size === 0n ? 1n : size))), frame);
      return undefined;
    }
    case "random": {
      const low = BigInt.asUintN(64, evaluate(primitive.low, frame));
      const high = BigInt.asUintN(64, evaluate(primitive.high, frame));
      if (low <= high) assign(primitive.target, state.random.between(low, high), frame);
      else target.log("warn", `random number from ${low} to ${high}: the range is empty`);
      return undefined;
    }
    case "readRegister": {
      const cells = state.registers[primitive.array.index];
      const index = cellOf(cells, primitive, frame, target);
      if (cells !== undefined && index !== undefined) assign(primitive.target, cells.read(index), frame);
      return undefined;
    }
    case "writeRegister": {
      const cells = state.registers[primitive.array.index];
      const index = cellOf(cells, primitive, frame, target);
      const value = evaluate(primitive.value, frame);
      if (index !== undefined) cells?.write(index, value);
      return undefined;
    }
    case "count": {
      const cells = state.counters[primitive.array.index];
      const index = cellOf(cells, primitive, frame, target);
      if (index !== undefined) cells?.count(index, intents.ingressLength);
      return undefined;
    }
    case "meter": {
      const cells = state.meters[primitive.array.index];
      const index = cellOf(cells, primitive, frame, target);
      if (cells === undefined || index === undefined) return undefined;
      assign(primitive.target, BigInt(cells.execute(index, intents.ingressLength, state.now)), frame);
      return undefined;
    }
    case "truncate":
      intents.truncateTo = Math.min(intents.truncateTo, Number(BigInt.asUintN(32, evaluate(primitive.bytes, frame))));
      return undefined;
    case "exit":
      intents.exited = true;
      return undefined;
    case "jump":
      return number(primitive.to);
    case "jumpIfZero":
      return evaluate(primitive.value, frame) === 0n ? number(primitive.to) : undefined;
    case "assert":
      if (holds(primitive.condition, frame)) return undefined;
      target.log("error", `Assertion failed: ${primitive.words}`);
      throw packetFaults["assertion failed"];
    case "log":
      target.log(
        "info",
        formatLog(
          primitive.format,
          primitive.values.map((value) => evaluate(value, frame)),
        ),
      );
      return undefined;
    case "nothing":
      return undefined;
  }
}

function assign(place: Parameters<typeof resolvePlace>[0], value: bigint, frame: Frame): void {
  frame.packet.write(resolvePlace(place, frame), value);
}

function assignUnion(target: Stack["headers"], source: Stack["headers"], { packet }: Frame): void {
  if (target === source) return;
  for (const header of target) packet.setInvalid(header);
  for (const [index, header] of target.entries()) {
    const from = source[index];
    if (from !== undefined && packet.isValid(from)) packet.assignHeader(header, from);
  }
}

/** Move all elements up by `count` (or down if negative); what is left free is invalid. */
function shiftStack(stack: Stack | UnionStack, count: number, frame: Frame): void {
  const { packet } = frame;
  // A header is an element as a union with one member would be.
  const elements =
    "unions" in stack ? stack.unions.map(({ headers }) => headers) : stack.headers.map((header) => [header]);
  const size = elements.length;
  const order = count > 0 ? elements.toReversed() : elements;
  for (const element of order) {
    const source = elements[elements.indexOf(element) - count];
    if (source === undefined) for (const header of element) packet.setInvalid(header);
    else assignUnion(element, source, frame);
  }
  packet.setNext(stack, Math.max(0, Math.min(size, packet.next(stack) + count)));
}

/** Which cell of an array is meant; undefined, and said, where there is none. */
function cellOf(
  cells: { readonly size: number } | undefined,
  { array, index: data }: { readonly array: { readonly name: string }; readonly index: Data },
  frame: Frame,
  { log }: Target,
): number | undefined {
  const index = evaluate(data, frame);
  const size = cells?.size ?? 0;
  if (index >= 0n && index < BigInt(size)) return Number(index);
  log("error", `${array.name}: index ${index} is out of range, there are ${size}`);
  return undefined;
}
