/** The words that the guest agent (src/guest/agent, in C) and its host exchange. */

/** Written by an agent that has done nothing yet that would tell it from its clones; it may be frozen now. */
export const parkedLine = "kestrel-agent parked\n";
/** Wakes the agent. */
export const hostHello = "kestrel-host hello\n";
/** The agent's answer; from here on both sides speak channel frames (src/channel). */
export const agentHello = "kestrel-agent hello\n";

/** Byte streams of an `exec` channel. */
export const execStreams = { stdin: 0, stdout: 1, stderr: 2 } as const;
/** Byte stream of channels that carry one: to the agent for files, both ways for connections. */
export const dataStream = 0;

/** Parameters of `exec`. */
export interface ExecRequest {
  /** Program and arguments; or, as a string, a command for `/bin/sh -c`. */
  readonly command: readonly string[] | string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Whether stream 0 is connected; otherwise standard input is /dev/null. */
  readonly stdin?: boolean | undefined;
  /** Run on a pseudo-terminal of this size; standard error is then part of standard output. */
  readonly terminal?: TerminalSize | undefined;
  /** The process group is killed after so many milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** A message to a running `exec`: a signal for its group, or the new size of its terminal. */
export type ExecMessage = { readonly signal: NodeJS.Signals } | { readonly terminal: TerminalSize };

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Result of `exec`, after all output was sent. */
export interface ExecResult {
  /** Null when it died by a signal. 126 and 127 as a shell gives them: not executable, not found. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
}

/** What `hardware` tells of a machine. */
export interface Hardware {
  readonly interfaces: readonly NetworkInterface[];
  readonly disks: readonly { readonly name: string; readonly serial: string }[];
}

/** A network interface as the kernel has it now. */
export interface NetworkInterface {
  readonly name: string;
  readonly mac: string;
  readonly index: number;
}

/** One thing that `apply` does to the machine. */
export type Operation =
  /** Mix bytes into the kernel's random generator with full credit; all that it gives out follows from them. */
  | { readonly do: "entropy"; readonly base64: string }
  | { readonly do: "clock"; readonly epochMs: number }
  /** Environment of every command and service from now on. */
  | { readonly do: "environment"; readonly variables: Readonly<Record<string, string>> }
  /** Without `create` there must be such a file, as parameters of the kernel are. */
  | {
      readonly do: "write";
      readonly path: string;
      readonly text: string;
      readonly mode?: number;
      readonly create?: boolean;
    }
  | { readonly do: "directory"; readonly path: string; readonly mode: number }
  | { readonly do: "mount"; readonly source: string; readonly target: string; readonly type: string }
  /** A request to the kernel's routing socket (src/netdev). */
  | { readonly do: "route"; readonly base64: string };

/** What came of an {@link Operation}; of a `route`, `said` is the kernel's answer in base 64. */
export interface OperationResult {
  readonly error: string | null;
  readonly said: string | null;
}

/** What installing code in a node has changed. */
export interface InstallResult {
  /** Files that were not the same already, relative to /opt/kestrel. */
  readonly files: readonly string[];
  /** Services that were running and run the new code now. */
  readonly restarted: readonly string[];
  /**
   * Whether the agent's own code was replaced. The agent that runs stays as it is until its node is launched anew: it
   * holds the line to the host and is the parent of the services, and a reboot brings back the code of the launch.
   */
  readonly agentChanged: boolean;
}

/** A fact that `ready` waits for. */
export type ReadyFact =
  | { readonly type: "command"; readonly command: string; readonly timeoutMs: number }
  | { readonly type: "file"; readonly path: string; readonly timeoutMs: number }
  | { readonly type: "tcp"; readonly port: number; readonly address: string; readonly timeoutMs: number }
  | HttpFact;

/** A GET of an HTTP server of the node is answered with status 200 and JSON that has all of `json` in it. */
export interface HttpFact {
  readonly type: "http";
  readonly port: number;
  readonly address: string;
  readonly path: string;
  readonly json: JsonPattern;
  /** What it means, in words that follow "expected"; null for none better than the request itself. */
  readonly fact: string | null;
  readonly timeoutMs: number;
}

/** A part of a JSON document (src/guest/json-pattern.ts). */
export type JsonPattern =
  string | number | boolean | null | readonly JsonPattern[] | { readonly [member: string]: JsonPattern };

/** A daemon that the agent keeps running. */
export interface ServiceRequest {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** `always` starts it again whenever it ends; `never` leaves it. */
  readonly restart: "always" | "never";
  /**
   * The command is `node MODULE …` and may be run by a Node.js that waits for it since before the machine was frozen: the
   * one of this name, or one for any. The first time only, and only where there is one.
   */
  readonly parked?: boolean | undefined;
}

/** How a daemon is. */
export interface ServiceStatus {
  readonly name: string;
  readonly state: "running" | "stopped" | "failed";
  readonly pid: number | null;
  readonly restarts: number;
  readonly exit: ExecResult | null;
}

/** Result of `snapshot`: what the kernel says about the node, as it says it. */
export interface RawSnapshot {
  /** `/proc/PID/cmdline` of all processes but the agent. */
  readonly commandLines: readonly string[];
  /** Name, flags, MTU and MAC of each network interface. */
  readonly links: readonly (readonly string[])[];
  /** `/proc/net/fib_trie`. */
  readonly ipv4Addresses: string;
  /** `/proc/net/if_inet6`. */
  readonly ipv6Addresses: string;
  /** `/proc/net/route`. */
  readonly ipv4Routes: string;
  /** `/proc/net/ipv6_route`. */
  readonly ipv6Routes: string;
}

/** What the guest says about itself after it took its identity. */
export interface GuestFacts {
  readonly hostname: string;
  /** Milliseconds that taking the identity took. */
  readonly tookMs: number;
}
