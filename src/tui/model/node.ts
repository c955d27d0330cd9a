import type { Line } from "../line/line.ts";
import type { ServiceStatus } from "./public-api.ts";

/** What is looked at of a node. */
export type NodeTab = "facts" | "console" | "log" | "exec";

/** A table that a program in the node printed as JSON: DDM peers. */
export interface FactTable {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** Packets that an OPTE port dropped for one reason, and that reason: layer and rule, or what else it was. */
export interface DropReason {
  readonly count: number;
  readonly text: string;
}

/** What one direction of an OPTE port did. */
export interface OpteSide {
  /** Packets of flows that were known, and of those that were not. */
  readonly hits: number;
  readonly misses: number;
  readonly dropped: number;
  /** The most frequent first. */
  readonly reasons: readonly DropReason[];
}

/** A port of the packet transformation engine. */
export interface OptePort {
  readonly name: string;
  readonly state: string;
  readonly vni: number;
  readonly addresses: readonly string[];
  /** To the guest; undefined where it is not known. */
  readonly in: OpteSide | undefined;
  readonly out: OpteSide | undefined;
}

/** What the guest of a node says about itself. What it could not say is undefined. */
export interface NodeFacts {
  readonly node: string;
  /** Jiffies since the boot: busy and all, of all CPUs together. */
  readonly jiffies: { readonly busy: number; readonly all: number } | undefined;
  /** Share of the CPUs that was busy since the facts before. */
  readonly cpu: number | undefined;
  readonly memory: { readonly usedKiB: number; readonly totalKiB: number } | undefined;
  readonly load: string | undefined;
  readonly routes: readonly string[] | undefined;
  readonly services: readonly ServiceStatus[] | undefined;
  /** Undefined where there is no OPTE. */
  readonly optePorts: readonly OptePort[] | undefined;
  /** Only of programs that the node has. */
  readonly tables: readonly FactTable[];
}

/** A console as it looks now. */
export interface ConsoleView {
  readonly node: string;
  readonly lines: readonly Line[];
  readonly cursor: { readonly x: number; readonly y: number };
  /** Keys are typed into it. */
  readonly attached: boolean;
  /** Why it ended; undefined while it is open. */
  readonly ended: string | undefined;
}

/** A command that was run in a node. */
export interface ExecEntry {
  readonly id: number;
  readonly command: string;
  readonly output: readonly string[];
  /** Undefined while it runs. */
  readonly outcome: string | undefined;
}

/** The node view. */
export interface NodePane {
  readonly tab: NodeTab;
  readonly facts: NodeFacts | undefined;
  readonly console: ConsoleView | undefined;
  readonly log: { readonly node: string; readonly lines: readonly string[] } | undefined;
  readonly logFilter: string;
  /** By node. */
  readonly execs: ReadonlyMap<string, readonly ExecEntry[]>;
  /** Lines back from the newest. */
  readonly scroll: number;
}

/** Lines of a log that are kept. */
export const keptLogLines = 2000;
/** Commands that are kept of a node, and lines of each. */
export const keptExecs = 30;
/** Lines of output that are kept of a command. */
export const keptOutputLines = 500;

/** Nothing looked at yet. */
export const nodePaneBegins: NodePane = {
  tab: "facts",
  facts: undefined,
  console: undefined,
  log: undefined,
  logFilter: "",
  execs: new Map(),
  scroll: 0,
};
