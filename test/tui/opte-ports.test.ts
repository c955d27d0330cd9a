import { expect, test } from "vitest";
import { z } from "zod";
import { layerDump, portCounters, portValue } from "../../src/stack/opte/opted/api/values.ts";
import { optePorts, wantedPaths } from "../../src/tui/effects/opte-ports.ts";

const external = { ephemeral: null, floating: [], snat: null };
const ports = z.array(portValue).parse([
  {
    ...{ name: "opte0", mac: "a8:40:25:fa:fa:37", vni: 100, state: "running", epoch: 3 },
    ...{ ipv4: { ...external, address: "172.30.0.5" }, ipv6: null, interface: "opte0", attached: true },
  },
]);
const counters = portCounters.parse({
  port: {
    ...{ in_uft_hit: 90, in_uft_miss: 9, in_drop: 9, in_drop_layer: 7, in_drop_tcp_err: 2, in_process_err: 0 },
    ...{ out_uft_hit: 50, out_uft_miss: 5, out_drop: 3, out_drop_layer: 1, out_drop_handle_pkt: 1, out_agent_drop: 1 },
  },
  layers: {
    gateway: { in_deny: 0, out_deny: 1 },
    firewall: { in_deny: 7, out_deny: 0 },
    router: { in_deny: 0, out_deny: 0 },
  },
  routeCache: {},
});
const nothing = { flows: [], rules: [], defaultAction: "allow", defaultHits: 4 };
const firewall = layerDump.parse({
  in: {
    flows: [],
    rules: [
      { id: 4, priority: 10, hits: 5, predicates: ["inner.ip.proto=TCP"], action: "Deny" },
      { id: 5, priority: 20, hits: 80, predicates: ["*"], action: "Stateful Allow" },
    ],
    defaultAction: "deny",
    defaultHits: 2,
  },
  out: nothing,
});

test("opted is asked for its ports, then for their counters, then for the layers that deny", () => {
  const answers = new Map<string, unknown>();
  expect(wantedPaths(answers)).toEqual(["/ports"]);
  answers.set("/ports", ports);
  expect(wantedPaths(answers)).toEqual(["/ports", "/ports/opte0/counters"]);
  answers.set("/ports/opte0/counters", counters);
  expect(wantedPaths(answers).slice(2)).toEqual(["/ports/opte0/layers/gateway", "/ports/opte0/layers/firewall"]);
});

test("drops are told by layer and rule, and by what else drops, the most frequent first", () => {
  const [port] =
    optePorts(
      new Map<string, unknown>([
        ["/ports", ports],
        ["/ports/opte0/counters", counters],
        ["/ports/opte0/layers/firewall", firewall],
        ["/ports/opte0/layers/gateway", { in: nothing, out: nothing }],
      ]),
    ) ?? [];
  expect(port).toEqual({
    ...{ name: "opte0", state: "running", vni: 100, addresses: ["172.30.0.5"] },
    in: {
      ...{ hits: 90, misses: 9, dropped: 9 },
      reasons: [
        { count: 5, text: "firewall rule 4: inner.ip.proto=TCP" },
        { count: 2, text: "firewall: denied by default" },
        { count: 2, text: "TCP: not of the connection's state" },
      ],
    },
    out: {
      ...{ hits: 50, misses: 5, dropped: 3 },
      reasons: [
        { count: 1, text: "gateway: denied by an action, or by a rule that is gone" },
        { count: 1, text: "the agent's queue is full" },
        { count: 1, text: "longer than the MTU" },
      ],
    },
  });
});

test("what is not known is not zero: a port whose counters did not come, a node without opted", () => {
  expect(optePorts(new Map([["/ports", ports]]))?.[0]).toMatchObject({ in: undefined, out: undefined });
  expect(optePorts(new Map([["/ports", undefined]]))).toBeUndefined();
});
