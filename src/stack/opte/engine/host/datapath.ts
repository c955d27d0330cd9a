import type { Encapsulation } from "../layer/encapsulation.ts";
import { encapsulated } from "../layer/encapsulation.ts";
import type { Walk } from "../layer/walk.ts";
import { IpAddress } from "../parse/address.ts";
import { Frame } from "../parse/frame.ts";
import { type Packet, ulp } from "../parse/packet.ts";
import { parseInner } from "../parse/parse-inner.ts";
import { parseUnderlay } from "../parse/parse-underlay.ts";
import type { MulticastProbe, ProbeListener } from "../port/probe.ts";
import type { Verdict } from "../port/process.ts";
import { vnis } from "../vpc/configuration.ts";
import { multicastMac } from "../vpc/overlay.ts";
import type { VirtualToPhysical } from "../vpc/mappings.ts";
import type { VpcPort } from "../vpc/vpc-port.ts";
import { countFault, type DriverStats } from "./driver-stats.ts";
import { type MulticastTable, passesFilter, type Replication, replications } from "./multicast.ts";
import type { Outlet } from "./outlet.ts";

/** What became of a frame given to the datapath. */
export type Delivery =
  | Verdict
  /** It could not be parsed: the fault is in the packet. */
  | "bad-packet"
  /** It is no port's: the host's own stack may want it. */
  | "not-ours";

const largestFrame = 65_550;

/** The way of frames between guests and underlay (specification, sections 2.4 and 2.5). */
export class Datapath {
  readonly packet: Packet;
  readonly #walk: Walk;
  readonly #stats: DriverStats;
  readonly #v2p: VirtualToPhysical;
  readonly #multicast: MulticastTable;
  readonly #outlet: Outlet;
  /** Ports by the low part of their MAC address. */
  readonly #ports = new Map<number, VpcPort[]>();
  readonly #byName: ReadonlyMap<string, VpcPort>;
  readonly #copy = new Frame(largestFrame);
  probe: ProbeListener | undefined = undefined;

  constructor(
    walk: Walk,
    stats: DriverStats,
    v2p: VirtualToPhysical,
    multicast: MulticastTable,
    byName: ReadonlyMap<string, VpcPort>,
    outlet: Outlet,
  ) {
    this.#walk = walk;
    this.packet = walk.packet;
    this.#stats = stats;
    this.#v2p = v2p;
    this.#multicast = multicast;
    this.#byName = byName;
    this.#outlet = outlet;
  }

  addPort(port: VpcPort): void {
    const { low } = port.identity.guestMac;
    this.#ports.set(low, [...(this.#ports.get(low) ?? []), port]);
  }

  removePort(port: VpcPort): void {
    const { low } = port.identity.guestMac;
    this.#ports.set(low, this.#ports.get(low)?.filter((each) => each !== port) ?? []);
  }

  /** The port of an encapsulated frame, by VNI and inner destination MAC address. */
  #portOf(frame: Frame): VpcPort | undefined {
    const { view } = frame;
    const at = this.packet.etherAt;
    for (const port of this.#ports.get(view.getInt32(at + 2)) ?? nobody) {
      const { guestMac, vni } = port.identity;
      if (guestMac.high !== view.getUint16(at)) continue;
      if (vni === this.packet.vni || this.#v2p.isPeer(vni, this.packet.vni)) return port;
    }
    return undefined;
  }

  /** Take a frame that a guest sent. */
  fromGuest(port: VpcPort, frame: Frame, now: number): Delivery {
    const { packet } = this;
    packet.encapsulated = false;
    if (!parseInner(frame, frame.start, frame.end, true, packet)) return this.#bad(port.name, "out");
    const verdict = port.port.process("out", frame, now);
    if (verdict === "hairpin") this.#outlet.guest(port.name, this.#walk.reply);
    const { encapsulation } = port.port;
    if (verdict !== "modified" || encapsulation === undefined) return verdict;
    if (encapsulation.destination.isMulticast) this.#replicate(port, frame, encapsulation, now);
    else if (encapsulation.source.equals(encapsulation.destination)) this.#loopBack(frame, now);
    else this.#outlet.underlay(frame, encapsulation.destination, port.port.hash);
    return verdict;
  }

  /** Take a frame that came over the underlay. */
  fromUnderlay(frame: Frame, now: number): Delivery {
    const { packet } = this;
    if (!parseUnderlay(frame, packet)) {
      return packet.fault === "not_geneve" ? this.#notOurs() : this.#bad("underlay", "in");
    }
    if (packet.vni === vnis.multicast && frame.view.getUint8(packet.outerIpAt + 24) === 0xff) {
      return this.#receiveGroup(frame, now);
    }
    const port = this.#portOf(frame);
    return port === undefined ? this.#notOurs() : this.#deliver(port, frame, now);
  }

