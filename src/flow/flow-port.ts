import { build, type Packet, parse } from "../packet/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import type { PortPlan } from "../topology/index.ts";
import type { FlowTestbed } from "./flow-testbed.ts";
import { describePacket } from "./inner-packet.ts";
import { followPacket, type FollowOptions } from "./path/follow-packet.ts";
import type { Sighting } from "./sighting.ts";
import type { PacketTrace } from "./trace.ts";
import { wirePlace } from "./recording.ts";
import type { RecordedPlace, Watched } from "./watched.ts";
import { findPort } from "./wiring.ts";

/** A port of a node in the hands of a test. */
export class FlowPort implements Watched {
  readonly bed: FlowTestbed;
  /** `h1:net0`. */
  readonly name: string;
  readonly plan: PortPlan;

  /** @throws KestrelError (input) with the nearest name when there is no such port */
  constructor(bed: FlowTestbed, name: string) {
    this.bed = bed;
    this.name = name;
    this.plan = findPort(bed.plan, name);
  }

  get mac(): string {
    return this.plan.mac;
  }

  /** Its link-local IPv6 address. */
  get linkLocal(): string {
    return this.plan.linkLocal;
  }

  /** Its first IPv4 address, without prefix length. @throws KestrelError (input) when it has none */
  get ipv4(): string {
    return this.#address("IPv4", (address) => !address.includes(":"));
  }

  /** Its first declared IPv6 address, without prefix length. @throws KestrelError (input) when it has none */
  get ipv6(): string {
    return this.#address("IPv6", (address) => address.includes(":"));
  }

  /**
   * Have a frame leave the port, as if its node had sent it; its node does not see it. Expectations look at what the wires
   * carried since. The recording marks the frame as injected.
   *
   * @param packet - an Ethernet frame without FCS, typed or as bytes
   * @returns the frame's sequence number
   * @throws KestrelError (input) when the port is plugged into nothing
   */
  async send(packet: Packet | Uint8Array): Promise<number> {
    const frame = packet instanceof Uint8Array ? packet : build(packet);
    const words = `send from ${this.name}`;
    const text = `${words}: ${describePacket(packet instanceof Uint8Array ? parse(packet) : packet)}`;
    return this.bed.step("send", text, () =>
      this.bed.guarded(words, async () => {
        const { wire, direction } = (await this.bed.wiring()).wireOfPort(this.name);
        return this.bed.markWith(() => this.bed.testbed.wires.inject(wire, direction, frame, "sent by the flow"));
      }),
    );
  }

  /**
   * Have a frame leave the port, and follow it on its way over all wires and taps: through routers, NAT and tunnels.
   *
   * @throws KestrelError (input) when the port is plugged into nothing
   */
  async trace(packet: Packet | Uint8Array, options: FollowOptions = {}): Promise<PacketTrace> {
    const sequence = await this.send(packet);
    const isSent = (seen: Sighting): boolean => seen.tap === undefined && seen.sequence === sequence;
    return this.bed.step("trace", `trace the packet from ${this.name}`, () =>
      this.bed.guarded(`trace from ${this.name}`, () => followPacket(this.bed, "the frame sent", isSent, options)),
    );
  }

  /** Name of the wire that the port is plugged into now. */
  async watchedWire(): Promise<string> {
    return (await this.bed.wiring()).wireOfPort(this.name).wire;
  }

  /** The recording of the wire that the port is plugged into now. */
  async place(): Promise<RecordedPlace> {
    const wiring = await this.bed.wiring();
    return wirePlace(this.bed.testbed.wires, wiring, wiring.wireOfPort(this.name).wire);
  }

  #address(family: string, isOfFamily: (address: string) => boolean): string {
    const [address] = this.plan.addresses.find(isOfFamily)?.split("/") ?? [];
    if (address !== undefined) return address;
    throw new KestrelError({
      kind: "input",
      step: `find the ${family} address of a port`,
      subject: this.name,
      expected: `an ${family} address in the topology`,
      found: this.plan.addresses.join(", ") || "no addresses",
    });
  }
}
