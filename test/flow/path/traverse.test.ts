import { describe, expect, test } from "vitest";
import "../../../src/flow/matchers.ts";
import type { HopPattern } from "../../../src/flow/path/traverse.ts";
import { PacketTrace } from "../../../src/flow/trace.ts";
import { onWire, overlayCrossing } from "./overlay-packets.ts";

const crossing = new PacketTrace(overlayCrossing());
const path: readonly HopPattern[] = [
  { leaves: "h1", enters: "r1:net0", geneve: false, ipv4: { src: "10.1.0.1", ttl: 64 } },
  { leaves: "r1:net1", enters: "r2", geneve: { vni: 1001 }, ipv6: { dst: "fd00::2" }, inner: { ipv4: { ttl: 63 } } },
  { enters: "h2:net0", ipv4: { src: "10.9.0.1", ttl: 62 } },
];

function failure(hops: readonly HopPattern[], options?: { readonly exactly: boolean }, of = crossing): string {
  try {
    expect(of).toTraverse(hops, options);
  } catch (error) {
    return (error as Error).message;
  }
  return "it passed";
}

describe("PacketTrace", () => {
  test("shows tunnel, translation and hop limits, hop by hop", async () => {
    await expect(`${String(crossing)}\n`).toMatchFileSnapshot("../reports/overlay-trace.txt");
  });
});

describe("toTraverse", () => {
  test("accepts the path, with or without the hops between", () => {
    expect(crossing).toTraverse(path, { exactly: true });
    expect(crossing).toTraverse(["h1:net0", "h2"]);
    expect(crossing).toTraverse([{ at: "r1:net1--r2:net1" }]);
    expect(crossing).toTraverse([{ leaves: /^r[12]:net1$/, enters: /^r/ }]);
    expect(failure([{ leaves: /^r9:/ }])).toContain("hop 1 (leaves /^r9:/) is missing");
    expect(crossing).not.toTraverse(["h2", "h1"]);
  });

  test("a failure names hop, field, expected and found, and shows the whole path", async () => {
    const wrong = path.with(1, { leaves: "r1:net1", geneve: { vni: 1002 }, inner: { ipv4: { ttl: 62 } } });
    await expect(failure(wrong)).toMatchFileSnapshot("../reports/wrong-hop.txt");
  });

  test("a hop that is missing, one too many, and one that lost the packet are told as such", () => {
    expect(failure(["r1", { enters: "r3" }])).toMatch(
      /^hop 2 \(enters r3\) is missing: it was last seen at r2:net0 → h2:net0\n/,
    );
    expect(failure([{ enters: "r2" }], { exactly: true })).toMatch(
      /^hop 1 is not as expected, at h1:net0 → r1:net0:\n {2}enters: expected r2, found r1:net0\n/,
    );
    expect(failure(["h1", "r2", "r2", "h2"])).toMatch(
      /^hop 4 \(h2\) is missing: it was last seen at r2:net0 → h2:net0\n/,
    );
    expect(failure(path.slice(0, 2), { exactly: true })).toMatch(
      /^the packet went on behind hop 2, the last expected: r2:net0 → h2:net0\n/,
    );
    const [first, second] = overlayCrossing();
    if (first === undefined || second === undefined) throw new Error("the crossing is too short");
    const cut = onWire(2, "r1:net1", "r2:net1", second.packet, { fate: "cut" });
    const lost = new PacketTrace([first, cut]);
    expect(failure(path, undefined, lost)).toMatch(
      /^hop 2 is not as expected.*\n {2}fate: expected delivered, found cut\n/,
    );
    expect(failure(["h1:net0", { at: "r1:net1--r2:net1", fate: "any" }, "h2:net0"], undefined, lost)).toMatch(
      /^hop 3 \(h2:net0\) is missing: it was last seen at r1:net1 → r2:net1, which did not deliver it: cut\n/,
    );
  });
});
