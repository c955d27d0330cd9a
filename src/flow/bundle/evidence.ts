import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describeError } from "../../error/kestrel-error.ts";
import { runDirectory } from "../../host/index.ts";
import { runFiles, type Testbed, type TestbedStatus } from "../../testbed/index.ts";
import { readRecording } from "../recording.ts";
import type { Sighting } from "../sighting.ts";
import { Wiring } from "../wiring.ts";
import type { FlowName } from "../run/run-events.ts";
import { annotatedCapture } from "./annotated-capture.ts";
import type { BundleWriter } from "./bundle-writer.ts";
import { bundleFiles, evidenceFiles, type FailureScene, type KeptFrame, type TimelineEntry } from "./layout.ts";

/** A failure that is to be looked at. */
export interface FailureToKeep {
  readonly flow: FlowName;
  readonly round: number;
  readonly testbed: Testbed;
  /** Sequence number of the first frame of the flow. */
  readonly since: number;
  readonly steps: readonly TimelineEntry[];
}

/** Frames kept of before the flow began. */
const framesBefore = 1000;
/** Most frames kept of a failure. */
const framesKept = 20_000;
/** Milliseconds for a guest to tell its state. */
const guestDeadlineMs = 15_000;

/** What a guest is asked when a flow has failed. */
const guestState = [
  "ip -details address",
  "ip route show table all; ip -6 route show table all",
  "ip neighbour; ip -6 neighbour",
  "ss -tuwanp",
  "nft list ruleset 2>/dev/null",
  "ps -ef 2>/dev/null || ps",
] as const;

/**
 * Collect how things stand where a flow has failed: recordings of all wires, states, consoles, logs and states of the
 * guests. What cannot be had is named in the scene, nothing of it is an error.
 *
 * @returns the directory, relative to the bundle
 */
export async function keepEvidence(bundle: BundleWriter, number: number, failure: FailureToKeep): Promise<string> {
  const { flow, testbed, round } = failure;
  const at = Date.now();
  const directory = join(bundleFiles.failures, `${number}-${slug(flow.name)}`);
  const missing: string[] = [];
  const attempt = async <Result>(what: string, fallback: Result, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      missing.push(`${what}: ${describeError(error).split("\n")[0] ?? ""}`);
      return fallback;
    }
  };
  const status = await attempt<TestbedStatus | null>("status", null, () => testbed.status());
  const { wires } = await attempt("wires", { ports: [], wires: [] }, () => testbed.wires.list());
  const wiring = new Wiring(testbed.plan, wires);
  const first = Math.max(0, failure.since - framesBefore);
  const seen = await attempt<readonly Sighting[]>("recordings", [], () =>
    readRecording(testbed.wires, { wiring, since: first }),
  );
  const frames = seen.slice(-framesKept).map(keptFrame);
  await bundle.writeText(
    join(directory, evidenceFiles.frames),
    frames.map((frame) => `${JSON.stringify(frame)}\n`).join(""),
  );
  const captured = wires.map(({ name }) => ({ name, ends: wiring.ends(name) }));
  await bundle.writeBytes(join(directory, evidenceFiles.capture), annotatedCapture(captured, frames, failure.steps));
  await Promise.all(
    testbed.plan.nodes.map(async ({ name }) => {
      const console = join(runDirectory(testbed.name), runFiles.nodes, name, "console.log");
      await attempt(`console of ${name}`, undefined, async () => {
        const said = await readFile(console, "utf8");
        if (said !== "") await bundle.writeText(join(directory, evidenceFiles.consoles, `${name}.log`), said);
      });
      const state = status?.nodes.find((node) => node.name === name)?.state;
      if (state === "ready") {
        await attempt(`guest ${name}`, undefined, () =>
          keepGuest(bundle, join(directory, evidenceFiles.guests), testbed, name),
        );
      } else missing.push(`guest ${name}: it is ${state ?? "gone"}`);
    }),
  );
  const scene: FailureScene = {
    testbed: testbed.name,
    topology: testbed.plan.name,
    flow,
    round,
    at,
    status,
    wires,
    missing,
    framesBefore: Math.max(0, seen.length - framesKept) + first,
  };
  await bundle.writeJson(join(directory, evidenceFiles.scene), scene);
  return directory;
}

async function keepGuest(bundle: BundleWriter, directory: string, testbed: Testbed, node: string): Promise<void> {
  const guest = await testbed.node(node).guest();
  const signal = AbortSignal.timeout(guestDeadlineMs);
  const command = guestState.map((line) => `echo '$ ${line.replaceAll("'", "")}'; ${line}; echo`).join("\n");
  const logs = guest.logs();
  signal.addEventListener("abort", () => logs.destroy());
  const [state, log] = await Promise.all([guest.exec(command, { signal }), text(logs)]);
  await bundle.writeText(join(directory, `${node}.state.txt`), state.stdout);
  await bundle.writeText(join(directory, `${node}.log`), log);
}

function keptFrame(seen: Sighting): KeptFrame {
  const { sequence, wire, direction, timestampNanoseconds, from, to, fate, marks, comment, frame } = seen;
  const kept = { sequence, wire, direction, time: String(timestampNanoseconds), from, to, fate, marks };
  return { ...kept, ...(comment === undefined ? {} : { comment }), frame: frame.toString("hex") };
}

/** A piece of a file name that tells a flow. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replace(/^-|-$/g, "");
}
