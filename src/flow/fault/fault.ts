import type { DirectionSettings } from "../../topology/index.ts";
import type { DirectionName } from "../../wire/index.ts";

/** What a wire can do to frames, short of silence; a fault names what is added to what the wire does by itself. */
export type Impairment = Partial<Omit<DirectionSettings, "cut">>;

/** Both directions of a wire, unless one is named. */
export interface OneWay {
  readonly direction?: DirectionName;
}

/** A daemon inside a node: a service by name, or any process by the name that the kernel knows it by or by its PID file. */
export type Daemon = { readonly service: string } | { readonly process: string } | { readonly pidFile: string };

/** Something wrong with a wire; any number of them may hold at once. */
export type WireFault =
  /** No carrier at both ends. */
  | { readonly kind: "down"; readonly wire: string }
  /** Silence; the carrier stays. */
  | ({ readonly kind: "cut"; readonly wire: string } & OneWay)
  | ({ readonly kind: "impaired"; readonly wire: string; readonly settings: Impairment } & OneWay);

/** Something wrong with a machine; one at a time. */
export type MachineFault =
  /** The CPUs stand still, and go on where they stood. */
  | { readonly kind: "paused"; readonly node: string }
  /** The plug is pulled, and put back when healed. */
  | { readonly kind: "killed"; readonly node: string }
  /** The plug is pulled and put back at once: over when the node is ready again. */
  | { readonly kind: "power-cycled"; readonly node: string };

/** Something wrong with a daemon of a node. */
export interface DaemonFault {
  /**
   * Killed: it dies at once (SIGKILL), and whatever keeps it running may start it again. Stopped: it is told to end, and
   * stays away. Frozen: it is there, but does nothing (SIGSTOP). Healed, it runs.
   */
  readonly kind: "daemon-killed" | "daemon-stopped" | "daemon-frozen";
  readonly node: string;
  readonly daemon: Daemon;
}

/** The guest's CLOCK_REALTIME jumps, and back when healed. */
export interface ClockFault {
  readonly kind: "clock-step";
  readonly node: string;
  /** Forwards, or backwards where negative. */
  readonly milliseconds: number;
}

/** Something wrong inside a guest, done by asking the guest. */
export type GuestFault = DaemonFault | ClockFault;

/** One thing that is broken: plain data that survives JSON. */
export type Fault = WireFault | MachineFault | GuestFault;

/** The wire has no carrier at both ends. */
export function down(wire: string): Fault {
  return { kind: "down", wire };
}

/** The wire is silent, both ways or one way; the carrier stays. */
export function cut(wire: string, oneWay: OneWay = {}): Fault {
  return { kind: "cut", wire, ...oneWay };
}

/**
 * The wire does this to frames, both ways or one way, over and above what it does already: delays add up, frames that
 * survive one loss may fall to the other, the narrower limit holds.
 */
export function impaired(wire: string, settings: Impairment, oneWay: OneWay = {}): Fault {
  return { kind: "impaired", wire, settings, ...oneWay };
}

/** The node's CPUs stand still. */
export function paused(node: string): Fault {
  return { kind: "paused", node };
}

/** The node's plug is pulled. */
export function killed(node: string): Fault {
  return { kind: "killed", node };
}

/** The node's plug is pulled and put back; over when the node is ready again. */
export function powerCycled(node: string): Fault {
  return { kind: "power-cycled", node };
}

/** A daemon dies at once, as in a crash. What keeps it running may start it again; healed, it runs. */
export function daemonKilled(node: string, daemon: Daemon): Fault {
  return { kind: "daemon-killed", node, daemon };
}

/** A daemon ends in order, and is started again when healed. */
export function daemonStopped(node: string, daemon: Daemon): Fault {
  return { kind: "daemon-stopped", node, daemon };
}

/** A daemon hangs: its sockets stay open, and nothing answers. */
export function daemonFrozen(node: string, daemon: Daemon): Fault {
  return { kind: "daemon-frozen", node, daemon };
}

/** The node's wall clock jumps by `ms` milliseconds, backwards where negative. */
export function clockStep(node: string, { ms }: { readonly ms: number }): Fault {
  return { kind: "clock-step", node, milliseconds: ms };
}

/** Whether a fault is a wire's. */
export function isWireFault(fault: Fault): fault is WireFault {
  return "wire" in fault;
}

/** Whether a fault is a whole machine's. */
export function isMachineFault(fault: Fault): fault is MachineFault {
  return fault.kind === "paused" || fault.kind === "killed" || fault.kind === "power-cycled";
}

/** The wire or node that a fault breaks. */
export function faultTarget(fault: Fault): string {
  return isWireFault(fault) ? fault.wire : fault.node;
}
