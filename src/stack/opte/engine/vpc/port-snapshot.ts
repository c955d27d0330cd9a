import type { Descriptor, SavedDescriptor } from "../layer/descriptor.ts";
import { IpAddress } from "../parse/address.ts";
import { OpteError } from "../port/opte-error.ts";
import type { LayerFlow } from "../table/flow.ts";
import { isOneToOne } from "./external-ips.ts";
import { oneToOne, snatDescriptor } from "./nat-descriptor.ts";
import { poolOf } from "./snat-pool.ts";
import type { VpcPort } from "./vpc-port.ts";

/** A decision of a layer. Keys are the words of flow-key.ts. */
export interface SavedLayerFlow {
  readonly layer: string;
  readonly in: readonly number[];
  readonly out: readonly number[];
  readonly descriptor?: SavedDescriptor | undefined;
  /** Milliseconds since its last hit. */
  readonly ageMs: number;
}

/** A TCP connection. */
export interface SavedTcpFlow {
  readonly key: readonly number[];
  readonly inbound?: readonly number[] | undefined;
  readonly state: number;
  readonly guestSequence: number;
  readonly ageMs: number;
  /** Places of its decisions in `layerFlows`. */
  readonly parents: readonly number[];
}

/** What a port knows of its guest's connections, as JSON: enough for them to go on at another sled. */
export interface PortSnapshot {
  readonly version: 1;
  readonly layerFlows: readonly SavedLayerFlow[];
  readonly tcpFlows: readonly SavedTcpFlow[];
}

/** Save the flows of a port, best while it is paused. Composed transforms are not saved: they are made anew. */
export function savePort({ port }: VpcPort, now: number): PortSnapshot {
  const places = new Map<LayerFlow, number>();
  const layerFlows: SavedLayerFlow[] = [];
  for (const [index, tables] of port.store.layers.entries()) {
    for (const flow of tables.values()) {
      places.set(flow, layerFlows.length);
      layerFlows.push({
        layer: port.layers[index]?.name ?? "",
        in: [...tables.keyOf(flow, true)],
        out: [...tables.keyOf(flow, false)],
        descriptor: flow.descriptor?.save(),
        ageMs: Math.max(0, now - lastUse(flow)),
      });
    }
  }
  const { tcp } = port.store;
  const tcpFlows = [...tcp.values()].map((flow): SavedTcpFlow => ({
    key: [...tcp.keyAt(flow.slot)],
    inbound: flow.inboundKey && [...flow.inboundKey],
    state: flow.state,
    guestSequence: tcp.guestSequence(flow.slot),
    ageMs: Math.max(0, now - flow.lastHit),
    parents: flow.parents.map((parent) => places.get(parent) ?? -1),
  }));
  return { version: 1, layerFlows, tcpFlows };
}

/** A decision was used when it or what was made with it was. */
function lastUse(flow: LayerFlow): number {
  return Math.max(flow.lastHit, ...flow.children.map((child) => child.lastHit));
}

/** How many flows a port took over, and how many it could not: their address or port is not its own. */
export interface RestoreResult {
  readonly restored: number;
  readonly skipped: number;
}

/**
 * Bring saved flows into a port that has been created, with the same addresses, and not started. It is `restored` then and
 * waits to be started. Throws {@link OpteError}, BadState, for any other port.
 */
export function restorePort(vpcPort: VpcPort, snapshot: PortSnapshot, now: number): RestoreResult {
  const { port } = vpcPort;
  port.requireState("restore flows", "ready");
  if (port.store.tcp.size > 0 || port.store.layers.some(({ size }) => size > 0)) {
    throw new OpteError("BadState", "restore flows", port.name, "a port without flows", "one with flows");
  }
  const flows = snapshot.layerFlows.map((saved) => restoreLayerFlow(vpcPort, saved, now));
  let restored = flows.filter((flow) => flow !== undefined).length;
  for (const saved of snapshot.tcpFlows) {
    const parents = saved.parents.map((place) => flows[place]);
    // Without its decisions the connection would not pass.
    const tcp = parents.includes(undefined)
      ? undefined
      : port.store.addTcpFlow(Int32Array.from(saved.key), saved.state, now - saved.ageMs);
    if (tcp === undefined) continue;
    port.store.tcp.setGuestSequence(tcp.slot, saved.guestSequence);
    if (saved.inbound !== undefined) tcp.inboundKey = Int32Array.from(saved.inbound);
    port.store.setTcpParents(
      tcp,
      parents.filter((parent) => parent !== undefined),
    );
    restored += 1;
  }
  port.markRestored();
  return { restored, skipped: snapshot.layerFlows.length + snapshot.tcpFlows.length - restored };
}

function restoreLayerFlow(vpcPort: VpcPort, saved: SavedLayerFlow, now: number): LayerFlow | undefined {
  const { port } = vpcPort;
  const layer = port.layers.findIndex(({ name }) => name === saved.layer);
  const descriptor = saved.descriptor && restoreDescriptor(vpcPort, saved.descriptor);
  if (layer < 0 || (saved.descriptor !== undefined && descriptor === undefined)) return undefined;
  const [inKey, outKey] = [Int32Array.from(saved.in), Int32Array.from(saved.out)];
  const flow = port.store.addLayerFlow(layer, inKey, outKey, descriptor, now - saved.ageMs);
  if (flow === undefined) descriptor?.release();
  return flow;
}

/** The decision with its resources, or nothing where this port does not have them. */
function restoreDescriptor(vpcPort: VpcPort, saved: SavedDescriptor): Descriptor | undefined {
  const external = IpAddress.parse(saved.external);
  const privateIp = IpAddress.parse(saved.private);
  const { family } = external;
  if (!vpcPort.families.some((each) => each.privateIp.equals(privateIp))) return undefined;
  if (saved.kind === "one-to-one") {
    const isValid = (): boolean => isOneToOne(vpcPort.external(family), external);
    return isValid() ? oneToOne(privateIp, external, isValid) : undefined;
  }
  const { snat } = vpcPort.external(family);
  const { port = -1, guestPort = -1, protocol = -1 } = saved;
  const pool = poolOf(protocol);
  if (snat?.address.equals(external) !== true || pool === undefined || !snat.pool.take(pool, port)) return undefined;
  return snatDescriptor(privateIp, snat, protocol, guestPort, port);
}
