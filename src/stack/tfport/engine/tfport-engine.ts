import { type TfportCounters, zeroCounters } from "./counters.ts";
import type { IcmpError } from "./icmp-error.ts";
import { type IcmpOptions, IcmpResponder } from "./icmp-responder.ts";
import { type NextHop, NextHopTable } from "./next-hop-table.ts";
import { type ResolutionLimits, ResolutionQueue } from "./resolution.ts";
import {
  codeOf,
  egressOf,
  ethernetBytes,
  hasSidecar,
  ingressOf,
  readWord,
  sidecarBytes,
  sidecarCode,
  sidecarDataOffset,
  stripSidecar,
  vlanBytes,
  writeWithSidecar,
} from "./sidecar-frame.ts";

/** What a port of the switch is to its processor. */
export interface SwitchPort {
  /** The switch's number of the port, as the sidecar header has it. */
  readonly port: number;
  /** 6 bytes. */
  readonly mac: Uint8Array;
  readonly carrier: boolean;
}

/** What an engine is made with. */
export interface TfportOptions extends IcmpOptions {
  /** Of the ports' interfaces, bytes. */
  readonly mtu: number;
  readonly resolution: ResolutionLimits;
}

/** What an engine has done; frames are `bytes[start, start + length)`, valid until the call returns. */
export interface TfportOutputs {
  readonly toKernel: (port: number, bytes: Uint8Array, start: number, length: number) => void;
  readonly toSwitch: (bytes: Uint8Array, start: number, length: number) => void;
  /** Have the kernel ask for a next hop; the answer is {@link TfportEngine.neighbourFound} or `neighbourLost`. */
  readonly resolve: (nextHop: NextHop) => void;
}

interface Neighbour extends NextHop {
  readonly mac: Uint8Array;
}

/**
 * What stands between the switch's CPU port and the kernel's interfaces of its ports: carries frames both ways, answers with
 * ICMP errors where the switch asks for them, and keeps frames until their next hop is resolved. Any bytes may come in.
 */
export class TfportEngine {
  readonly counters: TfportCounters = zeroCounters();
  readonly #outputs: TfportOutputs;
  readonly #icmp: IcmpResponder;
  readonly #ports = new Map<number, SwitchPort>();
  readonly #neighbours = new NextHopTable<Neighbour>();
  readonly #resolution: ResolutionQueue;
  readonly #longest: number;
  readonly #scratch: Uint8Array;
  #now = 0;

