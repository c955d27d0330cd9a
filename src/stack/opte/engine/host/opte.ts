import type { MacAddress } from "../parse/address.ts";
import type { IpAddress } from "../parse/address.ts";
import type { Frame } from "../parse/frame.ts";
import { Packet } from "../parse/packet.ts";
import { Walk } from "../layer/walk.ts";
import { OpteError } from "../port/opte-error.ts";
import type { ProbeListener } from "../port/probe.ts";
import type { PortConfiguration } from "../vpc/configuration.ts";
import { AgentQueue } from "../vpc/agent-queue.ts";
import { MulticastToPhysical, VirtualToBoundary, VirtualToPhysical } from "../vpc/mappings.ts";
import { VpcPort, type VpcPortLimits } from "../vpc/vpc-port.ts";
import { Datapath, type Delivery } from "./datapath.ts";
import { newDriverStats } from "./driver-stats.ts";
import {
  filterText,
  isUnderlayGroup,
  MulticastTable,
  type NextHop,
  requireUnderlayGroup,
  type SourceFilter,
} from "./multicast.ts";
import type { Outlet } from "./outlet.ts";

/** How an engine is made. */
export interface OpteOptions {
  readonly outlet: Outlet;
  /** Seed of the hashes of its tables: from a source of randomness, unknown to guests. */
  readonly seed: number;
}

/**
 * The packet transformation engine of one sled: its ports and the tables they share. Pure: frames and times go in, frames
 * come out at the outlet.
 */
export class Opte {
  readonly v2p = new VirtualToPhysical();
  readonly v2b = new VirtualToBoundary();
  readonly m2p = new MulticastToPhysical();
  readonly multicast = new MulticastTable();
  readonly stats = newDriverStats();
  /** Frames that guests sent to services. */
  readonly agentQueue = new AgentQueue();
  readonly #ports = new Map<string, VpcPort>();
  readonly #walk = new Walk(new Packet());
  readonly #datapath: Datapath;
  readonly #seed: number;
  readonly #outlet: Outlet;
  #probe: ProbeListener | undefined = undefined;

  constructor({ outlet, seed }: OpteOptions) {
    this.#seed = seed | 0;
    this.#outlet = outlet;
    this.#datapath = new Datapath(this.#walk, this.stats, this.v2p, this.multicast, this.#ports, outlet);
  }

  /** What was read of the last frame, with its fault if it has one. */
  get packet(): Packet {
    return this.#walk.packet;
  }

  /** What the layers decided on the last frame that took the slow way. */
  get walk(): Walk {
    return this.#walk;
  }

