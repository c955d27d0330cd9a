import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { Plan } from "../../topology/index.ts";
import type { RunRecord } from "../run/run-record.ts";
import { bundleFiles, evidenceFiles, type FailureScene, type KeptFrame, type TimelineEntry } from "./layout.ts";

/** What was kept of one failure. */
export interface Evidence {
  /** Relative to the bundle. */
  readonly directory: string;
  readonly scene: FailureScene;
  readonly frames: readonly KeptFrame[];
  /** Console output, guest logs and states: files of the directory, by their path in it. */
  readonly texts: ReadonlyMap<string, string>;
}

/** A bundle as it is read back. */
export interface Bundle {
  readonly directory: string;
  readonly run: RunRecord;
  readonly timeline: readonly TimelineEntry[];
  /** By their file in the bundle. */
  readonly plans: ReadonlyMap<string, Plan>;
}

/**
 * Read the bundle of a run, without the evidence of its failures.
 *
 * @throws KestrelError (input) when it is none, or not whole
 */
export async function readBundle(directory: string): Promise<Bundle> {
  try {
    const run = JSON.parse(await readFile(join(directory, bundleFiles.record), "utf8")) as RunRecord;
    if ((run.version as number) !== 1)
      throw new Error(`version ${String(run.version)}, which this Kestrel cannot read`);
    const timeline = await readLines<TimelineEntry>(join(directory, bundleFiles.timeline));
    const plans = await Promise.all(
      [...new Set(run.testbeds.map(({ plan }) => plan))].map(
        async (plan) => [plan, JSON.parse(await readFile(join(directory, plan), "utf8")) as Plan] as const,
      ),
    );
    return { directory, run, timeline, plans: new Map(plans) };
  } catch (cause) {
    throw new KestrelError(
      {
        kind: "input",
        step: "read the bundle",
        subject: directory,
        expected: `the directory of a run, with ${bundleFiles.record} in it`,
        found: cause instanceof Error ? cause.message : String(cause),
        hint: "bundles are below .kestrel/runs of the project whose flows were run",
      },
      { cause },
    );
  }
}

/** Read what was kept of a failure. */
export async function readEvidence(bundle: string, directory: string): Promise<Evidence> {
  const root = join(bundle, directory);
  const scene = JSON.parse(await readFile(join(root, evidenceFiles.scene), "utf8")) as FailureScene;
  const texts = new Map<string, string>();
  for (const part of [evidenceFiles.consoles, evidenceFiles.guests]) {
    const names = await readdir(join(root, part)).catch(() => []);
    for (const name of names.toSorted()) texts.set(`${part}/${name}`, await readFile(join(root, part, name), "utf8"));
  }
  return { directory, scene, frames: await readLines<KeptFrame>(join(root, evidenceFiles.frames)), texts };
}

async function readLines<Line>(path: string): Promise<readonly Line[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}
