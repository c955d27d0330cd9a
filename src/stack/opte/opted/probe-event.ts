import { z } from "@hono/zod-openapi";
import { flowText } from "../engine/parse/flow-key.ts";
import type { ProbeEvent } from "../engine/port/probe.ts";

/** A probe that fired, as a line of the stream (specification, section 4.4). */
export const probeLine = z.strictObject({
  /** Milliseconds of the daemon's clock. */
  at: z.number(),
  probe: z.string(),
  port: z.string().optional(),
  direction: z.enum(["in", "out"]).optional(),
  /** `TCP:172.30.0.5:44490:52.10.128.69:80`, as the packet is at that place. */
  flow: z.string().optional(),
  layer: z.string().optional(),
  /** Id of the rule. */
  rule: z.int().optional(),
  /** Of a packet that is dropped: `rule`, `default`, `action`, `handle-packet`, `bandwidth`, `agent-queue`, `tcp`, or what failed. */
  reason: z.string().optional(),
  detail: z.string().optional(),
});
export type ProbeLine = z.output<typeof probeLine>;

/** What a probe says while its packet is on its way, for who reads it later. */
export function probeLineOf(event: ProbeEvent, at: number): ProbeLine {
  const { probe, port, layer, rule, walk, detail } = event;
  return {
    at,
    probe,
    ...(port === undefined ? {} : { port }),
    ...(walk === undefined ? {} : { direction: walk.isIn ? "in" : "out", flow: flowText(walk.packet.key) }),
    ...(layer === undefined ? {} : { layer }),
    ...(rule === undefined ? {} : { rule }),
    ...reasonOf(event),
    ...(detail === undefined ? {} : { detail }),
  };
}

function reasonOf({ probe, walk, detail }: ProbeEvent): Pick<ProbeLine, "reason" | "layer"> {
  if (probe === "tcp-flow-drop") return { reason: "tcp" };
  if (probe === "bad-packet" || probe === "gen-desc-fail") return { reason: detail ?? "" };
  if (walk === undefined) return {};
  if (probe === "rule-deny") return { reason: walk.dropReason };
  const isEnd = probe === "port-process-return";
  const reason = isEnd ? walk.dropReason || walk.failure : "";
  return reason === "" ? {} : { reason, ...(walk.dropLayer === "" ? {} : { layer: walk.dropLayer }) };
}

/** Probes that tell of a packet that is lost; each such packet fires one of them at least. */
export const dropProbes: readonly string[] = [
  "bad-packet",
  "rule-deny",
  "tcp-flow-drop",
  "gen-desc-fail",
  "port-process-return",
];

/** Whether a line says that a packet was lost. */
export function isDrop({ probe, reason }: ProbeLine): boolean {
  return dropProbes.includes(probe) && reason !== undefined && reason !== "";
}
