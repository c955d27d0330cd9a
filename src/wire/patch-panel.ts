import { mkdir } from "node:fs/promises";
import { KestrelError } from "../error/kestrel-error.ts";
import type { DirectionSettings } from "../topology/direction-settings.ts";
import type { PanelCore } from "./panel-core.ts";
import { framed, maximumFrameBytes } from "./frame-batch.ts";
import { type PanelClock, systemClock } from "./panel-clock.ts";
import { configurationFaults } from "./panel-configuration.ts";
import { Port } from "./port.ts";
import { portDirectory, portName } from "./port-socket-path.ts";
import type {
  DirectionName,
  EndIndex,
  PanelConfiguration,
  PanelEvent,
  PortStatus,
  Statistics,
  WireEnd,
  WireStatus,
} from "./protocol.ts";
import { ReleaseTimer } from "./release-timer.ts";
import { openSegment, type Segment } from "./segment.ts";
import { settingsFaults } from "./settings-faults.ts";
import { Wire } from "./wire.ts";

/** How a panel is set up. */
export interface PatchPanelOptions {
  /** All random decisions of the panel's wires follow from it. */
  readonly seed: string;
  /** Memory for the recording of each wire, bytes. */
  readonly ringBytes: number;
  readonly clock?: PanelClock;
}

/** All ports, wires and segments of a testbed, below the current directory. */
export class PatchPanel implements PanelCore {
  readonly clock: PanelClock;
  readonly timer: ReleaseTimer;
  readonly seed: string;
  readonly #ringBytes: number;
  readonly #ports = new Map<string, Port>();
  readonly #segments = new Map<string, Segment>();
  readonly #wires = new Map<string, Wire>();
  readonly #recordListeners = new Set<() => void>();
  readonly #wireListeners = new Set<(wire: Wire) => void>();
  readonly #eventListeners = new Set<(event: PanelEvent) => void>();
  #notice: NodeJS.Immediate | undefined;
  #nextSequence = 0;

  constructor(options: PatchPanelOptions) {
    this.seed = options.seed;
    this.clock = options.clock ?? systemClock();
    this.timer = new ReleaseTimer(this.clock);
    this.#ringBytes = options.ringBytes;
  }

  /** Sequence number of the next frame that enters any wire: what happens from now on is recorded at or after it. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  takeSequence(frames: number): number {
    const first = this.#nextSequence;
    this.#nextSequence = first + frames;
    return first;
  }

  recorded(): void {
    // Once a round of the event loop is enough, however many frames it brings.
    if (this.#recordListeners.size > 0) this.#notice ??= setImmediate(this.#tell);
  }

  readonly #tell = (): void => {
    this.#notice = undefined;
    for (const listener of [...this.#recordListeners]) listener();
  };

  /** Call `listener` whenever frames have been recorded. Returns how to stop it. */
  onRecords(listener: () => void): () => void {
    this.#recordListeners.add(listener);
    return () => this.#recordListeners.delete(listener);
  }

  /** Call `listener` for each wire added from now on. Returns how to stop it. */
  onWire(listener: (wire: Wire) => void): () => void {
    this.#wireListeners.add(listener);
    return () => this.#wireListeners.delete(listener);
  }

