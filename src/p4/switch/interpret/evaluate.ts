import { fieldNumber, operate } from "../arithmetic.ts";
import { packetFaults } from "../dataplane.ts";
import type { Condition, Data, HeaderReference, Place, UnionReference } from "../format/expression.ts";
import type { Field, Header, Union } from "../format/program.ts";
import type { SwitchState } from "../state/switch-state.ts";
import { elementAt, type PacketState, stackSize } from "./packet.ts";

/** Where an expression is evaluated. */
export interface Frame {
  readonly packet: PacketState;
  readonly state: SwitchState;
  /** Values of the action's parameters, cut to their widths. */
  readonly parameters: readonly bigint[];
}

/** The integer that an expression stands for. May throw a PacketFault. */
export function evaluate(data: Data, frame: Frame): bigint {
  const { packet } = frame;
  if ("left" in data) return operate(data.op, evaluate(data.left, frame), evaluate(data.right, frame));
  switch (data.op) {
    case "constant":
      return data.value;
    case "parameter":
      return frame.parameters[data.index] ?? 0n;
    case "field":
      return packet.read(data.field);
    case "elementField": {
      const header = resolveHeader(data.header, frame);
      return fieldNumber(data.type, packet.cell(header, data.index).bits);
    }
    case "register": {
      const cells = frame.state.registers[data.array.index];
      const index = evaluate(data.index, frame);
      if (cells === undefined || index < 0n || index >= BigInt(cells.size)) {
        throw packetFaults["register index out of range"];
      }
      return cells.read(Number(index));
    }
    case "validity":
      return isValid(data.of, packet) ? 1n : 0n;
    case "~":
      return ~evaluate(data.right, frame);
    case "choose":
      return evaluate(holds(data.condition, frame) ? data.whenTrue : data.whenFalse, frame);
    case "fromBoolean":
      return holds(data.condition, frame) ? 1n : 0n;
    case "lastIndex":
      // On an empty stack this is the largest number of 64 bits, as in the reference.
      return BigInt.asUintN(64, BigInt(packet.next(data.stack) - 1));
    case "stackSize":
      return BigInt(stackSize(data.stack));
  }
}

/** Whether a condition is true. Both sides of `and` and `or` are evaluated. May throw a PacketFault. */
export function holds(condition: Condition, frame: Frame): boolean {
  const { packet } = frame;
  switch (condition.op) {
    case "boolean":
      return condition.value;
    case "fromData":
      return evaluate(condition.data, frame) !== 0n;
    case "not":
      return !holds(condition.right, frame);
    case "and":
    case "or": {
      const left = holds(condition.left, frame);
      const right = holds(condition.right, frame);
      return condition.op === "and" ? left && right : left || right;
    }
    case "choose":
      return holds(holds(condition.condition, frame) ? condition.whenTrue : condition.whenFalse, frame);
    case "sameTruth":
      return holds(condition.left, frame) === holds(condition.right, frame);
    case "sameHeader":
      return packet.sameHeader(resolveHeader(condition.left, frame), resolveHeader(condition.right, frame));
    case "sameUnion": {
      const left = resolveUnion(condition.left, frame);
      const right = resolveUnion(condition.right, frame);
      return left.headers.some((header, at) => {
        const other = right.headers[at];
        return other !== undefined && packet.sameHeader(header, other);
      });
    }
    case "valid":
      return packet.isValid(resolveHeader(condition.header, frame));
    case "validUnion":
      return isValid(resolveUnion(condition.union, frame), packet);
    case "compare":
      return compare(condition.comparison, evaluate(condition.left, frame), evaluate(condition.right, frame));
  }
}

function compare(comparison: "==" | "!=" | "<" | "<=" | ">" | ">=", left: bigint, right: bigint): boolean {
  switch (comparison) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function isValid(of: Header | Union, packet: PacketState): boolean {
  return "headers" in of ? of.headers.some((header) => packet.isValid(header)) : packet.isValid(of);
}

/** The header meant; throws a PacketFault where a stack has no such element. */
export function resolveHeader(reference: HeaderReference, frame: Frame): Header {
  switch (reference.op) {
    case "header":
      return reference.header;
    case "element":
      return elementAt(reference.stack.headers, evaluate(reference.index, frame));
    case "member":
      return elementAt(resolveUnion(reference.union, frame).headers, BigInt(reference.member));
  }
}

/** The union meant; throws a PacketFault where a stack has no such element. */
export function resolveUnion(reference: UnionReference, frame: Frame): Union {
  return reference.op === "union"
    ? reference.union
    : elementAt(reference.stack.unions, evaluate(reference.index, frame));
}

/** The field meant; throws a PacketFault where a stack has no such element. */
export function resolvePlace(place: Place, frame: Frame): Field {
  if (place.op === "field") return place.field;
  return { header: resolveHeader(place.header, frame), index: place.index, type: place.type };
}