  constructor(options: TfportOptions, outputs: TfportOutputs) {
    this.#outputs = outputs;
    this.#icmp = new IcmpResponder(options, this.counters, {
      route: (frame) => {
        this.#route(frame);
      },
      sendFrom: (port, frame) => {
        this.#sendFrom(port, frame, 0, frame.length);
      },
    });
    this.#longest = ethernetBytes + vlanBytes + options.mtu;
    this.#scratch = new Uint8Array(this.#longest + sidecarBytes);
    this.#resolution = new ResolutionQueue(options.resolution, this.counters, {
      ask: (nextHop) => {
        outputs.resolve(nextHop);
      },
      unreachable: (frame) => {
        this.#unreachable(frame);
      },
    });
  }

  /** When {@link advance} must be called; undefined for never. */
  get deadline(): number | undefined {
    return this.#resolution.deadline;
  }

  /** Time has passed. */
  advance(now: number): void {
    this.#now = now;
    this.#resolution.advance(now);
  }

  /** A port is there, or has changed. Without a carrier nothing behind it is waited for. */
  setPort(port: SwitchPort, now: number): void {
    this.#now = now;
    this.#ports.set(port.port, port);
    if (!port.carrier) this.#resolution.forgetPort(port.port);
  }

  /** A port is no more. */
  removePort(port: number, now: number): void {
    this.#now = now;
    this.#ports.delete(port);
    this.#resolution.forgetPort(port);
    for (const neighbour of [...this.#neighbours.values()].filter((other) => other.port === port)) {
      this.#neighbours.delete(neighbour);
    }
  }

  /** The switch gave a frame to its processor. The bytes are changed. */
  frameFromSwitch(bytes: Uint8Array, start: number, length: number, now: number): void {
    this.#now = now;
    this.counters.fromSwitch += 1;
    if (!hasSidecar(bytes, start, length)) this.counters.truncated += 1;
    else if (length - sidecarBytes > this.#longest) this.counters.tooLong += 1;
    else this.#punted(bytes, start, length);
  }

  /** The kernel sent a frame on a port's interface. */
  frameFromKernel(port: number, bytes: Uint8Array, start: number, length: number): void {
    this.counters.fromKernel += 1;
    if (length < ethernetBytes) this.counters.truncated += 1;
    else if (length > this.#longest) this.counters.tooLong += 1;
    else if (!this.#ports.has(port)) this.counters.unknownPort += 1;
    else this.#sendFrom(port, bytes, start, length);
  }

  /** A neighbour behind a port has this MAC address, 6 bytes. */
  neighbourFound(nextHop: NextHop, mac: Uint8Array, now: number): void {
    this.#now = now;
    this.#neighbours.set({ ...nextHop, mac });
    for (const frame of this.#resolution.found(nextHop)) this.#resend(frame, nextHop.port, mac);
  }

  /** A neighbour does not answer, or the kernel has forgotten it. */
  neighbourLost(nextHop: NextHop, now: number): void {
    this.#now = now;
    this.#neighbours.delete(nextHop);
    this.#resolution.failed(nextHop, now);
  }

  #punted(bytes: Uint8Array, start: number, length: number): void {
    switch (codeOf(bytes, start)) {
      case sidecarCode.toUserspace:
        this.#toKernel(bytes, start, length);
        return;
      case sidecarCode.icmpNeeded:
        this.#icmpNeeded(bytes, start, length);
        return;
      case sidecarCode.arpNeeded:
        this.#neighbourNeeded(4, bytes, start, length);
        return;
      case sidecarCode.neighborNeeded:
        this.#neighbourNeeded(6, bytes, start, length);
        return;
      default:
        this.counters.unknownCode += 1;
    }
  }

  #toKernel(bytes: Uint8Array, start: number, length: number): void {
    const port = ingressOf(bytes, start);
    if (!this.#ports.has(port)) {
      this.counters.unknownPort += 1;
      return;
    }
    stripSidecar(bytes, start);
    this.counters.toKernel += 1;
    this.#outputs.toKernel(port, bytes, start + sidecarBytes, length - sidecarBytes);
  }

  #sendFrom(port: number, bytes: Uint8Array, start: number, length: number): void {
    const total = writeWithSidecar(this.#scratch, port, bytes, start, length);
    this.counters.toSwitch += 1;
    this.#outputs.toSwitch(this.#scratch, 0, total);
  }

  #route(frame: Uint8Array): void {
    this.counters.toSwitch += 1;
    this.#outputs.toSwitch(frame, 0, frame.length);
  }

  #icmpNeeded(bytes: Uint8Array, start: number, length: number): void {
    const ingress = ingressOf(bytes, start);
    const data = start + sidecarDataOffset;
    const error = { mtu: readWord(bytes, data + 12), type: bytes[data + 14] ?? 0, code: bytes[data + 15] ?? 0 };
    stripSidecar(bytes, start);
    this.#answer(error, bytes.subarray(start + sidecarBytes, start + length), ingress);
  }

  #neighbourNeeded(family: 4 | 6, bytes: Uint8Array, start: number, length: number): void {
    const egress = egressOf(bytes, start);
    const address = start + sidecarDataOffset;
    const port = this.#ports.get(egress);
    if (port === undefined) {
      this.counters.unknownPort += 1;
      return;
    }
    if (!isStation(family, bytes, address)) {
      this.counters.neighbourInvalid += 1;
      return;
    }
    const frame = bytes.subarray(start, start + length);
    const known = this.#neighbours.get(egress, family, bytes, address);
    if (!port.carrier) this.#unreachable(frame);
    else if (known !== undefined) this.#resend(frame, egress, known.mac);
    else this.#resolution.add({ port: egress, family, bytes, address }, frame, this.#now);
  }

  /** Send a frame that waited, with its sidecar header, to the next hop; its TTL has been counted down already. */
  #resend(frame: Uint8Array, egress: number, mac: Uint8Array): void {
    const port = this.#ports.get(egress);
    if (port === undefined) return;
    stripSidecar(frame, 0);
    frame.set(mac, sidecarBytes);
    frame.set(port.mac, sidecarBytes + 6);
    this.counters.neighbourResent += 1;
    this.#sendFrom(egress, frame, sidecarBytes, frame.length - sidecarBytes);
  }

  /** Answer for a frame, with its sidecar header, whose next hop cannot be had. */
  #unreachable(frame: Uint8Array): void {
    this.counters.neighbourUnreachable += 1;
    const ingress = ingressOf(frame, 0);
    stripSidecar(frame, 0);
    this.#answer(undefined, frame.subarray(sidecarBytes), ingress);
  }

  #answer(error: IcmpError | undefined, frame: Uint8Array, port: number): void {
    this.#icmp.answer(error, frame, { port, mac: this.#ports.get(port)?.mac }, this.#now);
  }
}

/** Whether the 16 bytes are an address that a station can have. */
function isStation(family: 4 | 6, bytes: Uint8Array, at: number): boolean {
  if (family === 6) return bytes[at] !== 0xff && bytes.subarray(at, at + 16).some((byte) => byte !== 0);
  const first = bytes[at + 12] ?? 0;
  return first !== 0 && first < 0xe0;
}
