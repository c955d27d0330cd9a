import { expect, test } from "vitest";
import type { InstanceView } from "../../src/tui/model/public-api.ts";
import { tuiBegins } from "../../src/tui/model/begin.ts";
import { instanceRow } from "../../src/tui/rack/instances.ts";
import { readTopology } from "../../src/topology/index.ts";
import { after, key } from "./replay.ts";
import { screenOf } from "./screen.ts";

function instance(name: string, sled: string | null, state = "running"): InstanceView {
  return { id: name, name, project: "shop", state, sled, addresses: ["172.30.0.5"] };
}

const topology = new URL("../../topologies/instances.yaml", import.meta.url).pathname;

test("instances are drawn in their sleds, and told with project, state and addresses in the sled's facts", async () => {
  const plan = await readTopology(topology);
  const attached = after(tuiBegins({ columns: 120, rows: 40 }, 0), { type: "attached", name: "bed", plan });
  expect(attached.effects).toContainEqual({ type: "find-instances" });
  const instances = [instance("web", "s1"), instance("db", "s2", "starting"), instance("archive", null, "stopped")];
  const { state } = after(
    attached.state,
    { type: "instances", bed: "bed", instances },
    { type: "select", selection: { kind: "node", name: "s1" }, open: false },
  );
  const rack = (await screenOf(state)).join("\n");
  expect(rack).toMatch(/[└┗]●web[─━]+[┘┛]/);
  expect(rack).toMatch(/[└┗]◐db[─━]+[┘┛]/);
  expect(rack).toContain("instances  ●web");
  const facts = (await screenOf(after(state, key("enter")).state)).join("\n");
  expect(facts).toMatch(/● shop\/web running +172\.30\.0\.5/);
  expect(facts).not.toContain("shop/db");
});

test("the control plane is asked now and then while somebody looks, and not where there is none", async () => {
  const begun = tuiBegins({ columns: 120, rows: 40 }, 0);
  const asked = async (file: string): Promise<boolean> => {
    const plan = await readTopology(new URL(`../../topologies/${file}`, import.meta.url).pathname);
    const { state } = after(begun, { type: "attached", name: "bed", plan });
    return after(state, { type: "tick", now: 10_500 }).effects.some(({ type }) => type === "find-instances");
  };
  expect([await asked("instances.yaml"), await asked("routed.yaml")]).toEqual([true, false]);
});

test("of instances that do not fit into a box, there is how many more", () => {
  const many = ["web", "db", "cache"].map((name) => instance(name, "s1"));
  expect(instanceRow(many, 20)).toBe("●web ●db ●cache");
  expect(instanceRow(many, 12)).toBe("●web ●db +1");
  expect(instanceRow(many, 3)).toBe("+3");
  expect(instanceRow([], 3)).toBe("");
});
