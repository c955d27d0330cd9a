import { describe, expect, test } from "vitest";
import { checkNode, findPort, Wiring } from "../../src/flow/wiring.ts";
import { planTopology } from "../../src/topology/index.ts";

const plan = planTopology({
  name: "small",
  nodes: {
    h1: { ports: { net0: ["fd00::1/64"], net1: null, net2: null } },
    h2: { ports: { net0: ["fd00::2/64"], net1: null } },
  },
  wires: [["h1:net0", "h2:net0"], { ends: ["h1:net1", "h2:net1"], direct: true }],
});
const wiring = new Wiring(plan, [
  { name: "h1:net0--h2:net0", ends: [{ port: "h1:net0" }, { port: "h2:net0" }] },
  { name: "leg", ends: [null, { segment: "lan" }] },
]);

function explanation(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return (error as { readonly explanation?: unknown }).explanation;
  }
  return "nothing was thrown";
}

describe("names", () => {
  test.for([
    [
      "node",
      () => {
        checkNode(plan, "h3");
      },
      'did you mean "h1"?',
    ],
    ["port", () => findPort(plan, "h1:net9"), 'did you mean "h1:net0"?'],
    ["port", () => wiring.wireOfPort("h9:net1"), 'did you mean "h1:net1"?'],
    [
      "wire",
      () => {
        wiring.checkWire("h1:net0-h2:net0");
      },
      'did you mean "h1:net0--h2:net0"?',
    ],
  ] as const)("an unknown %s is refused with the nearest there is", ([what, act, hint]) => {
    expect(explanation(act)).toMatchObject({ kind: "input", found: `no such ${what} in topology small`, hint });
  });

  test("a direct wire says that it cannot be watched, a free port that it is plugged into nothing", () => {
    const direct = { found: "a direct wire, which has no recording" };
    expect(
      explanation(() => {
        wiring.checkWire("h1:net1--h2:net1");
      }),
    ).toMatchObject(direct);
    expect(explanation(() => wiring.wireOfPort("h2:net1"))).toMatchObject(direct);
    expect(explanation(() => wiring.wireOfPort("h1:net2"))).toMatchObject({
      found: "a port that is plugged into nothing",
    });
  });
});

describe("ends", () => {
  test("frames leaving a port take the direction of its end", () => {
    expect(wiring.wireOfPort("h1:net0")).toEqual({ wire: "h1:net0--h2:net0", direction: "aToB" });
    expect(wiring.wireOfPort("h2:net0")).toEqual({ wire: "h1:net0--h2:net0", direction: "bToA" });
  });

  test("are named by port, segment, or nothing", () => {
    expect(wiring.ends("h1:net0--h2:net0")).toEqual(["h1:net0", "h2:net0"]);
    expect(wiring.ends("leg")).toEqual(["(nothing)", "lan"]);
  });
});
