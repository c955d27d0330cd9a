import { Fault, type FaultList } from "./faults.ts";
import type { Data } from "./expression.ts";
import { OperandReader } from "./operand.ts";
import type { FieldType, Header, HeaderType, Stack, Union, UnionStack } from "./program.ts";
import type { ProgramFile } from "./schema.ts";
import type { Scope } from "./scope.ts";

/** All header instances and what groups them. */
export interface Headers {
  readonly types: readonly HeaderType[];
  readonly headers: readonly Header[];
  readonly stacks: readonly Stack[];
  readonly unions: readonly Union[];
  readonly unionStacks: readonly UnionStack[];
}

/** Resolve header types, instances, stacks and unions into `scope`. */
export function linkHeaders(file: ProgramFile, scope: Scope, faults: FaultList): Headers {
  const types = collect(file.header_types, "header type", faults, (entry) => {
    const type = linkHeaderType(entry, scope);
    scope.headerTypes.add(type.name, type);
    return type;
  });
  const headers = collect(file.headers, "header", faults, (entry, index) => {
    inPosition(entry.id, index);
    const type = scope.headerTypes.get(entry.header_type);
    const header: Header = { name: entry.name, index, type, metadata: entry.metadata, union: undefined };
    scope.headers.add(entry.name, header);
    return header;
  });
  const stacks = collect(file.header_stacks, "header stack", faults, (entry, index) => {
    inPosition(entry.id, index);
    const type = scope.headerTypes.get(entry.header_type);
    const elements = elementsOf(entry.header_ids, (id) => byId(headers, id, "header"));
    if (elements.some((element) => element.type !== type)) throw new Fault("elements of another type");
    const stack: Stack = { name: entry.name, index, type, headers: elements };
    scope.stacks.add(entry.name, stack);
    return stack;
  });
  const unionTypes = new Map(file.header_union_types.map((type) => [type.name, type]));
  const unions = collect(file.header_unions, "header union", faults, (entry, index) => {
    inPosition(entry.id, index);
    const type = unionTypes.get(entry.union_type);
    if (type === undefined) throw new Fault(`Invalid reference to header union type '${entry.union_type}'`);
    const union: Union = {
      name: entry.name,
      index,
      headers: entry.header_ids.map((id) => byId(headers, id, "header")),
      memberNames: type.headers.map(([name]) => name),
    };
    for (const header of union.headers) header.union = union;
    scope.unions.add(entry.name, union);
    return union;
  });
  const unionStacks = collect(file.header_union_stacks, "header union stack", faults, (entry, index) => {
    inPosition(entry.id, index);
    const elements = elementsOf(entry.header_union_ids, (id) => byId(unions, id, "header union"));
    const typesOf = ({ headers }: Union): readonly HeaderType[] => headers.map(({ type }) => type);
    const first = elements[0] === undefined ? [] : typesOf(elements[0]);
    for (const element of elements) {
      const own = typesOf(element);
      if (own.length !== first.length || own.some((type, at) => type !== first[at]))
        throw new Fault("elements of another type");
    }
    const stack: UnionStack = { name: entry.name, index, unions: elements };
    scope.unionStacks.add(entry.name, stack);
    return stack;
  });
  return { types, headers, stacks, unions, unionStacks };
}

function linkHeaderType(entry: ProgramFile["header_types"][number], scope: Scope): HeaderType {
  let bitOffset = 0;
  const fields = entry.fields.map(([name, width, signed = false, saturating = false]): FieldType => {
    const variable = width === "*";
    const bits = variable ? 0 : width;
    if (signed && bits < 2) throw new Fault(`signed field '${name}' needs at least 2 bits`);
    const field = { name, width: bits, bitOffset, signed, saturating, variable };
    bitOffset += bits;
    return field;
  });
  if (fields.filter(({ variable }) => variable).length > 1) throw new Fault("more than one field of variable length");
  const variable = fields.find((field) => field.variable);
  if (variable !== undefined && variable.bitOffset % 8 !== 0) {
    throw new Fault(`variable field '${variable.name}': expected it at a byte boundary`);
  }
  if (bitOffset % 8 !== 0) throw new Fault(`expected whole bytes, found ${bitOffset} bits`);
  const maxBytes = Math.max(entry.max_length ?? 0, bitOffset / 8);
  return {
    name: entry.name,
    fields: fields.map((field) => (field.variable ? { ...field, width: maxBytes * 8 - bitOffset } : field)),
    fixedBits: bitOffset,
    maxBytes,
    ...(entry.length_exp === null || entry.length_exp === undefined
      ? {}
      : { variableBits: linkLength(entry.length_exp, fields, scope) }),
  };
}

/** The length of the variable field, in which `local` is a field before it by number (BMv2 JSON, header_types). */
function linkLength(expression: unknown, fields: readonly FieldType[], scope: Scope): Data {
  const variable = fields.findIndex((field) => field.variable);
  if (variable < 0) throw new Fault("length_exp without a field of variable length");
  return new OperandReader(scope, { parameters: fields.slice(0, variable) }).data(expression);
}

/** Link each entry of a section under its own name; entries with faults are left out. */
export function collect<Entry extends { readonly name: string }, Linked>(
  entries: readonly Entry[],
  kind: string,
  faults: FaultList,
  link: (entry: Entry, index: number) => Linked,
): Linked[] {
  return entries.flatMap((entry, index) => {
    const linked = faults.attempt(`${kind} '${entry.name}'`, () => link(entry, index));
    return linked === undefined ? [] : [linked];
  });
}

function inPosition(id: number, index: number): void {
  if (id !== index) throw new Fault(`expected id ${index}, its position in the list, found ${id}`);
}

/** The elements of a stack, of which there is at least one. */
function elementsOf<T>(ids: readonly number[], find: (id: number) => T): readonly T[] {
  if (ids.length === 0) throw new Fault("expected at least one element");
  return ids.map(find);
}

function byId<T extends { readonly index: number }>(items: readonly T[], id: number, kind: string): T {
  const item = items.find(({ index }) => index === id);
  if (item === undefined) throw new Fault(`Invalid reference to ${kind} ${id}`);
  return item;
}
