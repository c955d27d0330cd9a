import { Fault, type FaultList, NameTable } from "./faults.ts";
import { fixedPlace, linkPrimitive } from "./link-primitive.ts";
import { OperandReader } from "./operand.ts";
import { memberIndex } from "./reference-types.ts";
import { parseHex, unwrapped } from "./operand-form.ts";
import type { Data } from "./expression.ts";
import type {
  ExtractTarget,
  HeaderType,
  Parser,
  ParserOperation,
  ParseState,
  SelectKey,
  Transition,
  ValueSet,
} from "./program.ts";
import type { Operand, ParseStateFile, PrimitiveCall, ProgramFile } from "./schema.ts";
import type { Scope } from "./scope.ts";

type TransitionFile = ParseStateFile["transitions"][number];

/** Resolve the parser; undefined if the program has none. */
export function linkParser(
  file: ProgramFile,
  valueSets: readonly ValueSet[],
  scope: Scope,
  faults: FaultList,
): Parser | undefined {
  const entry = file.parsers[0];
  if (entry === undefined) return undefined;
  const read = new OperandReader(scope);
  const sets = new Map(valueSets.map((set) => [set.name, set]));
  const states = new NameTable<ParseState>("parse state");
  const drafts = entry.parse_states.flatMap((stateFile, index) => {
    const where = `parse state '${stateFile.name}'`;
    const draft = faults.attempt(where, () => {
      const operations: ParserOperation[] = [];
      const transitions: Transition[] = [];
      const key = stateFile.transition_key.map((operand) => linkKey(operand, read));
      const state: ParseState = { name: stateFile.name, index, operations, key, transitions, fallback: undefined };
      states.add(stateFile.name, state);
      return { stateFile, where, state, operations, transitions };
    });
    return draft === undefined ? [] : [draft];
  });
  const successor = (name: string | null): ParseState | undefined => (name === null ? undefined : states.get(name));
  for (const { stateFile, where, state, operations, transitions } of drafts) {
    for (const operation of stateFile.parser_ops) {
      faults.attempt(where, () => operations.push(linkOperation(operation, read, scope)));
    }
    for (const transition of stateFile.transitions) {
      faults.attempt(where, () => {
        const next = successor(transition.next_state);
        // p4c leaves the type out of a state's only transition in old files.
        if (transition.type === "default" || transition.value === undefined || transition.value === null) {
          state.fallback = next;
        } else {
          transitions.push(linkTransition(transition, state.key, next, sets));
        }
      });
    }
  }
  const first = faults.attempt(`parser '${entry.name}'`, () => states.get(entry.init_state));
  return first === undefined ? undefined : { states: drafts.map(({ state }) => state), first };
}

function linkKey(operand: Operand, read: OperandReader): SelectKey {
  const { type, value } = unwrapped(operand);
  if (type === "lookahead") {
    const [offset, width] = lookahead(value);
    return { value: { op: "lookahead", offset, width }, width };
  }
  const data = read.data(operand);
  return { value: data, width: widthOf(data) };
}

function widthOf(data: Data): number {
  if (data.op === "field") return data.field.type.width;
  if (data.op === "elementField") return data.type.width;
  if (data.op === "validity") return 1;
  throw new Fault("expected a field or lookahead in transition_key");
}

/** Bits of a key part with its padding. */
function paddedBits({ width }: SelectKey): number {
  return Math.ceil(width / 8) * 8;
}

function linkTransition(
  { type, value, mask }: TransitionFile,
  key: readonly SelectKey[],
  next: ParseState | undefined,
  sets: ReadonlyMap<string, ValueSet>,
): Transition {
  const bits = key.reduce((sum, part) => sum + paddedBits(part), 0);
  const ones = (1n << BigInt(bits)) - 1n;
  const padding = splitKey(ones, key).map((_, at) => (1n << BigInt(key[at]?.width ?? 0)) - 1n);
  if (type === "parse_vset") {
    const set = sets.get(String(value));
    if (set === undefined) throw new Fault(`Invalid reference to parse vset '${String(value)}'`);
    const width = key.reduce((sum, part) => sum + part.width, 0);
    if (width !== set.width) throw new Fault(`parse vset '${set.name}': expected ${set.width} bits, found ${width}`);
    if (mask === null || mask === undefined) return { kind: "set", set, mask: undefined, next };
    const parts = splitKey(keyNumber(mask, bits), key);
    const packed = key.reduce(
      (sum, part, at) => (sum << BigInt(part.width)) | BigInt.asUintN(part.width, parts[at] ?? 0n),
      0n,
    );
    return { kind: "set", set, mask: packed, next };
  }
  const masks = splitKey(mask === null || mask === undefined ? ones : keyNumber(mask, bits), key);
  const values = splitKey(keyNumber(value, bits), key);
  return {
    kind: "value",
    values: values.map((part, at) => part & (masks[at] ?? 0n)),
    // Padding is always zero in the key; a value that has bits there never matches.
    masks: masks.map((part, at) =>
      ((values[at] ?? 0n) & part & ~(padding[at] ?? 0n)) === 0n ? part & (padding[at] ?? 0n) : part,
    ),
    next,
  };
}

