import { directionNames } from "../../wire/index.ts";
import type { CampaignKind, CampaignLimits, Range } from "./campaign-options.ts";
import {
  clockStep,
  cut,
  type Daemon,
  daemonFrozen,
  daemonKilled,
  daemonStopped,
  down,
  type Impairment,
  impaired,
  killed,
  type OneWay,
  paused,
  powerCycled,
} from "./fault.ts";
import type { FaultDraw } from "./fault-draw.ts";
import { type FaultSchedule, flapping } from "./schedule.ts";

/** What has been decided about a fault. */
interface Decided {
  readonly kind: CampaignKind;
  readonly target: string;
  readonly durationMs: number;
}

/** Draw the particulars of a fault. */
export function drawFault(
  draw: FaultDraw,
  { kind, target, durationMs }: Decided,
  limits: CampaignLimits,
): FaultSchedule {
  switch (kind) {
    case "down":
      return down(target);
    case "flapping": {
      const count = draw.wholeNumber("flaps", { from: 2, to: 5 });
      return flapping(target, { periodMs: durationMs / count, count });
    }
    case "cut":
      return cut(target);
    case "one-way-cut":
      return cut(target, { direction: draw.oneOf("direction", directionNames) ?? "aToB" });
    case "impaired":
      return impaired(target, drawImpairment(draw, limits.impairments), drawWay(draw));
    case "paused":
      return paused(target);
    case "killed":
      return killed(target);
    case "power-cycled":
      return powerCycled(target);
    case "daemon-killed":
      return daemonKilled(target, drawDaemon(draw, limits, target));
    case "daemon-stopped":
      return daemonStopped(target, drawDaemon(draw, limits, target));
    case "daemon-frozen":
      return daemonFrozen(target, drawDaemon(draw, limits, target));
    case "clock-step": {
      const ms = draw.wholeNumber("step", limits.clockStepMs);
      return clockStep(target, { ms: draw.fraction("backwards") < 0.5 ? -ms : ms });
    }
  }
}

/** One of the settings at least, each of the others with a chance of one half. */
function drawImpairment(draw: FaultDraw, impairments: CampaignLimits["impairments"]): Impairment {
  const ranges = Object.entries(impairments) as (readonly [keyof Impairment, Range])[];
  const certain = draw.oneOf(
    "impairment",
    ranges.map(([name]) => name),
  );
  return Object.fromEntries(
    ranges
      .filter(([name]) => name === certain || draw.fraction("impairment", name) < 0.5)
      .map(([name, range]) => [name, drawSetting(draw, name, range)]),
  );
}

const probabilities: ReadonlySet<keyof Impairment> = new Set(["loss", "duplicate", "reorder", "corrupt"]);

function drawSetting(draw: FaultDraw, name: keyof Impairment, { from, to }: Range): number {
  if (!probabilities.has(name)) return draw.wholeNumber(name, { from, to });
  return Math.round(1000 * (from + draw.fraction(name) * (to - from))) / 1000;
}

function drawWay(draw: FaultDraw): OneWay {
  const way = draw.oneOf("way", ["both", ...directionNames]) ?? "both";
  return way === "both" ? {} : { direction: way };
}

function drawDaemon(draw: FaultDraw, { daemons }: CampaignLimits, node: string): Daemon {
  const known = daemons[node] ?? [];
  const name = draw.oneOf(
    "daemon",
    known.map((daemon) => JSON.stringify(daemon)),
  );
  return JSON.parse(name ?? "") as Daemon;
}
