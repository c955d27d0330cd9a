import { describe, expect, test } from "vitest";
import {
  emptyMgd,
  faultsOf,
  type MgdInput,
  type MgdState,
  mgdTimes,
  stepMgd,
  subjects,
} from "../../../src/stack/mgd/engine/mgd-engine.ts";
import { peerOf, routerOf, switchOf, uplinkOf } from "./desired-switch.ts";

const endpoint = "fd00:1122:3344:1f0::1";
const route = { prefix: "203.0.113.0/24", paths: [{ port: "qsfp0", link: 0, nextHop: "192.0.2.2" }] };
const desired = switchOf({ uplinks: [uplinkOf("qsfp0", ["192.0.2.1/30"])], bgp: [routerOf([peerOf()])] });

/** The engine, and what it has said to whom since it was last looked at. */
class Laboratory {
  state: MgdState = emptyMgd(endpoint);
  wakeMs: number | undefined;

  step(input: MgdInput, nowMs = 0): readonly string[] {
    const step = stepMgd(this.state, input, nowMs);
    ({ state: this.state, wakeMs: this.wakeMs } = step);
    return step.outputs.map(({ subject }) => subject);
  }

  /** All those who have been told something take it. */
  settle(): void {
    for (const subject of subjects) {
      if (this.state.progress[subject].inFlight !== undefined) this.step({ kind: "applied", subject });
    }
  }
}

describe("mgd", () => {
  test("touches nothing before it knows what shall be and what there is", () => {
    const lab = new Laboratory();
    expect(lab.step({ kind: "learnt", routes: [route] })).toEqual([]);
    expect(lab.step({ kind: "desired", state: desired })).toEqual([...subjects]);
    expect(lab.state.effective).toBe(0);
    lab.settle();
    expect(lab.state.effective).toBe(1);
    expect(lab.wakeMs).toBeUndefined();
  });

  test("tells dpd and ddmd of what comes and goes outside, and nobody else", () => {
    const lab = new Laboratory();
    lab.step({ kind: "learnt", routes: [] });
    lab.step({ kind: "desired", state: desired });
    lab.settle();
    const { outputs } = stepMgd(lab.state, { kind: "learnt", routes: [route] }, 0);
    expect(outputs).toEqual([
      { kind: "apply", subject: "routes", wanted: [route] },
      {
        ...{ kind: "apply", subject: "ddmd" },
        wanted: [{ overlay_prefix: "203.0.113.0/24", boundary_addr: endpoint, vni: 99, metric: 0 }],
      },
    ]);
    expect(lab.step({ kind: "learnt", routes: [route] })).toEqual(["routes", "ddmd"]);
    lab.settle();
    expect(lab.step({ kind: "learnt", routes: [route] })).toEqual([]);
    expect(lab.step({ kind: "learnt", routes: [] })).toEqual(["routes", "ddmd"]);
  });

  test("what changes while somebody is being told follows, once", () => {
    const lab = new Laboratory();
    lab.step({ kind: "desired", state: desired });
    lab.step({ kind: "learnt", routes: [route] });
    expect(lab.step({ kind: "learnt", routes: [] })).toEqual([]);
    expect(lab.step({ kind: "applied", subject: "ddmd" })).toEqual(["ddmd"]);
    expect(lab.step({ kind: "applied", subject: "ddmd" })).toEqual([]);
  });

  test("who refuses is told again, ever more seldom, and the fault is told until then", () => {
    const lab = new Laboratory();
    lab.step({ kind: "desired", state: desired });
    lab.step({ kind: "learnt", routes: [] });
    lab.settle();
    lab.step({ kind: "unknown", subjects: ["bgpd"] });
    let now = 0;
    for (const waitMs of [200, 400, 800]) {
      expect(lab.step({ kind: "failed", subject: "bgpd", fault: "not running" }, now)).toEqual([]);
      expect(lab.wakeMs).toBe(now + waitMs);
      expect(lab.step({ kind: "tick" }, now + waitMs - 1)).toEqual([]);
      now += waitMs;
      expect(lab.step({ kind: "tick" }, now)).toEqual(["bgpd"]);
    }
    expect(faultsOf(lab.state)).toEqual(["bgpd: not running"]);
    lab.step({ kind: "applied", subject: "bgpd" }, now);
    expect(faultsOf(lab.state)).toEqual([]);
    expect(mgdTimes.longestRetryMs).toBe(5000);
  });

  test("who has started anew is told at once, however long the wait was", () => {
    const lab = new Laboratory();
    lab.step({ kind: "desired", state: desired });
    lab.step({ kind: "learnt", routes: [] });
    lab.settle();
    expect(lab.step({ kind: "unknown", subjects: ["dpd", "routes"] })).toEqual(["dpd", "routes"]);
    lab.step({ kind: "failed", subject: "dpd", fault: "refused" });
    expect(lab.step({ kind: "unknown", subjects: ["dpd"] })).toEqual(["dpd"]);
  });

  test("what a switch cannot is a fault", () => {
    const lab = new Laboratory();
    const vlan = { link_name: "phy0", address: "192.0.2.9/30", vlan_id: 7 };
    const uplink = uplinkOf("qsfp0", []);
    const state = switchOf({
      uplinks: [{ ...uplink, addresses: [vlan] }],
      bgp: [routerOf([peerOf()]), routerOf([peerOf()], [], { asn: 64999 })],
    });
    lab.step({ kind: "desired", state });
    expect(faultsOf(lab.state)).toEqual([
      "qsfp0 VLAN 7: uplinks with VLANs are not supported",
      "BGP router 64999: this switch has one BGP router, 64500, and no second",
    ]);
  });
});
