import { Fault, NameTable } from "./faults.ts";
import type {
  Calculation,
  CounterArray,
  Field,
  Header,
  HeaderType,
  MeterArray,
  RegisterArray,
  Stack,
  Union,
  UnionStack,
} from "./program.ts";

/** What operands may refer to. */
export class Scope {
  readonly headerTypes = new NameTable<HeaderType>("header type");
  readonly headers = new NameTable<Header>("header");
  readonly stacks = new NameTable<Stack>("header stack");
  readonly unions = new NameTable<Union>("header union");
  readonly unionStacks = new NameTable<UnionStack>("header union stack");
  readonly calculations = new NameTable<Calculation>("calculation");
  readonly counters = new NameTable<CounterArray>("counter array");
  readonly meters = new NameTable<MeterArray>("meter array");
  readonly registers = new NameTable<RegisterArray>("register array");

  /** The field named `[header, field]`. */
  field(reference: unknown): Field {
    if (!Array.isArray(reference) || reference.length !== 2) {
      throw new Fault(`expected a field [header, field], found ${JSON.stringify(reference)}`);
    }
    const header = this.headers.get(reference[0]);
    return fieldNamed(header, reference[1]);
  }

  /** What `[name, "$valid$"]` speaks of, if it is that. */
  validity(reference: unknown): Header | Union | undefined {
    if (!Array.isArray(reference) || reference[1] !== "$valid$") return undefined;
    return this.headers.find(String(reference[0])) ?? this.unions.get(reference[0]);
  }
}

/** A field of a header by name. */
export function fieldNamed(header: Header, name: unknown): Field {
  const index = header.type.fields.findIndex((field) => field.name === name);
  const type = header.type.fields[index];
  if (type === undefined) throw new Fault(`Invalid reference to field '${String(name)}' of header '${header.name}'`);
  return { header, index, type };
}
