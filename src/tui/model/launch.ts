import type { BedView } from "./bed.ts";
import type { Plan, TestbedEvent } from "./public-api.ts";

/** A topology that may be launched. */
export interface TopologyEntry {
  /** Path, from where Kestrel runs as far as that is below it. */
  readonly file: string;
  /** Path as it is shown: of those that come with Kestrel the name alone. */
  readonly label: string;
  /** Comes with Kestrel. */
  readonly own: boolean;
  /** Undefined when the file cannot be planned. */
  readonly plan: Plan | undefined;
  /** What is wrong with the file. */
  readonly problem: string | undefined;
  /** The comment at its beginning. */
  readonly about: string;
  /** Milliseconds that earlier launches took, the middle one; undefined without any. */
  readonly expectedMs: number | undefined;
}

/** The launch view. */
export interface LaunchView {
  /** Undefined before they were looked for. */
  readonly topologies: readonly TopologyEntry[] | undefined;
  /** Position in the list: first the testbeds that run, then the topologies. */
  readonly chosen: number;
  /** The launch under way, or the one that failed. */
  readonly underWay: LaunchUnderWay | undefined;
}

/** A testbed that comes up. */
export interface LaunchUnderWay {
  readonly bed: BedView;
  readonly file: string;
  /** Wall clock. */
  readonly begunAt: number;
  readonly expectedMs: number | undefined;
  /** Why it did not come up; undefined while it may. */
  readonly failure: string | undefined;
}

/** Nothing looked at yet. */
export const launchBegins: LaunchView = { topologies: undefined, chosen: 0, underWay: undefined };

/** Milliseconds in one state after which a node that comes up is looked at with suspicion. */
const slowMs = 15_000;

/** Why a node is where it is, for somebody who waits for it; undefined when there is nothing to say. */
export function whyWaiting({ plan, nodes, elapsedMs }: BedView, name: string): string | undefined {
  const node = nodes.get(name);
  if (node === undefined) return undefined;
  if (node.message !== undefined && node.state !== "waiting") return node.message.split("\n")[0];
  if (node.state === "waiting" || node.state === "unknown") {
    const after = plan.nodes.find((each) => each.name === name)?.after ?? [];
    const open = after.filter((fact) => {
      const state = nodes.get(fact.node)?.state;
      return fact.ready ? state !== "ready" : state !== "ready" && state !== "settling";
    });
    if (open.length > 0)
      return `waits for ${open.map((fact) => `${fact.node} (${nodes.get(fact.node)?.state ?? "unknown"})`).join(", ")}`;
    return node.state === "waiting" ? (node.message ?? "waits for its turn") : undefined;
  }
  const inState = node.since === undefined ? 0 : elapsedMs - node.since;
  if (node.state !== "ready" && inState > slowMs)
    return `${node.state} for ${Math.round(inState / 1000)} s; look at its console`;
  return undefined;
}

/** Share of a launch that is done, 0 to 1: each node counts for how far it came. */
export function launchShare({ nodes, state }: BedView): number {
  if (state === "ready") return 1;
  const weights = { unknown: 0, waiting: 0, starting: 0.3, identifying: 0.6, settling: 0.8, ready: 1 } as const;
  const shares = [...nodes.values()].map((node) =>
    node.state in weights ? weights[node.state as keyof typeof weights] : 1,
  );
  return shares.length === 0 ? 0 : shares.reduce((sum: number, each) => sum + each, 0) / shares.length;
}

/** Whether an event ends a launch well. */
export function endsLaunch(event: TestbedEvent): boolean {
  return event.type === "state" && event.state === "ready";
}
