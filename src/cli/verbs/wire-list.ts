import { describeImpairments } from "../../topology/impairments.ts";
import type { DirectionCounters, DirectionStatus, Statistics, WireStatus } from "../../wire/protocol.ts";
import { InterruptionWatch } from "../interruption.ts";
import { formatBytes } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import { table } from "../table.ts";
import type { Colors } from "../terminal.ts";
import { endText } from "../wire-selection.ts";

/** Options of `kestrel wire ls`. */
export interface WireListOptions extends TestbedOption, JsonOption {
  readonly watch?: boolean;
}

const watchIntervalMs = 1000;
const clearScreen = "\u001b[H\u001b[2J";

/** List the wires of a testbed, once or again and again. */
export async function wireList(session: Session, options: WireListOptions): Promise<void> {
  const { terminal } = session;
  using interruption = new InterruptionWatch();
  using testbed = await session.testbed(options);
  if (options.watch !== true) {
    const { wires } = await testbed.wires.list();
    if (options.json === true) terminal.printJson({ wires });
    else terminal.print(describeWires(wires, terminal.colors));
    return;
  }
  let before: Statistics | undefined;
  for await (const statistics of testbed.wires.followStatistics(watchIntervalMs, interruption.signal)) {
    if (options.json === true) {
      terminal.printJsonLine(statistics);
    } else {
      const { wires } = await testbed.wires.list();
      terminal.stdout.write(terminal.stdout.isTTY === true ? clearScreen : "");
      terminal.print(describeWires(wires, terminal.colors, rates(before, statistics)));
      before = statistics;
    }
  }
}

/** Frames and bytes in a second, by wire and direction (`NAME aToB`). */
export type Rates = ReadonlyMap<string, { readonly frames: number; readonly bytes: number }>;

/** The rates between two sets of counters; empty before there are two. */
export function rates(before: Statistics | undefined, after: Statistics): Rates {
  const found = new Map<string, { frames: number; bytes: number }>();
  if (before === undefined) return found;
  const seconds = Number(BigInt(after.timestamp) - BigInt(before.timestamp)) / 1e9;
  if (seconds <= 0) return found;
  for (const [wire, directions] of Object.entries(after.wires)) {
    for (const direction of ["aToB", "bToA"] as const) {
      const earlier = before.wires[wire]?.[direction];
      if (earlier === undefined) continue;
      found.set(`${wire} ${direction}`, {
        frames: (directions[direction].frames - earlier.frames) / seconds,
        bytes: (directions[direction].bytes - earlier.bytes) / seconds,
      });
    }
  }
  return found;
}

/** A table of wires: a line for each direction. */
export function describeWires(wires: readonly WireStatus[], colors: Colors, speeds?: Rates): string {
  if (wires.length === 0) return "no wires";
  const rows = wires.flatMap(({ name, ends, up, aToB, bToA }) => {
    const [a, b] = ends.map(endText);
    const row = (first: string, from = "", to = "", direction: DirectionStatus, key: string): readonly string[] => [
      first,
      `${from} → ${to}`,
      String(direction.counters.frames),
      formatBytes(direction.counters.bytes),
      droppedText(direction.counters, colors),
      ...(speeds === undefined ? [] : [speedText(speeds, key)]),
      [up ? "" : colors.red("down"), describeImpairments(direction.settings)].filter((part) => part !== "").join(", "),
    ];
    return [row(colors.bold(name), a, b, aToB, `${name} aToB`), row("", b, a, bToA, `${name} bToA`)];
  });
  const rate = speeds === undefined ? [] : ["RATE"];
  return table(rows, ["WIRE", "DIRECTION", "FRAMES", "BYTES", "DROPPED", ...rate, "IMPAIRMENTS"], colors);
}

function droppedText({ dropped }: DirectionCounters, colors: Colors): string {
  const total = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (total === 0) return "0";
  const [reason] = Object.entries(dropped).toSorted(([, a], [, b]) => b - a)[0] ?? ["?"];
  return colors.yellow(`${total} (${reason})`);
}

function speedText(speeds: Rates, key: string): string {
  const speed = speeds.get(key);
  return speed === undefined ? "-" : `${Math.round(speed.frames)}/s ${formatBytes(speed.bytes)}/s`;
}
