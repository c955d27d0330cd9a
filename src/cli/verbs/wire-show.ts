import { describeImpairments } from "../../topology/impairments.ts";
import type { DirectionStatus, WireStatus } from "../../wire/protocol.ts";
import { formatBytes } from "../quantities.ts";
import type { Session } from "../session.ts";
import type { Colors } from "../terminal.ts";
import { endText, findWire } from "../wire-selection.ts";
import type { WireOptions } from "./wire-change.ts";

/** Show everything that is known about one wire. */
export async function wireShow(session: Session, name: string, options: WireOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const wire = findWire((await testbed.wires.list()).wires, name);
  if (options.json === true) session.terminal.printJson(wire);
  else session.terminal.print(describeWire(wire, session.terminal.colors));
}

/** A wire for a person: ends, both directions, the recording. */
export function describeWire({ name, ends, up, aToB, bToA, recording }: WireStatus, colors: Colors): string {
  const [a, b] = [endText(ends[0]), endText(ends[1])];
  return [
    `${colors.bold(name)} ${up ? colors.green("up") : colors.red("down")}`,
    `  ends       a ${a}, b ${b}`,
    `  recording  ${recording.frames} frames in at most ${formatBytes(recording.capacityBytes)}, ${recording.overwrittenFrames} made room`,
    ...directionLines(`${a} → ${b} (aToB)`, aToB, colors),
    ...directionLines(`${b} → ${a} (bToA)`, bToA, colors),
  ].join("\n");
}

function directionLines(title: string, { settings, counters }: DirectionStatus, colors: Colors): readonly string[] {
  const drops = Object.entries(counters.dropped).filter(([, count]) => count > 0);
  const marks = (["injected", "duplicated", "corrupted", "reordered"] as const).filter((mark) => counters[mark] > 0);
  return [
    `  ${colors.bold(title)}`,
    `    does       ${describeImpairments(settings) || "nothing to frames"}; ${formatBytes(settings.queueBytes)} may wait`,
    `    entered    ${counters.frames} frames, ${formatBytes(counters.bytes)}`,
    `    delivered  ${counters.deliveredFrames} frames, ${formatBytes(counters.deliveredBytes)}`,
    `    dropped    ${drops.length === 0 ? "none" : drops.map(([reason, count]) => `${count} by ${reason}`).join(", ")}`,
    ...(marks.length === 0 ? [] : [`    besides    ${marks.map((mark) => `${counters[mark]} ${mark}`).join(", ")}`]),
    `    under way  ${counters.inFlightFrames} frames, ${formatBytes(counters.inFlightBytes)}; ${formatBytes(counters.waitingBytes)} not read yet`,
  ];
}
