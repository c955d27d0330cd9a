import { cleanDirection } from "../../topology/direction-settings.ts";
import type {
  DirectionCounters,
  DirectionName,
  DirectionSettings,
  Plan,
  Statistics,
  WireStatus,
} from "./public-api.ts";

/** What went through a direction in one interval. */
export interface Rate {
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  /** Share of the frames that entered and did not come out, 0 to 1; undefined when none entered. */
  readonly loss: number | undefined;
}

/** What is known of one direction of a wire. */
export interface DirectionView {
  readonly settings: DirectionSettings | undefined;
  readonly counters: DirectionCounters | undefined;
  /** Of the last interval; undefined before there were two sets of counters. */
  readonly rate: Rate | undefined;
  /** Bits per second of the last intervals, oldest first. */
  readonly history: readonly number[];
}

/** What is known of a wire: of a cable, or of the leg of a segment. */
export interface WireView {
  readonly name: string;
  /** What its ends are plugged into, as people say it. */
  readonly ends: readonly [string, string];
  /** Nothing of it is counted, recorded or impaired. */
  readonly direct: boolean;
  /** Whether it has a carrier; undefined where that is not known. */
  readonly up: boolean | undefined;
  readonly aToB: DirectionView;
  readonly bToA: DirectionView;
}

/** Intervals whose rates are kept. */
const keptRates = 120;

const unknownDirection: DirectionView = { settings: undefined, counters: undefined, rate: undefined, history: [] };

/** The wires of a plan and the legs of its segments, of which nothing is known yet. */
export function wiresOfPlan(plan: Plan): ReadonlyMap<string, WireView> {
  const view = (name: string, a: string, b: string, direct: boolean): [string, WireView] => [
    name,
    { name, ends: [a, b], direct, up: undefined, aToB: unknownDirection, bToA: unknownDirection },
  ];
  return new Map([
    ...plan.wires.map(({ name, a, b, direct }) => view(name, `${a.node}:${a.port}`, `${b.node}:${b.port}`, direct)),
    ...plan.segments.flatMap((segment) =>
      segment.legs.map(({ name, port }) => view(name, `${port.node}:${port.port}`, `segment ${segment.name}`, false)),
    ),
  ]);
}

/** The wires after the panel's list of them; what it does not list keeps what was known. */
export function afterWireList(
  wires: ReadonlyMap<string, WireView>,
  list: readonly WireStatus[],
): ReadonlyMap<string, WireView> {
  const next = new Map(wires);
  for (const { name, ends, up, aToB, bToA } of list) {
    const before = next.get(name);
    next.set(name, {
      name,
      ends: [endText(ends[0]), endText(ends[1])],
      direct: false,
      up,
      aToB: { ...(before?.aToB ?? unknownDirection), ...aToB },
      bToA: { ...(before?.bToA ?? unknownDirection), ...bToA },
    });
  }
  return next;
}

/** The wires after new counters; the rates are those since the counters before. */
export function afterStatistics(
  wires: ReadonlyMap<string, WireView>,
  before: Statistics | undefined,
  after: Statistics,
): ReadonlyMap<string, WireView> {
  const seconds = before === undefined ? 0 : Number(BigInt(after.timestamp) - BigInt(before.timestamp)) / 1e9;
  const next = new Map(wires);
  for (const [name, counters] of Object.entries(after.wires)) {
    const wire = next.get(name);
    if (wire === undefined) continue;
    const direction = (which: DirectionName): DirectionView => {
      const earlier = before?.wires[name]?.[which];
      const rate = earlier === undefined || seconds <= 0 ? undefined : rateBetween(earlier, counters[which], seconds);
      const { history } = wire[which];
      return {
        ...wire[which],
        counters: counters[which],
        rate,
        history: rate === undefined ? history : [...history.slice(1 - keptRates), rate.bitsPerSecond],
      };
    };
    next.set(name, { ...wire, aToB: direction("aToB"), bToA: direction("bToA") });
  }
  return next;
}

function rateBetween(before: DirectionCounters, after: DirectionCounters, seconds: number): Rate | undefined {
  const frames = after.frames - before.frames;
  // A wire that was taken out and put in again counts anew.
  if (frames < 0) return undefined;
  const dropped = droppedFrames(after) - droppedFrames(before);
  return {
    framesPerSecond: frames / seconds,
    bitsPerSecond: ((after.bytes - before.bytes) * 8) / seconds,
    loss: frames === 0 ? undefined : Math.min(1, dropped / frames),
  };
}

/** Frames that did not come out, whatever the reason. */
export function droppedFrames({ dropped }: DirectionCounters): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/** What is wrong with a wire, in a word or two each; empty for a sound one or where nothing is known. */
export function wireFaults({ up, aToB, bToA }: WireView): readonly string[] {
  const faults: string[] = [];
  if (up === false) faults.push("down");
  const cut = [aToB, bToA].filter(({ settings }) => settings?.cut === true).length;
  if (cut > 0) faults.push(cut === 2 ? "cut" : "cut one way");
  if ([aToB, bToA].some(({ settings }) => settings !== undefined && isImpaired(settings))) faults.push("impaired");
  return faults;
}

/** Whether a direction does anything to frames besides passing them or cutting them off. */
function isImpaired(settings: DirectionSettings): boolean {
  return (Object.keys(cleanDirection) as (keyof DirectionSettings)[]).some(
    (key) => key !== "cut" && settings[key] !== cleanDirection[key],
  );
}

/** Frames per second both ways together; undefined where neither is known. */
export function frameRate({ aToB, bToA }: WireView): number | undefined {
  if (aToB.rate === undefined && bToA.rate === undefined) return undefined;
  return (aToB.rate?.framesPerSecond ?? 0) + (bToA.rate?.framesPerSecond ?? 0);
}

/** The worse loss of the two directions; undefined when no frame entered. */
export function worseLoss({ aToB, bToA }: WireView): number | undefined {
  const losses = [aToB.rate?.loss, bToA.rate?.loss].filter((loss) => loss !== undefined);
  return losses.length === 0 ? undefined : Math.max(...losses);
}

function endText(end: WireStatus["ends"][number]): string {
  if (end === null) return "nothing";
  return "port" in end ? end.port : `segment ${end.segment}`;
}