  #notOurs(): "not-ours" {
    this.#stats.in_not_ours += 1;
    return "not-ours";
  }

  #deliver(port: VpcPort, frame: Frame, now: number): Verdict {
    this.#tagSegmentSize(frame);
    const verdict = port.port.process("in", frame, now);
    if (verdict === "modified") this.#outlet.guest(port.name, frame);
    if (verdict === "hairpin") this.#sendReply(port, now);
    return verdict;
  }

  /** A super-segment that came over the underlay is one for its guest too, of the size that the sender's guest asked for. */
  #tagSegmentSize(frame: Frame): void {
    const { mssOption, ulp: kind, ipEnd, payloadAt } = this.packet;
    if (frame.mss === 0 && mssOption > 0 && kind === ulp.tcp && ipEnd - payloadAt > mssOption) frame.mss = mssOption;
  }

  /** What answers a frame of the underlay is encapsulated itself; the one who asked may live on this sled. */
  #sendReply(port: VpcPort, now: number): void {
    const { reply } = this.#walk;
    const to = IpAddress.read(reply.view, reply.start + encapsulated.destination, 6);
    if (to.equals(port.identity.underlayIp)) {
      this.#copy.load(reply.contents);
      this.#loopBack(this.#copy, now);
    } else this.#outlet.underlay(reply, to, reply.view.getUint16(reply.start + encapsulated.sourcePort));
  }

  /** Both ports live on this sled: the frame goes from one to the other. */
  #loopBack(frame: Frame, now: number): void {
    this.#stats.loopback += 1;
    this.probe?.({ probe: "guest-loopback" });
    const port = parseUnderlay(frame, this.packet) ? this.#portOf(frame) : undefined;
    if (port === undefined) this.#stats.loopback_drop += 1;
    else this.#deliver(port, frame, now);
  }

  /** Give a group's packet to the members on this sled, then to each switch. */
  #replicate(sender: VpcPort, frame: Frame, { destination }: Encapsulation, now: number): void {
    const { hash } = sender.port;
    const { start, end } = frame;
    parseUnderlay(frame, this.packet);
    this.#probeGroup("mcast-tx", destination.text, sender.name);
    const source = this.packet.key.slice();
    const { family } = this.packet;
    for (const [name, filter] of this.#multicast.members(destination)) {
      if (name === sender.name) continue;
      if (!passesFilter(filter, source, family)) {
        this.#stats.mcast_tx_source_filtered += 1;
        this.#probeGroup("mcast-source-filtered", destination.text, name);
      } else if (this.#deliverCopy(name, frame.bytes.subarray(start, end), now)) {
        this.#stats.mcast_tx_local += 1;
        this.#probeGroup("mcast-local-delivery", destination.text, name);
      } else this.#stats.mcast_tx_stale_local += 1;
    }
    const nextHops = this.#multicast.nextHops(destination);
    if (nextHops.length === 0) {
      this.#stats.mcast_tx_no_fwd_entry += 1;
      this.#probeGroup("mcast-no-fwd-entry", destination.text, sender.name);
    }
    for (const { address, replication, filter } of nextHops) {
      if (!passesFilter(filter, source, family)) {
        this.#stats.mcast_tx_fwd_source_filtered += 1;
        this.#probeGroup("mcast-fwd-source-filtered", `${destination.text} to ${address.text}`, sender.name);
        continue;
      }
      this.#countReplication(replication, `${destination.text} to ${address.text}`, sender.name);
      frame.view.setUint8(start + encapsulated.optionBody, replications.indexOf(replication) << 6);
      this.#outlet.underlay(frame, address, hash);
    }
  }

  #countReplication(replication: Replication, way: string, sender: string): void {
    if (replication !== "external") {
      this.#stats.mcast_tx_underlay += 1;
      this.#probeGroup("mcast-underlay-fwd", way, sender);
    }
    if (replication !== "underlay") {
      this.#stats.mcast_tx_external += 1;
      this.#probeGroup("mcast-external-fwd", way, sender);
    }
  }

  /** A group's packet from another sled: to the members here, and no further. */
  #receiveGroup(frame: Frame, now: number): Delivery {
    const { packet } = this;
    const group = IpAddress.read(frame.view, packet.outerIpAt + 24, 6);
    this.#probeGroup("mcast-rx", group.text, "underlay");
    const members = this.#multicast.members(group);
    if (members.size === 0) {
      this.#stats.mcast_rx_no_subscribers += 1;
      return "drop";
    }
    const inner =
      packet.family === 0
        ? undefined
        : IpAddress.read(frame.view, packet.ipAt + (packet.family === 4 ? 16 : 24), packet.family);
    if (inner?.isMulticast !== true) {
      this.#stats.mcast_rx_bad_inner_dst += 1;
      return "drop";
    }
    multicastMac(inner).write(frame.view, packet.etherAt);
    const source = packet.key.slice();
    const { family } = packet;
    let delivered = false;
    for (const [name, filter] of members) {
      if (!passesFilter(filter, source, family)) {
        this.#stats.mcast_rx_source_filtered += 1;
        this.#probeGroup("mcast-source-filtered", group.text, name);
      } else if (this.#deliverCopy(name, frame.contents, now)) {
        this.#stats.mcast_rx_local += 1;
        this.#probeGroup("mcast-local-delivery", group.text, name);
        delivered = true;
      } else this.#stats.mcast_rx_stale_local += 1;
    }
    return delivered ? "modified" : "drop";
  }

  /** False where the member's port is gone. */
  #deliverCopy(name: string, contents: Uint8Array, now: number): boolean {
    const port = this.#byName.get(name);
    if (port === undefined) return false;
    this.#copy.load(contents);
    // The frame has been read before; as it is now, the packet's places are those of the copy.
    if (parseUnderlay(this.#copy, this.packet)) this.#deliver(port, this.#copy, now);
    return true;
  }

  #probeGroup(probe: MulticastProbe, detail: string, port: string): void {
    this.probe?.({ probe, port, detail });
  }

  #bad(port: string, direction: "in" | "out"): "bad-packet" {
    countFault(this.#stats, direction, this.packet.fault);
    this.probe?.({ probe: "bad-packet", port, detail: `${direction}: ${this.packet.faultLocation}` });
    return "bad-packet";
  }
}

const nobody: readonly VpcPort[] = [];
