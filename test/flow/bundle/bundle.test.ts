import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { describe, expect, test } from "vitest";
import { annotatedCapture } from "../../../src/flow/bundle/annotated-capture.ts";
import { BundleWriter, runName } from "../../../src/flow/bundle/bundle-writer.ts";
import { inputDifferences, outcomeDifferences } from "../../../src/flow/bundle/compare-runs.ts";
import { failingPlace, placesIn } from "../../../src/flow/bundle/failing-hop.ts";
import { junitXml } from "../../../src/flow/bundle/junit.ts";
import type { TimelineEntry } from "../../../src/flow/bundle/layout.ts";
import { type Bundle, readBundle, readEvidence } from "../../../src/flow/bundle/read-bundle.ts";
import { RecordedPlans } from "../../../src/flow/bundle/recorded-plans.ts";
import { redact } from "../../../src/flow/bundle/redact.ts";
import { faultSpans, tellStory } from "../../../src/flow/bundle/report/story.ts";
import { readPcapng } from "../../../src/packet/index.ts";
import { flow, round, run, testbedRecord } from "../run/records.ts";
import { beganAt, cutWire, failedFlow, frameAfter, sampleBundle } from "./sample-bundle.ts";

function entry(
  at: number,
  kind: TimelineEntry["kind"],
  text: string,
  more: Partial<TimelineEntry> = {},
): TimelineEntry {
  return { at, round: 1, kind, text, outcome: "done", ...more };
}