  /** Call `listener` for each event from now on. Returns how to stop it. */
  onEvent(listener: (event: PanelEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  readonly #report = (event: PanelEvent): void => {
    for (const listener of this.#eventListeners) listener(event);
  };

  /**
   * Add ports, segments and wires; every port listens when this returns.
   *
   * @throws KestrelError (input) that names all that cannot be added; nothing is added then.
   */
  async configure(configuration: PanelConfiguration): Promise<readonly PortStatus[]> {
    const { ports = [], segments = [], wires = [] } = configuration;
    const faults = configurationFaults(configuration, {
      ports: new Map([...this.#ports.values()].map((port) => [port.name, this.#wireOf(port.name)?.name])),
      segments: this.#segments,
      wires: this.#wires,
    });
    if (faults.length > 0) {
      throw new KestrelError({ kind: "input", step: "add to the panel", found: faults.join("; ") });
    }
    await mkdir(portDirectory, { recursive: true, mode: 0o700 });
    const [newPorts, newSegments] = await Promise.all([
      allOrNone(ports.map((port) => Port.listen(port, this.#report))),
      allOrNone(segments.map((segment) => openSegment(segment, this.#report))),
    ]);
    for (const port of newPorts) this.#ports.set(port.name, port);
    for (const segment of newSegments) this.#segments.set(segment.name, segment);
    for (const description of wires) {
      const wire = new Wire(this, description, this.#ringBytes);
      this.#wires.set(wire.name, wire);
      this.#plug(wire, 0, description.ends[0]);
      this.#plug(wire, 1, description.ends[1]);
      for (const listener of this.#wireListeners) listener(wire);
    }
    return newPorts.map((port) => port.status());
  }

  /** The wire of that name. @throws KestrelError (input) if there is none. */
  wire(name: string): Wire {
    const wire = this.#wires.get(name);
    if (wire !== undefined) return wire;
    throw new KestrelError({
      kind: "input",
      step: "find wire",
      subject: name,
      expected: `one of ${[...this.#wires.keys()].join(", ") || "no wires at all"}`,
      found: "no such wire",
    });
  }

  /** The wires of those names, or all. @throws KestrelError (input) for a name that no wire has. */
  wires(names?: readonly string[]): Wire[] {
    return names === undefined ? [...this.#wires.values()] : names.map((name) => this.wire(name));
  }

  /** Plug a wire end into a port or a segment; a port is taken out of the wire end it was in. */
  attach(wireName: string, end: EndIndex, target: NonNullable<WireEnd>): void {
    const wire = this.wire(wireName);
    const other = wire.ends[end === 0 ? 1 : 0];
    const loop = "segment" in target && other !== null && "segment" in other;
    const exists = "port" in target ? this.#ports.has(target.port) : this.#segments.has(target.segment);
    if (!exists || loop) {
      throw new KestrelError({
        kind: "input",
        step: "plug in wire",
        subject: wireName,
        expected: loop ? "a port, since the other end is a segment" : "a port or segment of this testbed",
        found: "port" in target ? `port ${target.port}` : `segment ${target.segment}`,
      });
    }
    if ("port" in target) this.#unplugPort(target.port);
    this.#unplug(wire, end);
    this.#plug(wire, end, target);
  }

  /** Pull a wire end out of what it is plugged into. */
  detach(wireName: string, end: EndIndex): void {
    this.#unplug(this.wire(wireName), end);
  }

  /** Remove a wire with its recording. */
  removeWire(name: string): void {
    const wire = this.wire(name);
    this.#unplug(wire, 0);
    this.#unplug(wire, 1);
    wire.close();
    this.#wires.delete(name);
  }

  /** Remove a port; the wire it was plugged into stays. */
  removePort(node: string, portOfNode: string): void {
    const name = portName(node, portOfNode);
    this.#unplugPort(name);
    this.#ports.get(name)?.close();
    this.#ports.delete(name);
  }

  /** Have a frame enter a direction as if the end that sends into it had sent it. Returns its sequence number. */
  inject(wireName: string, direction: DirectionName, frame: Uint8Array, comment?: string): number {
    const wire = this.wire(wireName);
    if (frame.length > maximumFrameBytes) {
      throw new KestrelError({
        kind: "input",
        step: "inject frame",
        subject: wireName,
        expected: `at most ${maximumFrameBytes} bytes`,
        found: `${frame.length} bytes`,
      });
    }
    const buffer = framed(frame);
    return wire
      .from(direction === "aToB" ? 0 : 1)
      .inject({ buffer, start: 0, end: buffer.length, frames: 1, owner: undefined, source: undefined }, comment);
  }

  /** Change settings of a wire. @throws KestrelError (input) that names all settings that make no sense. */
  set(wireName: string, settings: Partial<DirectionSettings>, direction?: DirectionName): void {
    const wire = this.wire(wireName);
    const faults = settingsFaults(settings);
    if (faults.length > 0) {
      throw new KestrelError({ kind: "input", step: "set wire", subject: wireName, found: faults.join("; ") });
    }
    wire.set(settings, direction);
  }

  list(): { readonly ports: readonly PortStatus[]; readonly wires: readonly WireStatus[] } {
    return {
      ports: [...this.#ports.values()].map((port) => port.status()),
      wires: [...this.#wires.values()].map((wire) => wire.status()),
    };
  }

  statistics(): Statistics {
    return {
      timestamp: this.clock.toEpoch(this.clock.now()).toString(),
      wires: Object.fromEntries(
        [...this.#wires.values()].map(({ name, aToB, bToA }) => [
          name,
          { aToB: aToB.counters(), bToA: bToA.counters() },
        ]),
      ),
    };
  }

  /** Stop everything: sockets are removed, children ended. */
  close(): void {
    for (const wire of this.#wires.values()) wire.close();
    for (const port of this.#ports.values()) port.close();
    for (const segment of this.#segments.values()) segment.close();
    this.timer.close();
    clearImmediate(this.#notice);
  }

  #wireOf(port: string): Wire | undefined {
    for (const wire of this.#wires.values()) {
      if (wire.ends.some((end) => end !== null && "port" in end && end.port === port)) return wire;
    }
    return undefined;
  }

  #unplugPort(name: string): void {
    const wire = this.#wireOf(name);
    if (wire === undefined) return;
    for (const index of [0, 1] as const) {
      const end = wire.ends[index];
      if (end !== null && "port" in end && end.port === name) this.#unplug(wire, index);
    }
  }

  #plug(wire: Wire, end: EndIndex, target: WireEnd): void {
    wire.ends[end] = target;
    if (target === null) return;
    if ("segment" in target) {
      wire.to(end).sink = this.#segments.get(target.segment)?.plug(wire.name, wire.from(end));
      return;
    }
    const port = this.#ports.get(target.port);
    wire.to(end).sink = port;
    const direction = wire.from(end);
    if (port !== undefined) {
      port.consumer = (batch) => {
        direction.enter(batch);
      };
    }
  }

  #unplug(wire: Wire, end: EndIndex): void {
    const target = wire.ends[end];
    wire.ends[end] = null;
    wire.to(end).sink = undefined;
    if (target === null) return;
    if ("segment" in target) this.#segments.get(target.segment)?.unplug(wire.from(end));
    else {
      const port = this.#ports.get(target.port);
      if (port !== undefined) port.consumer = undefined;
    }
  }
}

/** What was opened; if one could not be, the others are closed and its error is thrown. */
async function allOrNone<T extends { close(): void }>(opening: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(opening);
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (opened.length === results.length) return opened;
  for (const each of opened) each.close();
  throw results.find((result) => result.status === "rejected")?.reason;
}
