import { KestrelError } from "../../error/kestrel-error.ts";
import type { Plan } from "../../topology/index.ts";
import { type CampaignKind, type CampaignLimits, campaignLimits, type CampaignOptions } from "./campaign-options.ts";
import { FaultDraw } from "./fault-draw.ts";
import { during, type FaultSchedule, together } from "./schedule.ts";
import { drawFault } from "./draw-fault.ts";

/** A wire or node that is in use by a fault for a time. */
interface Busy {
  readonly target: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Draw faults at random. The same seed, options and plan give the same schedule on every machine. Each decision about each
 * fault has draws of its own: to permit one kind or target more or less changes only the faults that are drawn from it.
 *
 * @param seed - such as `runSeed()`, or `seedFor("campaign of links")` where a run has several campaigns
 * @throws KestrelError (input) with everything that is wrong with the options, or when they leave nothing to break
 */
export function drawCampaign(seed: string, options: CampaignOptions, plan: Plan): FaultSchedule {
  const limits = campaignLimits(options, plan);
  const kinds = limits.kinds.filter((kind) => targetsOf(kind, limits).length > 0);
  if (kinds.length === 0) {
    throw new KestrelError({
      kind: "input",
      step: "draw a campaign of faults",
      subject: plan.name,
      expected: "something that may be broken",
      found: `nothing for ${limits.kinds.join(", ")}`,
      hint: "permit more wires or nodes; name daemons for faults of daemons",
    });
  }
  const busy: Busy[] = [];
  const freeFromMs = Array.from({ length: limits.atOnce }, () => 0);
  const parts = Array.from({ length: limits.count }, (_, index) => {
    const draw = new FaultDraw(seed, index);
    const lane = freeFromMs.indexOf(Math.min(...freeFromMs));
    const startMs = (freeFromMs[lane] ?? 0) + draw.wholeNumber("quiet", limits.quietMs);
    const durationMs = draw.wholeNumber("duration", limits.durationMs);
    freeFromMs[lane] = startMs + durationMs;
    const isFree = (target: string): boolean =>
      !busy.some((each) => each.target === target && each.fromMs < startMs + durationMs && startMs < each.untilMs);
    const kind = draw.oneOf(
      "kind",
      kinds.filter((each) => targetsOf(each, limits).some(isFree)),
    );
    if (kind === undefined) return [];
    const target = draw.oneOf("target", targetsOf(kind, limits).filter(isFree)) ?? "";
    busy.push({ target, fromMs: startMs, untilMs: startMs + durationMs });
    return [during(drawFault(draw, { kind, target, durationMs }, limits), { startMs, durationMs })];
  });
  return together(...parts.flat());
}

function targetsOf(kind: CampaignKind, { wires, nodes, daemons }: CampaignLimits): readonly string[] {
  switch (kind) {
    case "down":
    case "flapping":
    case "cut":
    case "one-way-cut":
    case "impaired":
      return wires;
    case "daemon-killed":
    case "daemon-stopped":
    case "daemon-frozen":
      return nodes.filter((node) => (daemons[node] ?? []).length > 0);
    case "paused":
    case "killed":
    case "power-cycled":
    case "clock-step":
      return nodes;
  }
}
