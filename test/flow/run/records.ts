import type { FlowRecord, FlowRound, RunRecord, TestbedRecord } from "../../../src/flow/run/run-record.ts";

/** A round of a flow that ended in `state`. */
export function round(state: FlowRound["state"], more: Partial<FlowRound> = {}): FlowRound {
  const empty = { failures: [], leftBehind: [], underWay: [], evidence: [] };
  return { round: 1, state, startedAt: 1_000_000, durationMs: 250, ...empty, ...more };
}

/** A flow of `flows/a.flow.ts`; its rounds are numbered. */
export function flow(name: string, rounds: readonly FlowRound[]): FlowRecord {
  return { file: "flows/a.flow.ts", name, rounds: rounds.map((each, index) => ({ ...each, round: index + 1 })) };
}

/** A testbed that nothing is known about but what it was made from. */
export function testbedRecord(more: Partial<TestbedRecord> = {}): TestbedRecord {
  return {
    name: "routed-1",
    topology: "routed",
    plan: "plans/routed-00000000.json",
    planSha256: "0".repeat(64),
    kept: false,
    provenance: {
      accelerator: "tcg",
      qemu: { path: "/usr/bin/qemu-system-x86_64", version: "7.2.22", digest: "1".repeat(64) },
      stackDigest: "2".repeat(64),
      images: [
        {
          name: "base",
          digest: "3".repeat(64),
          kernelRelease: "6.1",
          nodeVersion: "24",
          packages: { iproute2: "6.1.0" },
        },
      ],
      nodes: [{ name: "h1", template: "4".repeat(32), commandLine: ["qemu-system-x86_64", "-name", "a b"] }],
    },
    ...more,
  };
}

/** A run of these flows. */
export function run(more: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1,
    verdict: "passed",
    exitCode: 0,
    startedAt: 1_795_806_246_000,
    durationMs: 1234,
    seed: "5eed",
    request: { files: ["flows/a.flow.ts"], repeat: 1, untilFail: false, timeoutMs: 240_000 },
    project: { root: "/project", commit: "c0ffee".padEnd(40, "0"), dirty: false },
    software: { kestrel: "0.1.0", node: "24.0.0" },
    host: { kernel: "6.1.0", cpuModel: "CPU", cpus: 2, memoryMiB: 4096, checks: [] },
    files: [{ path: "flows/a.flow.ts", sha256: "a".repeat(64) }],
    testbeds: [testbedRecord()],
    flows: [flow("a", [round("passed")])],
    faults: [],
    bundle: "/project/.kestrel/runs/x",
    ...more,
  };
}
