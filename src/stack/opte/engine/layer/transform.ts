import type { IpAddress, MacAddress } from "../parse/address.ts";
import { adjustChecksum, fold } from "../parse/checksum.ts";
import type { Frame } from "../parse/frame.ts";
import { type Packet, ulp } from "../parse/packet.ts";
import type { Mapping } from "../vpc/mapping.ts";
import type { Encapsulation } from "./encapsulation.ts";
import { type EmbeddedRewrite, rewriteEmbedded } from "./icmp-embedded.ts";

/** Changes of a frame's headers; what is absent stays. */
export interface Changes {
  readonly etherSource?: MacAddress | undefined;
  readonly etherDestination?: MacAddress | undefined;
  readonly source?: IpAddress | undefined;
  readonly destination?: IpAddress | undefined;
  /** The packet that an ICMP error quotes. */
  readonly embedded?: EmbeddedRewrite | undefined;
  readonly encapsulation?: Encapsulation | undefined;
  readonly decapsulate?: boolean | undefined;
  /** The way depends on it: a transform with a stale mapping is not to be used. */
  readonly mapping?: Mapping | undefined;
  /** Name of the change, as dumps print it. */
  readonly name: string;
}

/**
 * A transform of frames: what one layer does, or all layers together. The same for all flows that are treated alike: what
 * differs between them, ports and hash, is given when it is applied.
 */
export class Transform {
  readonly etherSource: MacAddress | undefined;
  readonly etherDestination: MacAddress | undefined;
  readonly source: IpAddress | undefined;
  readonly destination: IpAddress | undefined;
  readonly embedded: EmbeddedRewrite | undefined;
  readonly encapsulation: Encapsulation | undefined;
  readonly decapsulate: boolean;
  readonly mapping: Mapping | undefined;
  readonly name: string;
  /** What this and another one after it make together. */
  readonly #composed = new WeakMap<Transform, Transform>();

  constructor(changes: Changes) {
    this.etherSource = changes.etherSource;
    this.etherDestination = changes.etherDestination;
    this.source = changes.source;
    this.destination = changes.destination;
    this.embedded = changes.embedded;
    this.encapsulation = changes.encapsulation;
    this.decapsulate = changes.decapsulate ?? false;
    this.mapping = changes.mapping;
    this.name = changes.name;
  }

  /** This transform and then `next`, of two values for one field the later one. The same object each time. */
  then(next: Transform): Transform {
    let composed = this.#composed.get(next);
    if (composed === undefined) {
      composed = new Transform({
        etherSource: next.etherSource ?? this.etherSource,
        etherDestination: next.etherDestination ?? this.etherDestination,
        source: next.source ?? this.source,
        destination: next.destination ?? this.destination,
        embedded: next.embedded ?? this.embedded,
        encapsulation: next.encapsulation ?? this.encapsulation,
        decapsulate: this.decapsulate || next.decapsulate,
        mapping: next.mapping ?? this.mapping,
        name: this.name === "" ? next.name : `${this.name},${next.name}`,
      });
      this.#composed.set(next, composed);
    }
    return composed;
  }

  /** As dumps print it. */
  get text(): string {
    return `hdr: ${this.name}, body: ${this.embedded === undefined ? "" : "icmp"}`;
  }
}

/** Changes nothing. */
export const identityTransform = new Transform({ name: "" });

/** No port is changed. */
export const samePort = -1;

/**
 * Change the frame that `packet` was read from. `port`: what the guest's own port, or id of an echo, becomes on the way
 * out, or that of the other side's view on the way in, {@link samePort} for none; `isIn` says which. `hash`: of the flow,
 * for the outer header. The flow key of `packet` stays: see {@link transformKey}.
 */
export function applyTransform(
  frame: Frame,
  packet: Packet,
  transform: Transform,
  isIn: boolean,
  port: number,
  hash: number,
): void {
  const { view } = frame;
  if (transform.decapsulate) {
    frame.start = packet.etherAt;
    frame.end = packet.frameEnd;
  }
  transform.etherDestination?.write(view, packet.etherAt);
  transform.etherSource?.write(view, packet.etherAt + 6);
  if (transform.source !== undefined) writeAddress(view, packet, transform.source, packet.family === 4 ? 12 : 8);
  if (transform.destination !== undefined) {
    writeAddress(view, packet, transform.destination, packet.family === 4 ? 16 : 24);
  }
  if (port >= 0) writeUlpWord(view, packet, packet.ulpAt + portOffset(packet, isIn), port);
  if (transform.embedded !== undefined) rewriteEmbedded(view, packet, transform.embedded);
  transform.encapsulation?.push(frame, hash);
}

/** Where the port that NAT changes is in its header: source or destination port, or the id of an echo. */
function portOffset(packet: Packet, isIn: boolean): number {
  if (packet.ulp === ulp.icmp || packet.ulp === ulp.icmp6) return 4;
  return isIn ? 2 : 0;
}

/** Bring the flow key of `packet` to what {@link applyTransform} made of the frame. */
export function transformKey(packet: Packet, transform: Transform, isIn: boolean, port: number): void {
  const { key } = packet;
  if (transform.source !== undefined) key.set(transform.source.words, 1);
  if (transform.destination !== undefined) key.set(transform.destination.words, 5);
  if (port < 0) return;
  const word = key[9] ?? 0;
  if (packet.ulp === ulp.icmp || packet.ulp === ulp.icmp6) key[9] = (word & ~0xffff) | port;
  else if (isIn) {
    packet.destinationPort = port;
    key[9] = (word & ~0xffff) | port;
  } else {
    packet.sourcePort = port;
    key[9] = (port << 16) | (word & 0xffff);
  }
}

function writeAddress(view: DataView, packet: Packet, address: IpAddress, field: number): void {
  const at = packet.ipAt + field;
  let before = 0;
  const size = packet.family === 4 ? 4 : 16;
  for (let i = 0; i < size; i += 2) before += view.getUint16(at + i);
  address.write(view, at);
  if (packet.family === 4) adjustChecksum(view, packet.ipAt + 10, before, address.sum);
  // ICMPv4 has no pseudo header.
  if (packet.ulp !== ulp.icmp) adjustUlpChecksum(view, packet, before, address.sum);
}

function writeUlpWord(view: DataView, packet: Packet, at: number, value: number): void {
  const before = view.getUint16(at);
  view.setUint16(at, value);
  adjustUlpChecksum(view, packet, before, value);
}

function adjustUlpChecksum(view: DataView, packet: Packet, removed: number, added: number): void {
  switch (packet.ulp) {
    case ulp.tcp:
      adjustChecksum(view, packet.ulpAt + 16, removed, added);
      break;
    case ulp.udp: {
      const at = packet.ulpAt + 6;
      const before = view.getUint16(at);
      // Zero says that there is none, and stays.
      if (before === 0) break;
      const after = fold((before ^ 0xffff) + (fold(removed) ^ 0xffff) + added) ^ 0xffff;
      view.setUint16(at, after === 0 ? 0xffff : after);
      break;
    }
    case ulp.icmp:
    case ulp.icmp6:
      adjustChecksum(view, packet.ulpAt + 2, removed, added);
  }
}