  /** Have probes told; `undefined` ends it. Costs nothing while nobody listens. */
  set probe(listener: ProbeListener | undefined) {
    this.#probe = listener;
    this.#datapath.probe = listener;
    for (const { port } of this.#ports.values()) port.probe = listener;
  }

  /** Create a port, ready, and map its addresses to this sled. Throws {@link OpteError}. */
  createPort(name: string, configuration: PortConfiguration, limits?: VpcPortLimits): VpcPort {
    if (this.#ports.has(name)) throw new OpteError("PortExists", "create port", name, "a new name", "one in use");
    const port = new VpcPort(name, configuration, this, this.#walk, this.#seed, this.agentQueue, limits);
    const { guestMac, vni, underlayIp } = port.identity;
    for (const other of this.#ports.values()) {
      if (other.identity.vni !== vni || !other.identity.guestMac.equals(guestMac)) continue;
      throw new OpteError("MacExists", "create port", name, "a MAC address of its own", `that of ${other.name}`);
    }
    this.#ports.set(name, port);
    this.#datapath.addPort(port);
    port.port.probe = this.#probe;
    for (const { privateIp } of port.families) this.v2p.set(vni, privateIp, guestMac, underlayIp);
    return port;
  }

  /** Delete a port, its flows, its mappings and subscriptions. Throws {@link OpteError}, PortNotFound. */
  deletePort(name: string): void {
    const port = this.port(name);
    port.port.reset();
    this.#ports.delete(name);
    this.#datapath.removePort(port);
    this.multicast.forgetPort(name);
    for (const { privateIp } of port.families) this.v2p.delete(port.identity.vni, privateIp);
  }

  /** Throws {@link OpteError}, PortNotFound. */
  port(name: string): VpcPort {
    const port = this.#ports.get(name);
    if (port !== undefined) return port;
    throw new OpteError("PortNotFound", "find port", name, "a port of this sled", "none of this name");
  }

  get ports(): readonly VpcPort[] {
    return [...this.#ports.values()];
  }

  /** Say where an address of a VPC lives. Ways that are cached under another mapping of it are looked up anew. */
  setV2p(vni: number, ip: IpAddress, mac: MacAddress, underlay: IpAddress): void {
    this.v2p.set(vni, ip, mac, underlay);
  }

  /** Map a group of the overlay to one of the underlay. Throws {@link OpteError}. */
  setM2p(group: IpAddress, underlay: IpAddress): void {
    requireMulticast(group);
    requireUnderlayGroup("set M2P", underlay);
    this.m2p.set(group, underlay);
    this.#probe?.({ probe: "mcast-map-set", detail: `${group.text} to ${underlay.text}` });
  }

  /** Map a group no longer. False if it had no mapping. */
  clearM2p(group: IpAddress): boolean {
    const had = this.m2p.delete(group);
    if (had) this.#probe?.({ probe: "mcast-map-clear", detail: group.text });
    return had;
  }

  /** Add a switch that packets of a group of the underlay are sent to; one of that address is replaced. Throws {@link OpteError}. */
  setForwarding(group: IpAddress, nextHop: NextHop): void {
    this.multicast.setForwarding(group, nextHop);
    const { address, replication } = nextHop;
    this.#probe?.({ probe: "mcast-fwd-set", detail: `${group.text} to ${address.text} ${replication}` });
  }

  clearForwarding(group: IpAddress): void {
    this.multicast.clearForwarding(group);
    this.#probe?.({ probe: "mcast-fwd-clear", detail: group.text });
  }

  /** Have a port get a group's packets. A group that is none of the underlay's needs a mapping. Throws {@link OpteError}. */
  subscribe(name: string, group: IpAddress, filter: SourceFilter): void {
    this.port(name);
    requireMulticast(group);
    const underlay = this.#underlayGroup(group);
    this.multicast.subscribe(underlay, name, filter);
    this.#probe?.({ probe: "mcast-subscribe", port: name, detail: `${underlay.text} ${filterText(filter)}` });
  }

  /** What was never subscribed, or has no mapping, is no error. Throws {@link OpteError}, PortNotFound. */
  unsubscribe(name: string, group: IpAddress): void {
    this.port(name);
    const underlay = this.m2p.lookup(group.words, 0, group.family)?.underlay ?? group;
    this.multicast.unsubscribe(underlay, name);
    this.#probe?.({ probe: "mcast-unsubscribe", port: name, detail: underlay.text });
  }

  unsubscribeAll(group: IpAddress): void {
    const underlay = this.m2p.lookup(group.words, 0, group.family)?.underlay ?? group;
    this.multicast.unsubscribeAll(underlay);
    this.#probe?.({ probe: "mcast-unsubscribe-all", detail: underlay.text });
  }

  #underlayGroup(group: IpAddress): IpAddress {
    const mapped = this.m2p.lookup(group.words, 0, group.family);
    if (mapped !== undefined) return mapped.underlay;
    if (isUnderlayGroup(group)) return group;
    const found = `no underlay mapping for IPv${group.family} multicast group`;
    throw new OpteError("InvalidUnderlayMulticast", "subscribe", group.text, undefined, found);
  }

  /** Take a frame that a port's guest sent. */
  fromGuest(port: VpcPort, frame: Frame, now: number): Delivery {
    return this.#datapath.fromGuest(port, frame, now);
  }

  /** Take a frame that came over the underlay. */
  fromUnderlay(frame: Frame, now: number): Delivery {
    return this.#datapath.fromUnderlay(frame, now);
  }

  /** Give a port's guest a frame that the agent made: an answer to one of its queue (`udpReply` makes such). */
  toGuest(name: string, frame: Frame): void {
    this.#outlet.guest(this.port(name).name, frame);
  }

  /** Let two VPCs reach each other; their firewalls still tell by VNI which of them a packet comes from. */
  setPeering(first: number, second: number, isPeered: boolean): void {
    this.v2p.setPeering(first, second, isPeered);
    // Ways into the other VPC must not outlive the peering.
    for (const { port } of this.#ports.values()) port.bumpEpoch();
  }

  /** End the flows of all running ports whose time has come; to be called every second. */
  expire(now: number): void {
    for (const { port } of this.#ports.values()) if (port.state === "running") port.expire(now);
  }
}

function requireMulticast(group: IpAddress): void {
  if (group.isMulticast) return;
  const found = `IP address ${group.text} is not a multicast address`;
  throw new OpteError("InvalidUnderlayMulticast", "set multicast", group.text, undefined, found);
}
