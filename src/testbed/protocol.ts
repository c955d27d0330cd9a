import type { SerializedError } from "../error/kestrel-error.ts";
import type { ProcessIdentity } from "../host/index.ts";
import type { Accelerator } from "../machine/index.ts";
import type { Plan } from "../topology/index.ts";

/** The words that a supervisor and its clients exchange, all JSON-serialisable. Times are milliseconds since the epoch. */

/** Where a node is in its life. */
export type NodeState =
  /** Waits for what its `after:` names, or for its turn. */
  | "waiting"
  /** QEMU starts, the guest boots or wakes. */
  | "starting"
  /** Hostname, MACs, addresses and the rest are being set. */
  | "identifying"
  /** It answers; its files, commands and ready conditions are being worked through. */
  | "settling"
  | "ready"
  | "paused"
  /** It was killed on request, or its guest powered off. */
  | "stopped"
  | "failed";

/** What a testbed as a whole does. */
export type TestbedState =
  | "starting"
  | "ready"
  /** It was ready, and a part of it has failed since; the rest goes on. */
  | "degraded"
  | "stopping";

/** One port of a running node. */
export interface PortStatus {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** What it is plugged into: a wire's name, or null. */
  readonly wire: string | null;
  /** Whether the port has a carrier. */
  readonly up: boolean;
}

/** One node of a running testbed. */
export interface NodeStatus {
  readonly name: string;
  readonly kind: string;
  readonly state: NodeState;
  /** Process id of its QEMU; null when there is none. */
  readonly pid: number | null;
  /** Whether it woke from a template or booted. */
  readonly origin: "clone" | "boot" | null;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly ports: readonly PortStatus[];
  /** When its QEMU was started. */
  readonly startedAt: number | null;
  /** Milliseconds from the start of its QEMU until it was ready. */
  readonly readyAfterMs: number | null;
  /** How it is reached: by our own agent or over SSH. */
  readonly transport: "agent" | "ssh";
  /** Host port on 127.0.0.1 for SSH, and the private key file; only for transport "ssh". */
  readonly ssh: { readonly port: number; readonly keyFile: string; readonly user: string } | null;
  readonly consoleLog: string;
  /** Why it failed, with QEMU's last words; only in state "failed". */
  readonly failure: SerializedError | null;
}

/** A running testbed, as `kestrel status --json` prints it. */
export interface TestbedStatus {
  readonly name: string;
  readonly topology: string;
  readonly state: TestbedState;
  readonly accelerator: Accelerator | null;
  readonly supervisor: { readonly pid: number; readonly startedAt: number };
  readonly panel: { readonly pid: number | null; readonly running: boolean };
  readonly runDirectory: string;
  readonly nodes: readonly NodeStatus[];
  readonly failure: SerializedError | null;
}

/** What a testbed is made from: everything that another launch of the same plan may have differently. */
export interface TestbedProvenance {
  readonly accelerator: Accelerator;
  readonly qemu: { readonly path: string; readonly version: string; readonly digest: string };
  /** Digest of our code that runs in the nodes. */
  readonly stackDigest: string;
  readonly images: readonly ImageProvenance[];
  readonly nodes: readonly NodeProvenance[];
}

/** An image that nodes boot from. */
export interface ImageProvenance {
  readonly name: string;
  readonly digest: string;
  readonly kernelRelease: string;
  readonly nodeVersion: string;
  /** Debian package -> version. */
  readonly packages: Readonly<Record<string, string>>;
}

/** What one machine was started as. */
export interface NodeProvenance {
  readonly name: string;
  /** Key of the template that it is a clone of; null after a cold boot. */
  readonly template: string | null;
  /** QEMU's command line; null when it does not run. */
  readonly commandLine: readonly string[] | null;
}

/** What happens in a testbed; the body of a {@link TestbedEvent}. */
export type Happening =
  /** The testbed enters a phase: `image`, `accelerator`, `template`, `panel`, `nodes`, `ready`, `stopping`. */
  | { readonly type: "phase"; readonly phase: string; readonly message: string }
  /** A long step moves on; `fraction` is 0 to 1 where it is known. */
  | {
      readonly type: "progress";
      readonly step: string;
      readonly message: string;
      readonly fraction?: number | undefined;
    }
  | { readonly type: "node"; readonly node: string; readonly state: NodeState; readonly message?: string | undefined }
  | { readonly type: "node-failed"; readonly node: string; readonly error: SerializedError }
  | { readonly type: "wire"; readonly wire: string; readonly message: string }
  | { readonly type: "panel"; readonly message: string }
  | { readonly type: "state"; readonly state: TestbedState; readonly error?: SerializedError | undefined }
  | { readonly type: "notice"; readonly message: string };

/** One line of the event stream (NDJSON). */
export type TestbedEvent = Happening & {
  /** Position in the stream, from 1. */
  readonly sequence: number;
  /** Wall clock, milliseconds since the epoch. */
  readonly time: number;
  /** Milliseconds since the supervisor started, monotonic. */
  readonly elapsedMs: number;
};

/** What a supervisor is told when it is started. */
export interface LaunchRequest {
  readonly name: string;
  readonly plan: Plan;
  /** Folder that relative paths of the plan are in. */
  readonly topologyDirectory: string;
  /** Boot every machine instead of cloning templates; the result is the same. */
  readonly cold: boolean;
  /** `auto` tries KVM and falls back to TCG. */
  readonly accelerator: Accelerator | "auto";
  /** End the testbed when the launching process goes, even after it is ready. */
  readonly attached: boolean;
}

/** What the end of a testbed left. */
export interface DownReport {
  readonly name: string;
  /** Where logs and the journal are until `gc`. */
  readonly keptLogs: string;
  /** What could not be undone; empty when all is gone. */
  readonly leftovers: readonly string[];
  readonly elapsedMs: number;
}

/** A call relayed to the agent of a node. */
export interface NodeCall {
  readonly node: string;
  readonly method: string;
  readonly params: unknown;
}

/** A call relayed to the panel. */
export interface PanelCall {
  readonly method: string;
  readonly params: unknown;
}

/** Verbs on the machine of a node. */
export type NodeVerb = "pause" | "resume" | "reboot" | "power-cycle" | "kill" | "start";

/** The owner file of a run directory. */
export interface RunOwner {
  readonly version: number;
  readonly process: ProcessIdentity;
  /** Whether the owner is a launcher that has not handed over to a supervisor yet. */
  readonly role: "launcher" | "supervisor";
}
