import { z } from "zod";
import type { FlowTestbed } from "../../src/index.ts";
import { type ReadSample, readOpenMetrics } from "../../test/stack/daemon/open-metrics-text.ts";
import { underlayOf } from "./vpc.ts";

/** Everything that a sled measures. */
export async function sledMetrics(bed: FlowTestbed, sled: string): Promise<readonly ReadSample[]> {
  const answer = await bed.node(sled).httpGet({ address: underlayOf(sled), port: 12_221, path: "/metrics" });
  return readOpenMetrics(answer.body);
}

/** The value of a family that has these labels, and perhaps others. */
export function sampleOf(
  samples: readonly ReadSample[],
  family: string,
  labels: Readonly<Record<string, string>>,
): ReadSample | undefined {
  const wanted = Object.entries(labels);
  return samples.find((one) => one.family === family && wanted.every(([name, value]) => one.labels[name] === value));
}

const dropReasons = z.array(z.object({ keys: z.object({ reason: z.string() }), data: z.object({ pkts: z.int() }) }));

/**
 * All counters of lost packets that there are, each by who lost them and why: OPTE's layers at each instance, the sleds, the switch and its
 * filter, the wires.
 */
export async function allDrops(bed: FlowTestbed): Promise<ReadonlyMap<string, number>> {
  const drops = new Map<string, number>();
  for (const sled of ["s1", "s2"]) {
    for (const { family, labels, value } of await sledMetrics(bed, sled)) {
      const { instance = "", layer = "", direction = "", reason = "" } = labels;
      if (family === "opte_port_layer_denied") drops.set(`${sled}: ${layer} of ${instance}, ${direction}`, value);
      if (family === "opte_drops") drops.set(`${sled}: ${reason}`, value);
    }
  }
  const place = { address: "::1", port: 12_224, path: "/counters/p4/drop_reason" };
  for (const { keys, data } of dropReasons.parse(JSON.parse((await bed.node("t1").httpGet(place)).body))) {
    drops.set(`t1: ${keys.reason}`, data.pkts);
  }
  const filter = await bed.node("t1").ask("nft list chain inet uplinks input");
  drops.set("t1: filter of uplinks", Number(/counter packets (\d+) bytes \d+ drop/.exec(filter)?.[1]));
  for (const { name, aToB, bToA } of (await bed.testbed.wires.list()).wires) {
    const lost = [aToB, bToA].flatMap(({ counters }) => Object.values(counters.dropped));
    drops.set(
      `wire ${name}`,
      lost.reduce((sum, count) => sum + count, 0),
    );
  }
  return drops;
}

/** Counters that grew by at least so much. */
export function grownBy(
  least: number,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...after].flatMap(([name, value]) => (value - (before.get(name) ?? 0) >= least ? [name] : []));
}
