import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BundleWriter } from "../../../src/flow/bundle/bundle-writer.ts";
import type { FailureScene, KeptFrame, TimelineEntry } from "../../../src/flow/bundle/layout.ts";
import { writeResults } from "../../../src/flow/bundle/write-results.ts";
import type { RunRecord } from "../../../src/flow/run/run-record.ts";
import { build, ethernet, ipv6, packet, payload, udp } from "../../../src/packet/index.ts";
import { type Plan, readTopology } from "../../../src/topology/index.ts";
import { flow, round, run, testbedRecord } from "../run/records.ts";

/** The wire that was cut when the flow of the sample failed. */
export const cutWire = "r1:net1--h2:net0";
/** Name of the flow that failed; it has everything in it that must not be taken for HTML. */
export const failedFlow = `a packet crosses <b>"r1" & h2</b>`;
/** Milliseconds since the epoch at which the flow of the sample began. */
export const beganAt = 1_795_806_246_500;

const wires = ["h1:net0--r1:net0", cutWire] as const;

/** A bundle of a run that never was, with one flow that failed and others that did not. */
export interface SampleBundle extends AsyncDisposable {
  readonly directory: string;
  readonly run: RunRecord;
  readonly plan: Plan;
}

/** A frame on a wire of the sample, so many milliseconds after the beginning. */
export function frameAfter(milliseconds: number, wire: (typeof wires)[number], fate: KeptFrame["fate"]): KeptFrame {
  const [from, to] = wire === cutWire ? ["r1:net1", "h2:net0"] : ["h1:net0", "r1:net0"];
  const bytes = build(
    packet(
      ethernet({ src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02" }),
      ipv6({ src: "fd00:1::1", dst: "fd00:2::1", hopLimit: wire === cutWire ? 63 : 64 }),
      udp({ srcPort: 4000, dstPort: 9 }),
      payload("<script>alert(1)</script>"),
    ),
  );
  return {
    sequence: milliseconds,
    wire,
    direction: "aToB",
    time: `${beganAt + milliseconds}000000`,
    from,
    to,
    fate,
    marks: [],
    frame: Buffer.from(bytes).toString("hex"),
  };
}

/** Write the sample into a directory of its own. */
export async function sampleBundle(): Promise<SampleBundle> {
  const root = await mkdtemp("/tmp/ks-bundle-");
  await mkdir(join(root, "flows"));
  await writeFile(join(root, "flows/a.flow.ts"), "// a flow\n");
  const plan = await readTopology("topologies/routed.yaml");
  const writer = await BundleWriter.create(join(root, "bundle"));
  const step = (milliseconds: number, kind: TimelineEntry["kind"], text: string, more: Partial<TimelineEntry> = {}) => {
    const named = { flow: { file: "flows/a.flow.ts", name: failedFlow }, testbed: "routed-1" };
    writer.note({ at: beganAt + milliseconds, round: 1, kind, text, outcome: "done", ...named, ...more });
  };
  step(-5, "begin", failedFlow);
  step(0, "launch", "got testbed routed-1 (topology routed) after 17 ms", { cursor: 19 });
  step(40, "fault", "wire h1:net0--r1:net0 down", { detail: { kind: "down", wire: wires[0] } });
  step(60, "heal", "wire h1:net0--r1:net0 down: healed", { detail: { kind: "down", wire: wires[0] } });
  step(90, "fault", `wire ${cutWire} cut`, { detail: { kind: "cut", wire: cutWire } });
  step(100, "send", "send from h1:net0: IPv6 fd00:1::1 > fd00:2::1");
  const message = `wire ${cutWire} did not carry the frame expected within 500 ms\n\nexpected, in this order:\n  ✗ 1. udp`;
  step(600, "expect", `expect wire ${cutWire} to carry udp`, { outcome: "failed" });
  step(610, "end", message.split("\n")[0] ?? "", { outcome: "failed" });
  const evidence = `failures/1-a-packet`;
  const frames = [
    frameAfter(20, wires[0], "delivered"),
    frameAfter(101, wires[0], "delivered"),
    frameAfter(104, cutWire, "cut"),
  ];
  const scene: FailureScene = {
    testbed: "routed-1",
    topology: "routed",
    flow: { file: "flows/a.flow.ts", name: failedFlow },
    round: 1,
    at: beganAt + 605,
    status: null,
    wires: [],
    missing: ["guest h2: it is gone"],
    framesBefore: 0,
  };
  await writer.writeJson(join(evidence, "scene.json"), scene);
  await writer.writeText(join(evidence, "frames.ndjson"), frames.map((frame) => `${JSON.stringify(frame)}\n`).join(""));
  await writer.writeText(join(evidence, "consoles/h1.log"), `${"a very long line ".repeat(40)}\n`);
  const planFile = "plans/routed-00000000.json";
  await writer.writeJson(planFile, plan);
  const failure = {
    message,
    location: { file: "flows/a.flow.ts", line: 12, column: 3 },
    codeFrame: `  > 12 | await expect(bed.wire("${cutWire}")).toCarry({ udp: {} }) ${"// and so on ".repeat(12)}`,
  };
  const failedRound = round("failed", {
    startedAt: beganAt,
    durationMs: 610,
    failures: [failure],
    evidence: [evidence],
    leftBehind: [`wire ${cutWire}: it was left with cut from r1:net1 to h2:net0`],
  });
  const record = run({
    verdict: "failed",
    exitCode: 1,
    project: { root, commit: "c0ffee".padEnd(40, "0"), dirty: true },
    testbeds: [testbedRecord({ plan: planFile })],
    flows: [
      flow("passes", [round("passed"), round("passed")]),
      flow(failedFlow, [failedRound, round("passed")]),
      flow("is skipped", [round("skipped", { note: "needs KVM" })]),
    ],
    bundle: writer.directory,
  });
  await writeResults(writer, record);
  return {
    directory: writer.directory,
    run: record,
    plan,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}
