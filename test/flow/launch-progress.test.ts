import { describe, expect, test } from "vitest";
import { LaunchProgress } from "../../src/flow/launch-progress.ts";
import type { TestbedEvent } from "../../src/testbed/index.ts";

function phase(elapsedMs: number, message: string): TestbedEvent {
  return { type: "phase", phase: "nodes", message, sequence: elapsedMs, time: 0, elapsedMs };
}

describe("LaunchProgress", () => {
  test("is silent about a launch that is fast", () => {
    const lines: string[] = [];
    const progress = new LaunchProgress("t1", (line) => lines.push(line));
    progress.follow(phase(1000, "start 3 nodes"));
    expect(lines).toEqual([]);
  });

  test("tells all when it turns out to be slow, and goes on", () => {
    const lines: string[] = [];
    const progress = new LaunchProgress("t1", (line) => lines.push(line));
    progress.follow(phase(1000, "build the image"));
    progress.follow(phase(6000, "still building"));
    progress.follow({ type: "node", node: "h1", state: "ready", sequence: 3, time: 0, elapsedMs: 7000 });
    expect(lines).toEqual(["t1   1.0 s  build the image", "t1   6.0 s  still building", "t1   7.0 s  h1 ready"]);
  });

  test("tells all when it fails", () => {
    const lines: string[] = [];
    const progress = new LaunchProgress("t1", (line) => lines.push(line));
    progress.follow(phase(10, "start 3 nodes"));
    progress.tell();
    expect(lines).toEqual(["t1   0.0 s  start 3 nodes"]);
  });
});
