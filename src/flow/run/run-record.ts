import type { FaultKind } from "../../error/kestrel-error.ts";
import type { TestbedProvenance } from "../../testbed/index.ts";

/** What one run of flows was and came to: `run.json` of its bundle, and what `kestrel flow run --json` prints. Times are milliseconds since the epoch. */
export interface RunRecord {
  readonly version: 1;
  readonly verdict: Verdict;
  /** 0 all passed, 1 a flow failed, 2 wrong input, 3 this host cannot, 4 a fault of Kestrel's. */
  readonly exitCode: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly seed: string;
  readonly request: RunRequest;
  readonly project: ProjectFacts;
  readonly software: { readonly kestrel: string; readonly node: string };
  readonly host: HostFacts;
  readonly files: readonly FlowFile[];
  readonly testbeds: readonly TestbedRecord[];
  readonly flows: readonly FlowRecord[];
  /** What failed outside of any flow: a file that cannot be loaded, a worker that died. */
  readonly faults: readonly RunFault[];
  /** Directory of the bundle, absolute. */
  readonly bundle: string;
}

/** `none`: there was no flow to run. */
export type Verdict = "passed" | "failed" | "none";

/** What was asked for; a replay asks for the same. */
export interface RunRequest {
  /** Flow files, relative to the project. */
  readonly files: readonly string[];
  readonly name?: string | undefined;
  /** Rounds; 0 for no end but a failure. */
  readonly repeat: number;
  readonly untilFail: boolean;
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  readonly timeoutMs: number;
}

/** The project that the flows are of. */
export interface ProjectFacts {
  /** Absolute path. */
  readonly root: string;
  /** Null outside of a git repository. */
  readonly commit: string | null;
  /** Whether files differed from the commit; null where that is not known. */
  readonly dirty: boolean | null;
}

/** One fact about the host, as `kestrel doctor` tells it. */
export interface HostCheck {
  readonly name: string;
  readonly verdict: "ok" | "warning" | "problem";
  readonly found: string;
}

/** The host of a run. */
export interface HostFacts {
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly checks: readonly HostCheck[];
}

/** A file that flows are in. */
export interface FlowFile {
  /** Relative to the project. */
  readonly path: string;
  readonly sha256: string;
}

/** A testbed that a run used. */
export interface TestbedRecord {
  readonly name: string;
  readonly topology: string;
  /** File of the plan in the bundle. */
  readonly plan: string;
  readonly planSha256: string;
  readonly provenance: TestbedProvenance | null;
  /** It was kept for somebody to look at. */
  readonly kept: boolean;
}

/** One flow over all rounds of a run. */
export interface FlowRecord {
  readonly file: string;
  readonly name: string;
  readonly rounds: readonly FlowRound[];
}

/** How a flow went once. */
export interface FlowRound {
  /** From 1. */
  readonly round: number;
  readonly state: "passed" | "failed" | "skipped";
  readonly startedAt: number;
  readonly durationMs: number;
  /** Why it was skipped, where it says so. */
  readonly note?: string | undefined;
  readonly failures: readonly FlowFailure[];
  /** What it left changed in its testbed. */
  readonly leftBehind: readonly string[];
  /** What it was doing when it ended. */
  readonly underWay: readonly string[];
  /** Directories of the bundle with what was recorded around the failure, one for each testbed. */
  readonly evidence: readonly string[];
}

/** Why a flow failed. Texts are plain, without colours. */
export interface FlowFailure {
  readonly message: string;
  /** Kind of the KestrelError that it was; absent for other errors, such as failed expectations. */
  readonly kind?: FaultKind | undefined;
  /** Of the flow file, relative to the project. */
  readonly location?: { readonly file: string; readonly line: number; readonly column: number } | undefined;
  /** Lines of the file around the place. */
  readonly codeFrame?: string | undefined;
  /** Expected and found, line by line, where vitest compared two values. */
  readonly diff?: string | undefined;
}

/** A failure that belongs to no flow. */
export interface RunFault extends FlowFailure {
  /** The flow file, relative to the project, where it concerns one. */
  readonly file?: string | undefined;
  readonly kind: FaultKind;
}