describe("a bundle", () => {
  test("is read back as it was written", async () => {
    await using sample = await sampleBundle();
    const bundle = await readBundle(sample.directory);
    expect(bundle.run).toEqual(sample.run);
    expect([...bundle.plans.values()]).toEqual([JSON.parse(JSON.stringify(sample.plan))]);
    expect(bundle.timeline.map(({ kind }) => kind)).toEqual([
      "begin",
      "launch",
      "fault",
      "heal",
      "fault",
      "send",
      "expect",
      "end",
    ]);
    const evidence = await readEvidence(sample.directory, "failures/1-a-packet");
    expect(evidence.frames).toHaveLength(3);
    expect([...evidence.texts.keys()]).toEqual(["consoles/h1.log"]);
  });

  test("holds the flow files as they were", async () => {
    await using sample = await sampleBundle();
    expect(await readFile(join(sample.directory, "flows/flows/a.flow.ts"), "utf8")).toBe("// a flow\n");
  });

  test("is never written over what is there", async () => {
    await using sample = await sampleBundle();
    await expect(BundleWriter.create(sample.directory)).rejects.toMatchObject({ explanation: { kind: "input" } });
  });

  test("that is none is told as such", async () => {
    await expect(readBundle("/nonexistent")).rejects.toMatchObject({
      explanation: { kind: "input", subject: "/nonexistent" },
    });
  });

  test("has a name that sorts by time", () => {
    expect(runName(new Date(Date.UTC(2026, 10, 27, 19, 4, 4)), "a/b c")).toBe("2026-11-27T19-04-04-a_b_c");
  });

  test("never has a private key in any file, wherever it comes from", async () => {
    const { private: key } = ssh2.utils.generateKeyPairSync("ed25519");
    const root = await mkdtemp("/tmp/ks-secret-");
    try {
      const writer = await BundleWriter.create(join(root, "bundle"));
      writer.note(entry(0, "run", `cat key: ${key}`, { detail: { stdout: key, cut: key.slice(0, 120) } }));
      await writer.writeText("consoles/h1.log", `$ cat /etc/ssh/key\n${key}\n$ `);
      await writer.writeJson("run.json", { message: key });
      await writer.close();
      expect(JSON.parse(await readFile(join(writer.directory, "timeline.ndjson"), "utf8"))).toMatchObject({
        kind: "run",
      });
      const secret = key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
      for (const file of await readdir(writer.directory, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const text = await readFile(join(file.parentPath, file.name), "utf8");
        for (const line of secret) expect(text).not.toContain(line);
        expect(text).toContain("a private key was removed here");
      }
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test("keeps what is no private key", () => {
    const text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\nssh-ed25519 AAAA host";
    expect(redact(text)).toBe(text);
  });
});

test("a capture has the flow's steps as comments of the first frame after them, and says which frames did not arrive", () => {
  const frames = [frameAfter(20, "h1:net0--r1:net0", "delivered"), frameAfter(104, cutWire, "cut")];
  const steps = [
    entry(beganAt + 90, "fault", "cut the wire"),
    entry(beganAt + 100, "send", "send a frame"),
    entry(beganAt + 600, "expect", "expect it", { outcome: "failed" }),
  ];
  const wires = [
    { name: "h1:net0--r1:net0", ends: ["h1:net0", "r1:net0"] },
    { name: cutWire, ends: ["r1:net1", "h2:net0"] },
  ] as const;
  const bytes = annotatedCapture(wires, frames, steps);
  const capture = readPcapng(bytes);
  expect(capture.fault).toBeUndefined();
  expect(bytes.toString("utf8")).toContain("after the last frame:\n[expect, failed] expect it");
  expect(capture.interfaces.map(({ name }) => name)).toEqual(wires.map(({ name }) => name));
  expect(capture.frames.map((frame) => [frame.interface.id, frame.comment])).toEqual([
    [0, undefined],
    [1, "[fault] cut the wire\n[send] send a frame\nnot delivered: cut"],
  ]);
});

describe("the place of a failure", () => {
  const failing = (message: string, kind?: "input") => [{ message, kind }];

  test("is the wire that the first line names, although others follow", async () => {
    await using sample = await sampleBundle();
    const message = `wire ${cutWire} did not carry it\nall wires:\n  h1:net0--r1:net0 h1`;
    expect(failingPlace(sample.plan, failing(message), [])).toEqual({ wires: [cutWire], nodes: [] });
  });

  test("is what the flow was busy with when its time was up", async () => {
    await using sample = await sampleBundle();
    const message = "the flow did not end within 4000 ms";
    expect(failingPlace(sample.plan, failing(message), [], ["run a command on r1 (for 4 s)"])).toEqual({
      wires: [],
      nodes: ["r1"],
    });
  });

  test("is the last step that failed where nothing else says it", async () => {
    await using sample = await sampleBundle();
    const steps = [
      entry(0, "wait", "wait for h1", { outcome: "failed" }),
      entry(1, "run", "ping on h2", { outcome: "failed" }),
    ];
    expect(failingPlace(sample.plan, failing("expected 1 to be 0"), steps).nodes).toEqual(["h2"]);
  });

  test("is nowhere when the flow itself is wrong", async () => {
    await using sample = await sampleBundle();
    expect(failingPlace(sample.plan, failing("find the node: h3: expected one of h1, r1, h2", "input"), [])).toEqual({
      wires: [],
      nodes: [],
    });
  });

  test("is not a node of which only the name begins so", async () => {
    await using sample = await sampleBundle();
    expect(placesIn(sample.plan, "node h12 and xh1, but r1:net0").nodes).toEqual(["r1"]);
  });
});

describe("the story of a failure", () => {
  test("has faults from what broke to what healed the same, or to the end", () => {
    const steps = [
      entry(10, "fault", "cut a", { detail: { wire: "a" } }),
      entry(20, "fault", "cut b", { detail: { wire: "b" } }),
      entry(30, "heal", "cut a: healed", { detail: { wire: "a" } }),
      entry(35, "fault", "cut c: not done", { detail: { wire: "c" }, outcome: "failed" }),
    ];
    expect(faultSpans(steps, 50)).toEqual([
      { text: "cut a", begin: 10, end: 30, healed: true },
      { text: "cut b", begin: 20, end: 50, healed: false },
    ]);
  });

  test("is in the order of time, from when the flow got its testbed", () => {
    const frames = [
      frameAfter(-400, cutWire, "delivered"),
      frameAfter(20, cutWire, "delivered"),
      frameAfter(900, cutWire, "cut"),
    ];
    const steps = [entry(beganAt, "launch", "got it"), entry(beganAt + 30, "send", "send")];
    const { incidents, begin } = tellStory(frames, steps, beganAt + 600);
    expect(begin).toBe(beganAt);
    expect(incidents.map(({ type, at }) => [type, Math.round(at - beganAt)])).toEqual([
      ["entry", 0],
      ["frame", 20],
      ["entry", 30],
    ]);
  });
});

describe("two runs", () => {
  const bundle = (record = run(), timeline: readonly TimelineEntry[] = []): Bundle => ({
    directory: "/b",
    run: record,
    timeline,
    plans: new Map(),
  });

  test("of the same inputs do not differ, whenever and wherever they were", () => {
    expect(inputDifferences(bundle(), bundle(run({ startedAt: 1, bundle: "/elsewhere" })))).toEqual([]);
  });

  test("differ in every input that is named", () => {
    const provenance = testbedRecord().provenance;
    if (provenance === null) throw new Error("the sample has a provenance");
    const now = run({
      seed: "other",
      project: { root: "/project", commit: null, dirty: null },
      files: [{ path: "flows/a.flow.ts", sha256: "b".repeat(64) }],
      testbeds: [
        testbedRecord({
          planSha256: "9".repeat(64),
          provenance: {
            ...provenance,
            qemu: { ...provenance.qemu, version: "10.0.0" },
            images: provenance.images.map((image) => ({ ...image, digest: "8".repeat(64) })),
          },
        }),
      ],
    });
    expect(inputDifferences(bundle(), bundle(now)).map(({ what }) => what)).toEqual([
      "seed",
      "commit of the project",
      "changes beyond the commit",
      "flow file flows/a.flow.ts",
      "plan of routed",
      "QEMU",
      "image base",
    ]);
  });

  test("differ in what came out: results and faults", () => {
    const name = { file: "flows/a.flow.ts", name: "a" };
    const before = bundle(run(), [entry(0, "fault", "cut x", { flow: name })]);
    const now = bundle(run({ flows: [flow("a", [round("failed")])] }), [entry(0, "fault", "cut y", { flow: name })]);
    expect(outcomeDifferences(before, now)).toEqual([
      { what: "result of flows/a.flow.ts › a", before: "passed", now: "failed" },
      { what: "faults of flows/a.flow.ts › a", before: "cut x", now: "cut y" },
    ]);
  });

  test("have the same plans although the topology has changed meanwhile", async () => {
    await using sample = await sampleBundle();
    const plans = new RecordedPlans([sample.plan]);
    const same = { plan: sample.plan, fresh: false };
    expect(plans.adjust(same)).toBe(same);
    expect(plans.replaced).toEqual([]);
    expect(plans.adjust({ plan: { ...sample.plan, nodes: [] }, fresh: true })).toEqual({
      plan: sample.plan,
      fresh: true,
    });
    expect(plans.replaced).toEqual(["routed"]);
    const other = { plan: { ...sample.plan, name: "other" }, fresh: false };
    expect(plans.adjust(other)).toBe(other);
  });
});

test("JUnit has a case for each flow and round, its failures, and what could not be run", () => {
  const text = junitXml(
    run({
      flows: [
        flow("passes", [round("passed")]),
        flow(failedFlow, [round("failed", { failures: [{ message: "no <frame>\nmore \u0007" }] }), round("skipped")]),
      ],
      faults: [{ kind: "input", file: "flows/b.flow.ts", message: "syntax error", codeFrame: "> 1 | x" }],
    }),
  );
  expect(text).toContain('<testsuites name="kestrel" tests="4" failures="1" errors="1" skipped="1"');
  expect(text).toContain('<testcase name="a packet crosses &lt;b&gt;&quot;r1&quot; &amp; h2&lt;/b&gt; (round 1)"');
  expect(text).toContain('<failure message="no &lt;frame&gt;">no &lt;frame&gt;\nmore \n</failure>');
  expect(text).toContain('<error message="syntax error">');
  expect(text).not.toContain("\u0007");
});
