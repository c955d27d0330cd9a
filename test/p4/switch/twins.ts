import fc from "fast-check";
import type { EngineOptions } from "../../../src/p4/switch/engine/contract.ts";
import { Engine } from "../../../src/p4/switch/engine/engine.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import type { Program, Table } from "../../../src/p4/switch/format/program.ts";
import type { KeyPart } from "../../../src/p4/switch/state/key.ts";
import type { TableState } from "../../../src/p4/switch/state/table-state.ts";
import { ControlError } from "../../../src/p4/switch/state/control-error.ts";

/** One packet that left, or one thing that was said. */
export type Event = string;

/** An engine that remembers what it gave. */
export class WatchedEngine {
  readonly engine: Engine;
  readonly events: Event[] = [];

  constructor(program: Program, options: EngineOptions = {}) {
    this.engine = new Engine(
      program,
      {
        send: (port, bytes, start, length) => {
          this.events.push(`${port}: ${Buffer.from(bytes.subarray(start, start + length)).toString("hex")}`);
        },
        notify: (notification) => {
          this.events.push(
            notification.kind === "learn"
              ? `learn ${notification.listId}/${notification.bufferId}: ${notification.samples.map((sample) => Buffer.from(sample).toString("hex")).join()}`
              : `ageing ${notification.tableId}: ${notification.handles.join()}`,
          );
        },
        log: (level, text) => {
          if (level === "info") this.events.push(`log: ${text}`);
        },
      },
      options,
    );
  }

  /** Send a packet given in hexadecimal, spaces free; returns what came of it. */
  packet(port: number, hexadecimal: string, now = 0): readonly Event[] {
    return this.bytes(port, Buffer.from(hexadecimal.replaceAll(/\s/g, ""), "hex"), now);
  }

  bytes(port: number, packet: Uint8Array, now = 0): readonly Event[] {
    const before = this.events.length;
    this.engine.receive(port, packet, 0, packet.length, now);
    return this.events.slice(before);
  }

  advance(now: number): readonly Event[] {
    const before = this.events.length;
    this.engine.advance(now);
    return this.events.slice(before);
  }
}

/** Everything of an engine's state that packets change. */
export function stateOf({ engine }: WatchedEngine): unknown {
  const { state, counters } = engine;
  return {
    counters: { ...counters, faults: [...counters.faults].sort() },
    registers: state.registers.map((cells) => Array.from({ length: cells.size }, (_, at) => cells.read(at).toString())),
    cells: state.counters.map((cells) =>
      Array.from({ length: cells.size }, (_, at) => `${cells.read(at).packets}/${cells.read(at).bytes}`),
    ),
    direct: state.tables.map((table) =>
      table.counters === undefined
        ? []
        : [...table.entries()].map(
            ({ handle }) => `${table.readCounter(handle).packets}/${table.readCounter(handle).bytes}`,
          ),
    ),
  };
}

/** Two engines with the same program and seed: compiled and interpreted. */
export function twins(text: string, options: EngineOptions = {}): readonly [WatchedEngine, WatchedEngine] {
  const program = loadProgram(text);
  return [
    new WatchedEngine(program, { ...options, execution: "compiled" }),
    new WatchedEngine(program, { ...options, execution: "interpreted" }),
  ];
}

/** A step of a random run. */
export type Step =
  | { readonly do: "packet"; readonly port: number; readonly bytes: Uint8Array }
  | {
      readonly do: "add";
      readonly table: number;
      readonly key: readonly bigint[];
      readonly shape: readonly number[];
      readonly action: number;
      readonly data: readonly bigint[];
      readonly priority: number;
    }
  | { readonly do: "delete"; readonly table: number; readonly entry: number }
  | { readonly do: "default"; readonly table: number; readonly action: number; readonly data: readonly bigint[] };

const small = fc.bigInt({ min: 0n, max: 3n });
const number = fc.oneof({ weight: 3, arbitrary: small }, fc.bigInt({ min: 0n, max: (1n << 130n) - 1n }));

