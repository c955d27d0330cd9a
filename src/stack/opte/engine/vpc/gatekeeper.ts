import type { Walk } from "../layer/walk.ts";
import type { IpAddress } from "../parse/address.ts";
import type { Frame } from "../parse/frame.ts";
import type { PortStats, SideStats } from "../port/port-stats.ts";
import type { Verdict } from "../port/process.ts";
import { TokenBucket } from "../port/token-bucket.ts";
import type { AgentQueue, ServiceName } from "./agent-queue.ts";
import { packetTooBig, type TooBigContext } from "./packet-too-big.ts";

/** Addresses under which the agent answers guests, and how many frames a second of one port it is asked about. */
export interface Services {
  readonly dns: readonly IpAddress[];
  readonly metadata: readonly IpAddress[];
  readonly framesPerSecond: number;
}

/** Bytes a second that may pass, and at once; `undefined`: all. */
export interface BandwidthCap {
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
}

/**
 * What a port does before its layers (beyond the reference but for the MTU): bandwidth caps, packets that are too big, and
 * those for the agent.
 */
export class Gatekeeper {
  readonly #port: string;
  readonly #context: TooBigContext;
  readonly #stats: PortStats;
  readonly #queue: AgentQueue;
  #services: Services | undefined = undefined;
  #agentRate: TokenBucket | undefined = undefined;
  #caps: { in?: TokenBucket | undefined; out?: TokenBucket | undefined } = {};

  constructor(port: string, context: TooBigContext, stats: PortStats, queue: AgentQueue) {
    this.#port = port;
    this.#context = context;
    this.#stats = stats;
    this.#queue = queue;
  }

  setServices(services: Services | undefined, now: number): void {
    this.#services = services;
    this.#agentRate = services && new TokenBucket(services.framesPerSecond, services.framesPerSecond, now);
  }

  get services(): Services | undefined {
    return this.#services;
  }

  setBandwidth(
    caps: { readonly in?: BandwidthCap | undefined; readonly out?: BandwidthCap | undefined },
    now: number,
  ): void {
    const bucket = (cap: BandwidthCap | undefined): TokenBucket | undefined =>
      cap && new TokenBucket(cap.bytesPerSecond, cap.burstBytes, now);
    this.#caps = { in: bucket(caps.in), out: bucket(caps.out) };
  }

  /** What becomes of a frame before its flow is looked up; `undefined`: it goes on. */
  ask(walk: Walk, frame: Frame, isIn: boolean, now: number): Verdict | undefined {
    const { packet } = walk;
    const stats = isIn ? this.#stats.in : this.#stats.out;
    const length = packet.frameEnd - packet.etherAt;
    const cap = isIn ? this.#caps.in : this.#caps.out;
    if (cap?.take(length, now) === false) {
      walk.begin(frame, isIn, now);
      walk.dropReason = "bandwidth";
      stats.drop += 1;
      stats.drop_bandwidth += 1;
      return "drop";
    }
    if (length - 14 > this.#context.identity.mtu && frame.mss === 0) return this.#tooBig(walk, frame, isIn, stats, now);
    if (!isIn && this.#services !== undefined) return this.#intercept(this.#services, walk, frame, stats, now);
    return undefined;
  }

  #tooBig(walk: Walk, frame: Frame, isIn: boolean, stats: SideStats, now: number): Verdict {
    walk.begin(frame, isIn, now);
    stats.oversize += 1;
    const result = packetTooBig(walk, frame, isIn, this.#context);
    if (result === "hairpin") stats.hairpin += 1;
    else if (result === "error") {
      stats.process_err += 1;
      walk.failure = "no boundary endpoint for a packet-too-big message";
    } else {
      stats.drop += 1;
      stats.drop_handle_pkt += 1;
      walk.dropReason = "handle-packet";
    }
    return result;
  }

  /** Queue what the guest, under its own address, sends to a service. */
  #intercept(services: Services, walk: Walk, frame: Frame, stats: SideStats, now: number): Verdict | undefined {
    const { packet } = walk;
    const service = serviceOf(services, packet.key, packet.family);
    if (service === undefined || !this.#isOwn(walk, frame)) return undefined;
    const bytes = frame.bytes.subarray(packet.etherAt, packet.frameEnd);
    if (this.#agentRate?.take(1, now) === true && this.#queue.push(this.#port, service, bytes)) {
      stats.agent += 1;
      return "agent";
    }
    walk.begin(frame, false, now);
    walk.dropReason = "agent-queue";
    stats.drop += 1;
    stats.agent_drop += 1;
    return "drop";
  }

  #isOwn({ packet }: Walk, { view }: Frame): boolean {
    const { identity } = this.#context;
    const family = packet.family === 4 ? identity.ipv4 : identity.ipv6;
    return identity.guestMac.isAt(view, packet.etherAt + 6) && family?.privateIp.isAt(packet.key, 1) === true;
  }
}

function serviceOf({ dns, metadata }: Services, key: Int32Array, family: number): ServiceName | undefined {
  for (const address of dns) if (address.family === family && address.isAt(key, 5)) return "dns";
  for (const address of metadata) if (address.family === family && address.isAt(key, 5)) return "metadata";
  return undefined;
}
