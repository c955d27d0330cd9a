import type { TestbedProvenance } from "../../testbed/index.ts";
import { stateOf } from "../run/verdict.ts";
import type { Bundle } from "./read-bundle.ts";

/** Something that was not the same in two runs. */
export interface RunDifference {
  /** What it is, in words: `QEMU`, `flow file flows/nat.flow.ts`. */
  readonly what: string;
  readonly before: string;
  readonly now: string;
}

type Facts = readonly (readonly [what: string, value: string])[];

/** Every input of a run that was different in another one: code, files, software, host, images, plans. */
export function inputDifferences(before: Bundle, now: Bundle): readonly RunDifference[] {
  return compare(inputsOf(before), inputsOf(now));
}

/** Where two runs went different ways: faults and what flows came to. */
export function outcomeDifferences(before: Bundle, now: Bundle): readonly RunDifference[] {
  return compare(outcomesOf(before), outcomesOf(now));
}

function compare(before: Facts, now: Facts): readonly RunDifference[] {
  const [old, present] = [new Map(before), new Map(now)];
  return [...new Set([...old.keys(), ...present.keys()])].flatMap((what) => {
    const difference = { what, before: old.get(what) ?? "none", now: present.get(what) ?? "none" };
    return difference.before === difference.now ? [] : [difference];
  });
}

function inputsOf({ run }: Bundle): Facts {
  const { project, software, host, files, testbeds } = run;
  const byTopology = new Map(testbeds.map((testbed) => [testbed.topology, testbed]));
  return [
    ["seed", run.seed],
    ["commit of the project", project.commit ?? "none"],
    ["changes beyond the commit", project.dirty === null ? "unknown" : project.dirty ? "yes" : "no"],
    ...files.map(({ path, sha256 }) => [`flow file ${path}`, short(sha256)] as const),
    ["Kestrel", software.kestrel],
    ["Node.js", software.node],
    ["kernel of the host", host.kernel],
    ["CPU", `${host.cpuModel}, ${host.cpus} usable`],
    ...[...byTopology.values()].flatMap(({ topology, planSha256, provenance }) => [
      [`plan of ${topology}`, short(planSha256)] as const,
      ...(provenance === null ? [] : provenanceFacts(topology, provenance)),
    ]),
  ];
}

function provenanceFacts(
  topology: string,
  { qemu, accelerator, stackDigest, images, nodes }: TestbedProvenance,
): Facts {
  return [
    ["QEMU", `${qemu.version} (${short(qemu.digest)})`],
    ["accelerator", accelerator],
    ["code in the nodes", short(stackDigest)],
    ...images.map(({ name, digest }) => [`image ${name}`, short(digest)] as const),
    ...nodes.map(
      ({ name, template }) => [`template of ${topology}/${name}`, short(template ?? "none, booted")] as const,
    ),
  ];
}

function outcomesOf({ run, timeline }: Bundle): Facts {
  return run.flows.flatMap((flow) => {
    const faults = timeline
      .filter(({ kind, round }) => (kind === "fault" || kind === "heal") && round === 1)
      .filter((entry) => entry.flow?.file === flow.file && entry.flow.name === flow.name)
      .map(({ text }) => text);
    const name = `${flow.file} › ${flow.name}`;
    return [[`result of ${name}`, stateOf(flow)] as const, [`faults of ${name}`, faults.join("; ") || "none"] as const];
  });
}

function short(digest: string): string {
  return /^[0-9a-f]{17,}$/.test(digest) ? digest.slice(0, 16) : digest;
}
