import { hasHashAlgorithm } from "../hash/algorithms.ts";
import { Fault, FaultList, ProgramError } from "./faults.ts";
import { collect, linkHeaders } from "./link-headers.ts";
import { linkParser } from "./link-parser.ts";
import { linkPipeline, type PipelineContext } from "./link-pipeline.ts";
import { linkPrimitive } from "./link-primitive.ts";
import { OperandReader } from "./operand.ts";
import { parseHex, unwrapped } from "./operand-form.ts";
import type {
  Action,
  Calculation,
  CalculationInput,
  Checksum,
  CounterArray,
  Deparser,
  Field,
  FieldList,
  LearnList,
  ListElement,
  MeterArray,
  Program,
  RegisterArray,
  ValueSet,
} from "./program.ts";
import { type ProgramFile, programSchema } from "./schema.ts";
import { Scope } from "./scope.ts";

/** Newest format that is understood; the minor version adds, the major changes. */
const supported = { major: 2, minor: 24 } as const;

/** Errors that every program has (P4-16 core library). */
const coreErrors = [
  "NoError",
  "PacketTooShort",
  "NoMatch",
  "StackOutOfBounds",
  "HeaderTooShort",
  "ParserTimeout",
  "ParserInvalidArgument",
] as const;

const requiredFields = ["ingress_port", "packet_length", "instance_type", "egress_spec", "egress_port"] as const;
const queueingFields = ["enq_timestamp", "enq_qdepth", "deq_timedelta", "deq_qdepth"] as const;

/**
 * Read BMv2 JSON and resolve every name in it. Throws a {@link ProgramError} with all faults found; `subject` is the
 * file it speaks of.
 */
export function loadProgram(text: string, subject?: string): Program {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ProgramError(
      [`JSON input is not valid: ${error instanceof Error ? error.message : String(error)}`],
      subject,
    );
  }
  const shape = programSchema.safeParse(json);
  if (!shape.success) {
    throw new ProgramError(
      shape.error.issues.map(({ path, message }) => `${path.map(String).join(".") || "program"}: ${message}`),
      subject,
    );
  }
  const file = shape.data;
  const version = file.__meta__?.version;
  if (version !== undefined && (version[0] !== supported.major || version[1] > supported.minor)) {
    throw new ProgramError(
      [
        `JSON version ${version.join(".")} is not supported: expected ${supported.major}.0 to ${supported.major}.${supported.minor}`,
      ],
      subject,
    );
  }
  const faults = new FaultList();
  const program = link(text, file, faults);
  if (faults.faults.length > 0) throw new ProgramError(faults.faults, subject);
  return program;
}

function link(text: string, file: ProgramFile, faults: FaultList): Program {
  const scope = new Scope();
  const { types, headers, stacks, unions, unionStacks } = linkHeaders(file, scope, faults);
  const standardFields = linkStandardFields(file, scope, faults);
  const calculations: Calculation[] = [];
  const addCalculation = (name: string, id: number, algorithm: string, input: readonly unknown[]): Calculation => {
    if (!hasHashAlgorithm(algorithm)) throw new Fault(`Unknown hash algorithm: ${algorithm}`);
    const calculation: Calculation = {
      name,
      id,
      index: calculations.length,
      algorithm,
      input: input.map((part) => linkInput(part, scope)),
    };
    calculations.push(calculation);
    return calculation;
  };
  collect(file.calculations, "calculation", faults, ({ name, id, algo, input }) => {
    scope.calculations.add(name, addCalculation(name, id, algo, input));
  });
  const counters = collect(file.counter_arrays, "counter array", faults, (entry, index): CounterArray => {
    const counter = {
      name: entry.name,
      id: entry.id,
      index,
      size: entry.size ?? 0,
      table: entry.is_direct ? (entry.binding ?? undefined) : undefined,
    };
    scope.counters.add(entry.name, counter);
    return counter;
  });
  const meters = collect(file.meter_arrays, "meter array", faults, (entry, index): MeterArray => {
    const target = entry.result_target ?? undefined;
    const meter = {
      name: entry.name,
      id: entry.id,
      index,
      unit: entry.type,
      rateCount: entry.rate_count,
      size: entry.size ?? 0,
      table: entry.is_direct ? (entry.binding ?? undefined) : undefined,
      target: target === undefined ? undefined : scope.field(target),
    };
    scope.meters.add(entry.name, meter);
    return meter;
  });
  const registers = collect(file.register_arrays, "register array", faults, (entry, index): RegisterArray => {
    const register = { name: entry.name, id: entry.id, index, size: entry.size, width: entry.bitwidth };
    scope.registers.add(entry.name, register);
    return register;
  });
  for (const { name, type } of file.extern_instances) {
    faults.attempt(`extern instance '${name}'`, () => {
      throw new Fault(
        `Invalid extern type '${type}': externs other than those of v1model need modules of the reference`,
      );
    });
  }
  const actions = linkActions(file, scope, faults);
  const valueSets = file.parse_vsets.map(({ name, id, compressed_bitwidth }, index): ValueSet => ({
    name,
    id,
    index,
    width: compressed_bitwidth,
  }));
  const context: PipelineContext = {
    scope,
    faults,
    actions,
    tables: [],
    profiles: [],
    selectorCalculation: (name, algorithm, input) => addCalculation(name, -1, algorithm, input),
  };
  return {
    text,
    headerTypes: types,
    headers,
    stacks,
    unions,
    unionStacks,
    errors: linkErrors(file),
    standardFields,
    parser: linkParser(file, valueSets, scope, faults),
    valueSets,
    deparser: linkDeparser(file, scope, faults),
    fieldLists: linkFieldLists(file, scope, faults),
    learnLists: linkLearnLists(file, scope, faults),
    actions,
    calculations,
    checksums: linkChecksums(file, scope, faults),
    counters,
    meters,
    registers,
    profiles: context.profiles,
    ingress: linkPipeline(file, "ingress", context),
    egress: linkPipeline(file, "egress", context),
    tables: context.tables,
  };
}

