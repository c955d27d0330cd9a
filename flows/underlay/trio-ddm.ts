import { expect } from "vitest";
import { eventually, type FlowTestbed } from "../../src/index.ts";
import { learned, learnedTunnels, tellDdmd } from "./ddm.ts";

/** The routers of the trio: two sleds and the switch between them. */
export const routers = ["s1", "s2", "t1"] as const;
/** What the flows have sleds originate; their own prefixes are there all the time. */
export const ours = /^fd00:[0-9]:/;
/** How long a peer that ends without a word is still believed, and how long news then takes, under emulation. */
export const within = 60_000;

/** How many of the prefixes of these flows each router has learned: in the order of `routers`. */
export async function counts(bed: FlowTestbed): Promise<readonly number[]> {
  return Promise.all(routers.map(async (node) => (await learned(bed, node, ours)).length));
}

export async function untilCounts(
  bed: FlowTestbed,
  expected: readonly [s1: number, s2: number, t1: number],
): Promise<void> {
  const what = `s1, s2 and t1 have learned ${expected.join(", ")} prefixes`;
  await eventually(
    async () => {
      expect(await counts(bed)).toEqual(expected);
    },
    { what, within },
  );
}

export async function pingBothWays(bed: FlowTestbed): Promise<void> {
  await bed.node("s1").until("ping -6 -q -c 1 -W 5 fd00:1122:3344:102::1", { within });
  await bed.node("s2").until("ping -6 -q -c 1 -W 5 fd00:1122:3344:101::1", { within });
}

/** Have sleds originate prefixes until the end of the scope. */
export async function originating(
  bed: FlowTestbed,
  prefixes: Readonly<Partial<Record<"s1" | "s2", readonly string[]>>>,
): Promise<AsyncDisposable> {
  const change = (method: "PUT" | "DELETE") =>
    Promise.all(Object.entries(prefixes).map(([node, list]) => tellDdmd(bed, node, method, "/prefix", list)));
  await change("PUT");
  return {
    [Symbol.asyncDispose]: async () => {
      await change("DELETE");
    },
  };
}

/** The tunnel origins that each router has learned: in the order of `routers`. */
export function tunnelsKnown(bed: FlowTestbed): Promise<readonly (readonly string[])[]> {
  return Promise.all(routers.map((node) => learnedTunnels(bed, node)));
}

export async function untilTunnels(bed: FlowTestbed, expected: readonly (readonly string[])[]): Promise<void> {
  await eventually(
    async () => {
      expect(await tunnelsKnown(bed)).toEqual(expected);
    },
    { within },
  );
}
