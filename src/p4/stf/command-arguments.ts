import type { Program } from "../switch/format/program.ts";
import type { CrcParameters } from "../switch/hash/crc.ts";
import type { MeterRate } from "../switch/state/cells.ts";
import { hasPriorities } from "../switch/state/key.ts";
import type { Line } from "./line.ts";
import { named } from "./names.ts";
import { onControl, type Step } from "./step.ts";
import { keyPart } from "./value.ts";

/** Ports, and behind a `|` link aggregation groups. */
export function portList(line: Line): { ports: readonly number[]; lags: readonly number[] } {
  const ports: number[] = [];
  while (line.peek() !== undefined && line.peek() !== "|") ports.push(line.number("a port"));
  const lags: number[] = [];
  if (line.accept("|")) while (line.peek() !== undefined) lags.push(line.number("a LAG"));
  return { ports, lags };
}

/** `rate:burst` (units per microsecond, units) for each rate, the lowest first. */
export function meterRates(line: Line): readonly MeterRate[] {
  const rates: MeterRate[] = [];
  while (line.peek() !== undefined) {
    const { text, span } = line.take("rate:burst");
    const [, rate, burst] = /^(\d+(?:\.\d+)?):(\d+)$/.exec(text) ?? [];
    if (rate === undefined) line.fail(span, `expected rate:burst (units per microsecond, units), found "${text}"`);
    rates.push({ unitsPerMicrosecond: Number(rate), burst: Number(burst) });
  }
  return rates;
}

/** `T key … => target [priority]` */
export function indirectEntry(line: Line, { tables }: Program, to: "member" | "group"): Step {
  const table = named(tables, line.take("a table"), "table", line);
  const key = table.keys.map((part) =>
    line.value(line.take(`the value of ${part.name}`), (text) => keyPart(part, text)),
  );
  line.expect("=>");
  const target = line.number(`a ${to}`);
  const priority = hasPriorities(table) ? line.number("a priority") : -1;
  return onControl((control) => control.table(table.name).addIndirect(to, key, target, priority, control.now));
}

/** `CALCULATION polynomial initial final-xor reflect-data? reflect-remainder?` */
export function crcParameters(line: Line, { calculations }: Program, width: 16 | 32): Step {
  const algorithm = `crc${width}_custom` as const;
  const custom = calculations.filter((calculation) => calculation.algorithm === algorithm);
  const { name } = named(custom, line.take("a calculation"), `calculation with ${algorithm}`, line);
  const parameters: CrcParameters = {
    width,
    polynomial: line.bigNumber("a polynomial"),
    initial: line.bigNumber("an initial remainder"),
    finalXor: line.bigNumber("a final value to xor"),
    reflectInput: line.take("whether data is reflected").text.toLowerCase() === "true",
    reflectOutput: line.take("whether the remainder is reflected").text.toLowerCase() === "true",
  };
  return onControl((control) => {
    control.setCrc(name, algorithm, parameters);
  });
}

/** A number that may be left out. */
export function optionalNumber(line: Line, expected: string): number | undefined {
  return line.peek() === undefined ? undefined : line.number(expected);
}
