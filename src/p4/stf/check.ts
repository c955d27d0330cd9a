import type { CounterValue } from "../switch/state/cells.ts";
import type { Program } from "../switch/format/program.ts";
import type { Labels } from "./bind.ts";
import type { Failure } from "./failure.ts";
import type { Line } from "./line.ts";
import { named } from "./names.ts";
import { matches, patternText } from "./packet-pattern.ts";
import type { Comparison, Statement } from "./statement.ts";
import type { TestSwitch } from "./test-switch.ts";

type Check = Extract<Statement, { kind: "check" }>;
type DigestCheck = Extract<Statement, { kind: "checkDigest" }>;

/** Looks at the switch, and says what is not as expected. */
export type Look = (bench: TestSwitch) => Failure | undefined;

const holds: Readonly<Record<Comparison, (found: bigint, expected: bigint) => boolean>> = {
  "==": (found, expected) => found === expected,
  "!=": (found, expected) => found !== expected,
  "<": (found, expected) => found < expected,
  "<=": (found, expected) => found <= expected,
  ">": (found, expected) => found > expected,
  ">=": (found, expected) => found >= expected,
};

/** A check of a counter or a register. */
export function boundCheck(statement: Check, program: Program, labels: Labels, line: Line): Look {
  const { span, unit, comparison, value } = statement;
  const { what, read } = cellReader(statement, program, labels, line);
  return (bench) => {
    const found = read(bench);
    if (holds[comparison](found, value)) return undefined;
    const name = unit === "register" ? what : `${unit} of ${what}`;
    return { kind: "value", span, what: name, expected: `${comparison} ${value}`, found: String(found) };
  };
}

/** A check of the next digest of a list. */
export function boundDigestCheck({ span, list, pattern }: DigestCheck, program: Program, line: Line): Look {
  const { id, name } = named([...program.learnLists.values()], list, "learn list", line);
  return ({ digests }) => {
    const found = digests.get(id)?.shift();
    if (found !== undefined && (pattern === undefined || matches(pattern, found))) return undefined;
    const expected = pattern === undefined ? "any" : patternText(pattern);
    const text = found === undefined ? "none" : Buffer.from(found).toString("hex");
    return { kind: "value", span, what: `a digest of ${name}`, expected, found: text };
  };
}

function cellReader(
  { name, cell, unit }: Check,
  program: Program,
  labels: Labels,
  line: Line,
): { readonly what: string; readonly read: (bench: TestSwitch) => bigint } {
  const index = (size: number): number => {
    const found = cell === undefined ? 0 : /^\d+$/.test(cell.text) ? Number(cell.text) : NaN;
    if (!(found < size)) line.fail((cell ?? name).span, `expected an index from 0 to ${size - 1}`);
    return found;
  };
  if (unit === "register") {
    const array = named(program.registers, name, "register", line);
    const at = index(array.size);
    return { what: `${array.name}[${at}]`, read: ({ control }) => control.register(array.name, at).read(at) };
  }
  const ofUnit = (value: CounterValue): bigint => value[unit];
  const direct = program.tables.filter(({ withCounters }) => withCounters);
  // The direct counters of a table, as the test calls them: by the counter's name or the table's.
  const array = named([...program.counters, ...direct], name, "counter", line);
  const table = "keys" in array ? array.name : array.table;
  if (table === undefined && !("keys" in array)) {
    const at = index(array.size);
    return { what: `${array.name}[${at}]`, read: ({ control }) => ofUnit(control.counter(array.name, at).read(at)) };
  }
  if (cell === undefined) return line.fail(name.span, `${array.name} counts entries: say which, ${name.text}(entry)`);
  const { text, span } = cell;
  return {
    what: `${array.name}(${text})`,
    read: ({ control }) => {
      const entry = labels.get(text);
      if (entry === undefined || entry.table !== table) {
        return line.fail(span, `${table ?? array.name} has no entry that was called "${text}"`);
      }
      return ofUnit(control.table(entry.table).readCounter(entry.handle));
    },
  };
}