function linkStandardFields(file: ProgramFile, scope: Scope, faults: FaultList): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const header of ["standard_metadata", "queueing_metadata", "intrinsic_metadata"]) {
    const instance = scope.headers.find(header);
    for (const [index, type] of (instance?.type.fields ?? []).entries()) {
      if (instance !== undefined) fields.set(`${header}.${type.name}`, { header: instance, index, type });
    }
  }
  for (const [alias, target] of file.field_aliases) {
    faults.attempt(`field alias '${alias}'`, () => fields.set(alias, scope.field(target)));
  }
  for (const name of requiredFields) {
    if (!fields.has(`standard_metadata.${name}`)) {
      faults.add(`Field standard_metadata.${name} is required by the target but is not defined`);
    }
  }
  const queueing = queueingFields.filter((name) => fields.has(`queueing_metadata.${name}`));
  if (queueing.length > 0 && queueing.length < queueingFields.length) {
    faults.add(`queueing_metadata: expected all of ${queueingFields.join(", ")}, found only ${queueing.join(", ")}`);
  }
  return fields;
}

function linkErrors(file: ProgramFile): ReadonlyMap<string, number> {
  const errors = new Map<string, number>(file.errors);
  let next = Math.max(-1, ...errors.values()) + 1;
  for (const name of coreErrors) {
    if (errors.has(name)) continue;
    errors.set(name, next);
    next += 1;
  }
  return errors;
}

function linkActions(file: ProgramFile, scope: Scope, faults: FaultList): readonly Action[] {
  const ids = new Set<number>();
  return collect(file.actions, "action", faults, (entry, index): Action => {
    if (ids.has(entry.id)) throw new Fault(`Duplicate action id ${entry.id}`);
    ids.add(entry.id);
    const action: Action = {
      name: entry.name,
      id: entry.id,
      index,
      parameters: entry.runtime_data.map(({ name, bitwidth }) => ({ name, width: bitwidth })),
      primitives: [],
    };
    action.primitives = entry.primitives.flatMap((call) => {
      const primitive = faults.attempt(`action '${entry.name}'`, () => linkPrimitive(call, scope, action));
      return primitive === undefined ? [] : [primitive];
    });
    return action;
  });
}

function linkDeparser(file: ProgramFile, scope: Scope, faults: FaultList): Deparser {
  const entry = file.deparsers[0];
  const deparser = faults.attempt("deparser", () => ({
    order: (entry?.order ?? []).map((name) => scope.headers.get(name)),
    primitives: (entry?.primitives ?? []).map((call) => linkPrimitive(call, scope)),
  }));
  return deparser ?? { order: [], primitives: [] };
}

function linkFieldLists(file: ProgramFile, scope: Scope, faults: FaultList): ReadonlyMap<number, FieldList> {
  const lists = collect(file.field_lists, "field list", faults, ({ id, name, elements }): FieldList => ({
    id,
    name,
    elements: elements.map(({ bitwidth, ...operand }) => listElement(operand, bitwidth, scope)),
  }));
  return new Map(lists.map((list) => [list.id, list]));
}

function linkLearnLists(file: ProgramFile, scope: Scope, faults: FaultList): ReadonlyMap<number, LearnList> {
  const lists = collect(file.learn_lists, "learn list", faults, ({ id, name, elements }): LearnList => ({
    id,
    name,
    elements: elements.map(({ type, value }) => {
      if (type !== "field") throw new Fault(`expected a field, found ${type}`);
      return scope.field(value);
    }),
  }));
  return new Map(lists.map((list) => [list.id, list]));
}

function linkChecksums(file: ProgramFile, scope: Scope, faults: FaultList): readonly Checksum[] {
  const read = new OperandReader(scope);
  return collect(file.checksums, "checksum", faults, (entry): Checksum => ({
    name: entry.name,
    target: scope.field(entry.target),
    calculation: scope.calculations.get(entry.calculation),
    update: entry.update,
    verify: entry.verify,
    condition: entry.if_cond === null || entry.if_cond === undefined ? undefined : read.condition(entry.if_cond),
  }));
}

function linkInput(part: unknown, scope: Scope): CalculationInput {
  const { type, value } = unwrapped(part);
  const { bitwidth } = part as { readonly bitwidth?: unknown };
  if (type === "payload") return { kind: "payload" };
  if (type === "header") return { kind: "header", header: scope.headers.get(value) };
  return listElement({ type, value }, typeof bitwidth === "number" ? bitwidth : undefined, scope);
}

function listElement(operand: unknown, bitwidth: number | undefined, scope: Scope): ListElement {
  const { type, value } = unwrapped(operand);
  if (type === "field") return { kind: "field", field: scope.field(value) };
  if (type !== "hexstr") throw new Fault(`expected a field or a constant, found ${type}`);
  if (bitwidth === undefined) throw new Fault("a constant in a list needs a bitwidth");
  return { kind: "constant", value: BigInt.asUintN(bitwidth, parseHex(value)), width: bitwidth };
}
