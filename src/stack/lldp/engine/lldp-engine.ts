import type { LldpCapability } from "../../../packet/index.ts";
import { lldpFrame, type LocalInformation, type RemoteInformation, readLldpFrame } from "./information.ts";
import { type LldpNeighbour, type NeighbourChange, PortNeighbours } from "./neighbours.ts";
import { type LldpTimers, timeToLiveOf } from "./timers.ts";
import { Transmitter } from "./transmitter.ts";

/** What a system says about itself, on whatever port. */
export interface SystemInformation {
  readonly systemName: string;
  readonly systemDescription: string;
  readonly capabilities: readonly LldpCapability[];
}

/** What an engine does. */
export interface LldpOutputs {
  readonly send: (interfaceName: string, frame: Uint8Array) => void;
  /** Something about a neighbour changed. */
  readonly neighbour: (interfaceName: string, change: NeighbourChange, information: RemoteInformation) => void;
}

/** Frames of one port (IEEE 802.1AB, section 9.2.6). */
export interface LldpPortCounters {
  framesOut: number;
  framesIn: number;
  /** Not by the rules. */
  framesDiscarded: number;
  /** TLVs passed over. */
  tlvsUnrecognized: number;
  /** Neighbours forgotten because what they said does not hold any more. */
  ageouts: number;
  /** Frames of new neighbours for which there was no room. */
  tooManyNeighbours: number;
}

interface Port {
  readonly name: string;
  mac: string;
  /** Not while the interface has no carrier. */
  transmitter: Transmitter | undefined;
  readonly neighbours: PortNeighbours;
  readonly counters: LldpPortCounters;
}

/** What is known of a port. */
export interface LldpPortStatus {
  readonly name: string;
  readonly mac: string;
  /** Whether it has a carrier. */
  readonly isUp: boolean;
  readonly counters: LldpPortCounters;
  readonly neighbours: readonly LldpNeighbour[];
}

const neighboursPerPort = 32;

/** Says what this system is on each of its ports, and hears what others say (IEEE 802.1AB). */
export class LldpEngine {
  readonly #timers: LldpTimers;
  readonly #outputs: LldpOutputs;
  readonly #ports = new Map<string, Port>();
  /** Until when a port that was shut down stays silent. */
  readonly #silentUntilMs = new Map<string, number>();
  #system: SystemInformation;

  constructor(timers: LldpTimers, system: SystemInformation, outputs: LldpOutputs) {
    this.#timers = timers;
    this.#system = system;
    this.#outputs = outputs;
  }

  get system(): SystemInformation {
    return this.#system;
  }

  /** When {@link advance} must be called; undefined for never. */
  get deadline(): number | undefined {
    let earliest = Infinity;
    for (const { transmitter, neighbours } of this.#ports.values()) {
      earliest = Math.min(earliest, transmitter?.deadline ?? Infinity, neighbours.deadline);
    }
    return earliest === Infinity ? undefined : earliest;
  }

  /** Ports in the order of their coming. */
  ports(): readonly LldpPortStatus[] {
    return [...this.#ports.values()].map(statusOf);
  }

  port(name: string): LldpPortStatus | undefined {
    const port = this.#ports.get(name);
    return port === undefined ? undefined : statusOf(port);
  }

  /** Say something else from now on. */
  setSystem(system: SystemInformation, now: number): void {
    // Who has another chassis is somebody else: the old one leaves.
    const isRenamed = system.systemName !== this.#system.systemName;
    if (isRenamed) for (const port of this.#ports.values()) if (port.transmitter !== undefined) this.#send(port, 0);
    this.#system = system;
    for (const port of this.#ports.values()) port.transmitter?.changed(now);
    this.advance(now);
  }

  /** Speak and listen on an interface, or note that its MAC address or carrier changed. */
  setPort(name: string, { mac, isUp }: { readonly mac: string; readonly isUp: boolean }, now: number): void {
    const port = this.#ports.get(name) ?? newPort(name, mac);
    this.#ports.set(name, port);
    if (port.mac !== mac) {
      port.mac = mac;
      port.transmitter?.changed(now);
    }
    if (!isUp) port.transmitter = undefined;
    else {
      const begin = Math.max(now, this.#silentUntilMs.get(name) ?? now);
      port.transmitter ??= new Transmitter(this.#timers, begin);
    }
    this.advance(now);
  }

  /** Stop on an interface. Its neighbours are told, unless it is gone. */
  removePort(name: string, { isGone }: { readonly isGone: boolean }, now: number): void {
    const port = this.#ports.get(name);
    if (port === undefined) return;
    if (!isGone && port.transmitter !== undefined) {
      this.#send(port, 0);
      this.#silentUntilMs.set(name, now + this.#timers.reinitializeDelay * 1000);
    }
    this.#ports.delete(name);
    for (const { information } of port.neighbours.all()) this.#outputs.neighbour(name, "expired", information);
  }

  /** An interface received a frame: any bytes. */
  frame(name: string, bytes: Uint8Array, now: number): void {
    const port = this.#ports.get(name);
    if (port === undefined) return;
    this.advance(now);
    port.counters.framesIn += 1;
    const information = readLldpFrame(bytes);
    if (typeof information === "string") {
      port.counters.framesDiscarded += 1;
      return;
    }
    port.counters.tlvsUnrecognized += information.unknownTlvs;
    const change = port.neighbours.heard(information, now);
    if (change === undefined) {
      if (information.timeToLive > 0) port.counters.tooManyNeighbours += 1;
      return;
    }
    if (change === "new") {
      port.transmitter?.neighbourCame(now);
      this.advance(now);
    }
    this.#outputs.neighbour(name, change, information);
  }

  /** Time has passed. */
  advance(now: number): void {
    for (const [name, until] of this.#silentUntilMs) if (until <= now) this.#silentUntilMs.delete(name);
    for (const port of this.#ports.values()) {
      for (const { information } of port.neighbours.expire(now)) {
        port.counters.ageouts += 1;
        this.#outputs.neighbour(port.name, "expired", information);
      }
      port.transmitter?.advance(now, () => {
        this.#send(port, timeToLiveOf(this.#timers));
      });
    }
  }

  #send(port: Port, timeToLive: number): void {
    const information: LocalInformation = { ...this.#system, interfaceName: port.name, mac: port.mac };
    port.counters.framesOut += 1;
    this.#outputs.send(port.name, lldpFrame(information, timeToLive));
  }
}

function newPort(name: string, mac: string): Port {
  return {
    name,
    mac,
    transmitter: undefined,
    neighbours: new PortNeighbours(neighboursPerPort),
    counters: { framesOut: 0, framesIn: 0, framesDiscarded: 0, tlvsUnrecognized: 0, ageouts: 0, tooManyNeighbours: 0 },
  };
}

function statusOf({ name, mac, transmitter, neighbours, counters }: Port): LldpPortStatus {
  return { name, mac, isUp: transmitter !== undefined, counters: { ...counters }, neighbours: neighbours.all() };
}