function keyNumber(text: unknown, bits: number): bigint {
  const number = parseHex(text);
  const digits = String(text).replace(/^0x/i, "").length;
  if (Math.ceil(digits / 2) * 8 !== bits) {
    throw new Fault(`transition: expected a value of ${bits / 8} bytes, found ${String(text)}`);
  }
  return number;
}

function splitKey(value: bigint, key: readonly SelectKey[]): bigint[] {
  let rest = value;
  return key
    .toReversed()
    .map((part) => {
      const bits = BigInt(paddedBits(part));
      const low = rest & ((1n << bits) - 1n);
      rest >>= bits;
      return low;
    })
    .reverse();
}

function lookahead(value: unknown): readonly [number, number] {
  const [offset, width] = Array.isArray(value) ? (value as unknown[]) : [];
  const sane = (bits: unknown, least: number): boolean =>
    Number.isInteger(bits) && Number(bits) >= least && Number(bits) <= 524_288;
  if (!sane(offset, 0) || !sane(width, 1)) {
    throw new Fault(`expected [offset, width] of lookahead, found ${JSON.stringify(value)}`);
  }
  return [Number(offset), Number(width)];
}

function linkOperation(
  { op, parameters }: ParseStateFile["parser_ops"][number],
  read: OperandReader,
  scope: Scope,
): ParserOperation {
  const expectParameters = (count: number): void => {
    if (parameters.length !== count) throw new Fault(`${op}: expected ${count} parameters, found ${parameters.length}`);
  };
  switch (op) {
    case "extract": {
      expectParameters(1);
      const { target, name, type } = extracted(parameters[0], scope);
      if (!varies(type)) return { op: "extract", target, length: undefined };
      if (type.variableBits !== undefined) {
        return { op: "extract", target, length: { bits: type.variableBits, selfSized: true } };
      }
      throw new Fault(`extract of '${name}', whose length varies: expected extract_VL or length_exp`);
    }
    case "extract_VL": {
      expectParameters(2);
      const { target, name, type } = extracted(parameters[0], scope);
      if (!varies(type)) throw new Fault(`extract_VL of '${name}', which has no field of variable length`);
      return { op: "extract", target, length: { bits: read.data(parameters[1]), selfSized: false } };
    }
    case "set": {
      expectParameters(2);
      const target = fixedPlace(read.place(parameters[0]));
      const source = unwrapped(parameters[1]);
      if (source.type !== "lookahead") return { op: "set", target, source: read.data(parameters[1]) };
      const [offset, width] = lookahead(source.value);
      return { op: "setLookahead", target, offset, width };
    }
    case "advance":
      expectParameters(1);
      return { op: "advance", bits: read.data(parameters[0]) };
    case "shift":
      expectParameters(1);
      return { op: "advance", bits: { op: "constant", value: BigInt(Number(parameters[0])) * 8n } };
    case "verify":
      expectParameters(2);
      return { op: "verify", condition: read.condition(parameters[0]), error: read.data(parameters[1]) };
    case "primitive": {
      expectParameters(1);
      const call = parameters[0] as Partial<PrimitiveCall> | null;
      if (typeof call?.op !== "string") throw new Fault("primitive: expected {op, parameters}");
      return {
        op: "primitive",
        primitive: linkPrimitive({ ...call, op: call.op, parameters: call.parameters ?? [] }, scope),
      };
    }
    default:
      throw new Fault(`Parser op '${op}' not recognized`);
  }
}

/** What an extraction names: the target, what it is called, and the type of the header that it gives. */
function extracted(
  operand: unknown,
  scope: Scope,
): { readonly target: ExtractTarget; readonly name: string; readonly type: HeaderType } {
  const { type: kind, value } = unwrapped(operand);
  switch (kind) {
    case "regular": {
      const header = scope.headers.get(value);
      return { target: { kind: "header", header }, name: header.name, type: header.type };
    }
    case "stack": {
      const stack = scope.stacks.get(value);
      return { target: { kind: "stack", stack }, name: stack.name, type: stack.type };
    }
    case "union_stack": {
      const [stackName, memberName] = Array.isArray(value) ? (value as unknown[]) : [];
      const stack = scope.unionStacks.get(stackName);
      const member = memberIndex(stack, memberName);
      // All unions of a stack have members of the same types.
      const type = stack.unions[0]?.headers[member]?.type;
      if (type === undefined) throw new Fault(`'${stack.name}' has no union with a member '${String(memberName)}'`);
      return { target: { kind: "unionStack", stack, member }, name: `${stack.name}.${String(memberName)}`, type };
    }
    default:
      throw new Fault(`extract: expected regular, stack or union_stack, found ${kind}`);
  }
}

function varies({ fields }: HeaderType): boolean {
  return fields.some(({ variable }) => variable);
}
