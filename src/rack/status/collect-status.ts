import { describeError, KestrelError } from "../../error/kestrel-error.ts";
import type { Testbed } from "../../testbed/index.ts";
import { describeImpairments, formatPort } from "../../topology/index.ts";
import { directionNames, type WireStatus } from "../../wire/index.ts";
import { rackPrefix } from "../addressing.ts";
import {
  type Fabric,
  type FabricEnd,
  type FabricLink,
  fabricOf,
  neighboursOf,
  nodesOf,
  type RackNode,
} from "../fabric.ts";
import { asymmetriesOf } from "./asymmetries.ts";
import type { NodeView, RackStatus, WireView } from "./rack-status.ts";
import { readRouting } from "./read-routing.ts";

/**
 * Look at the racks of a testbed: machines, wires, and what their daemons say.
 *
 * @throws KestrelError (input) when it has none
 */
export async function collectStatus(testbed: Testbed): Promise<RackStatus> {
  const fabric = fabricOf(testbed.plan);
  if (fabric.racks.length === 0) {
    throw new KestrelError({
      kind: "input",
      step: "look at the racks",
      subject: testbed.name,
      expected: "a testbed with sleds and switches",
      found: "none of them",
      hint: "kestrel up topologies/one-rack.yaml",
    });
  }
  const [{ nodes: states }, wires] = await Promise.all([testbed.status(), testbed.wires.list()]);
  const views = new Map(
    await Promise.all(
      nodesOf(fabric).map(async (owner) => {
        const state = states.find(({ name }) => name === owner.node.name)?.state ?? "waiting";
        return [owner.node.name, await nodeView(testbed, fabric, owner, state)] as const;
      }),
    ),
  );
  const racks = fabric.racks.map(({ name, index, sleds, switches }) => ({
    name,
    prefix: rackPrefix(index),
    nodes: [...switches, ...sleds].flatMap(({ node }) => views.get(node.name) ?? []),
  }));
  const wireViews = fabric.links.map((link) =>
    wireView(
      fabric,
      link,
      wires.wires.find(({ name }) => name === link.wire),
      views,
    ),
  );
  return { testbed: testbed.name, racks, wires: wireViews, asymmetries: asymmetriesOf(racks, wireViews) };
}

async function nodeView(testbed: Testbed, fabric: Fabric, owner: RackNode, state: string): Promise<NodeView> {
  const facts = {
    name: owner.node.name,
    role: owner.role,
    prefix: owner.prefix,
    state,
    expectedPeers: neighboursOf(fabric, owner).length,
  };
  const measures = testbed.plan.stack.multipath !== null && owner.role === "sled";
  try {
    return {
      ...facts,
      silence: null,
      ...(await readRouting(await testbed.node(owner.node.name).guest(), owner, measures)),
    };
  } catch (error) {
    const silence = describeError(error).split("\n")[0] ?? "";
    return { ...facts, silence, peers: [], originated: [], routes: [], paths: null };
  }
}

function wireView(
  fabric: Fabric,
  { wire, ends }: FabricLink,
  status: WireStatus | undefined,
  views: ReadonlyMap<string, NodeView>,
): WireView {
  // It may have been plugged in elsewhere meanwhile.
  const [a, b] = [0, 1].map((at) => endNow(fabric, status?.ends[at]) ?? ends[at]);
  if (a === undefined || b === undefined) throw new Error(`wire ${wire} has no ends`);
  const seesPeer = (here: FabricEnd, there: FabricEnd): boolean =>
    views
      .get(here.owner.node.name)
      ?.peers.some(({ address, status: state }) => address === there.port.linkLocal && state === "Exchange") ?? false;
  return {
    name: wire,
    ends: [nameOf(a), nameOf(b)],
    state: wireState(status),
    peering: [seesPeer(a, b), seesPeer(b, a)],
  };
}

function nameOf({ owner, port }: FabricEnd): string {
  return formatPort({ node: owner.node.name, port: port.name });
}

function endNow(fabric: Fabric, end: WireStatus["ends"][number] | undefined): FabricEnd | undefined {
  if (end === undefined || end === null || !("port" in end)) return undefined;
  return nodesOf(fabric)
    .flatMap((owner) => owner.node.ports.map((port) => ({ owner, port })))
    .find((each) => nameOf(each) === end.port);
}

function wireState(status: WireStatus | undefined): WireView["state"] {
  if (status === undefined) return "direct";
  if (status.ends.some((end) => end === null)) return "unplugged";
  if (!status.up) return "down";
  const settings = directionNames.map((direction) => status[direction].settings);
  if (settings.some(({ cut }) => cut)) return "cut";
  return settings.every((each) => describeImpairments(each) === "") ? "up" : "impaired";
}