/** Random steps; `packets` are what interesting packets begin with. */
export function steps(packets: readonly string[], tables: number): fc.Arbitrary<Step[]> {
  const long = { minLength: 90, maxLength: 130 };
  const tail = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array(long),
    fc.uint8Array({ min: 0, max: 3, ...long }),
    fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), long).map((bytes) => Uint8Array.from(bytes)),
  );
  const bytes = fc
    .tuple(fc.constantFrom(...packets, ""), tail, fc.nat({ max: 200 }))
    .map(
      ([head, rest, cut]) =>
        new Uint8Array(
          Buffer.concat([Buffer.from(head.replaceAll(/\s/g, ""), "hex"), rest]).subarray(
            0,
            cut < 150 ? undefined : cut - 150,
          ),
        ),
    );
  const packet = fc.record({ do: fc.constant("packet" as const), port: fc.nat({ max: 511 }), bytes });
  if (tables === 0) return fc.array(packet, { minLength: 1, maxLength: 12 });
  const table = fc.nat({ max: tables - 1 });
  return fc.array(
    fc.oneof(
      { weight: 5, arbitrary: packet },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant("add" as const),
          table,
          key: fc.array(number, { minLength: 8, maxLength: 8 }),
          shape: fc.array(fc.nat({ max: 200 }), { minLength: 8, maxLength: 8 }),
          action: fc.nat({ max: 20 }),
          data: fc.array(number, { minLength: 6, maxLength: 6 }),
          priority: fc.nat({ max: 5 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), table, entry: fc.nat({ max: 10 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant("default" as const),
          table,
          action: fc.nat({ max: 20 }),
          data: fc.array(number, { minLength: 6, maxLength: 6 }),
        }),
      },
    ),
    { minLength: 1, maxLength: 30 },
  );
}

/** Do one step; a refusal by the control plane is an event like any other. */
export function take(step: Step, watched: WatchedEngine, now: number): void {
  const { engine } = watched;
  try {
    switch (step.do) {
      case "packet":
        watched.bytes(step.port, step.bytes, now);
        return;
      case "add": {
        const table = engine.state.tables[step.table];
        const action = table?.table.actions[step.action % table.table.actions.length];
        if (table === undefined || action === undefined) return;
        const data = step.data.slice(0, action.parameters.length);
        if (table.table.kind !== "simple") {
          addIndirectly(step, table, watched, now);
          return;
        }
        table.add(keyOf(table.table, step.key, step.shape), action.name, data, step.priority, now);
        return;
      }
      case "delete": {
        const table = engine.state.tables[step.table];
        const entry = [...(table?.entries() ?? [])][step.entry];
        if (entry !== undefined) table?.delete(entry.handle);
        return;
      }
      case "default": {
        const table = engine.state.tables[step.table];
        const action = table?.table.actions[step.action % table.table.actions.length];
        if (action !== undefined) table?.setDefault(action.name, step.data.slice(0, action.parameters.length));
      }
    }
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    watched.events.push(`refused: ${error.code}`);
  }
}

/** Change the profile of a table, or let an entry lead to a member or group of it. */
function addIndirectly(
  { key, shape, action, data, priority }: Extract<Step, { do: "add" }>,
  table: TableState,
  { engine }: WatchedEngine,
  now: number,
): void {
  const profile = engine.state.profiles[table.table.profile?.index ?? -1];
  const chosen = table.table.actions[action % table.table.actions.length];
  if (profile === undefined || chosen === undefined) return;
  const [target = 0, choice = 0] = shape.slice(6);
  switch (choice % 6) {
    case 0:
      profile.addMember(chosen.name, data.slice(0, chosen.parameters.length));
      return;
    case 1:
      profile.createGroup();
      return;
    case 2:
      profile.addToGroup(target % 3, priority % 2);
      return;
    case 3:
      profile.removeFromGroup(target % 3, priority % 2);
      return;
    case 4:
      table.addIndirect("member", keyOf(table.table, key, shape), target % 3, priority, now);
      return;
    default:
      if (priority === 0) table.setDefaultIndirect("group", target % 2);
      else table.addIndirect("group", keyOf(table.table, key, shape), target % 2, priority, now);
  }
}

function keyOf(table: Table, values: readonly bigint[], shape: readonly number[]): readonly KeyPart[] {
  return table.keys.map(({ kind, width }, at): KeyPart => {
    const value = BigInt.asUintN(width, values[at] ?? 0n);
    const form = shape[at] ?? 0;
    switch (kind) {
      case "exact":
        return { kind, value };
      case "valid":
        return { kind, value: form % 2 === 1 };
      case "lpm":
        return { kind, value, prefixLength: form % (width + 1) };
      case "ternary": {
        const ones = (1n << BigInt(width)) - 1n;
        return {
          kind,
          value,
          mask:
            form % 3 === 0 ? ones : form % 3 === 1 ? 0n : BigInt.asUintN(width, BigInt(form) * 0x0101_0101_0101_0101n),
        };
      }
      case "range": {
        const end = BigInt.asUintN(width, value + BigInt(form));
        return value <= end ? { kind, start: value, end } : { kind, start: end, end: value };
      }
    }
  });
}
