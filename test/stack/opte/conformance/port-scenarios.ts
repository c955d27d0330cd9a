import assert from "node:assert/strict";
import { icmp, payload } from "../../../../src/packet/index.ts";
import { OpteError } from "../../../../src/stack/opte/engine/port/opte-error.ts";
import { defaultRules, g1, g2, guestFrame, segment, Sled } from "../fixture.ts";
import { countersOf, fast, moves, newFirewallFlow, type Scenario, slow } from "./scenario.ts";

const syn = segment(g1, g1.ip, 44490, g2.ip, 80);

/** Ports, their states and rules. */
export const portScenarios: readonly Scenario[] = [
  {
    id: "I01",
    name: "check_layers",
    shows: "layers in order, defaults and the rule counts of a fresh dual-stack port",
    run() {
      const sled = Sled.standard(g1);
      const names = sled.port.port.layers.map(({ name }) => name);
      assert.deepEqual(names, ["gateway", "firewall", "router", "nat", "overlay"]);
      const counters = countersOf(sled);
      const rules = names.map((name) => [counters[`${name}.rules.in`], counters[`${name}.rules.out`]]);
      assert.deepEqual(rules, [
        [5, 12],
        [3, 0],
        [0, 2],
        [0, 3],
        [2, 1],
      ]);
      assert.equal(counters["epoch"], 3);
      const defaults = sled.port.port.layers.map(({ spec }) => `${spec.in}/${spec.out}`);
      assert.deepEqual(defaults, ["deny/deny", "deny/stateful allow", "allow/deny", "allow/allow", "deny/deny"]);
    },
  },
  {
    id: "I02",
    name: "port_transition_running",
    shows: "BadState before start, without counters; then Modified",
    run() {
      const sled = new Sled(g1);
      sled.route("172.30.0.0/22", "sub4=172.30.0.0/22");
      moves(sled, {}, () => {
        assert.equal(sled.out(syn), "error");
      });
      moves(sled, { state: "running" }, () => {
        sled.port.port.start();
      });
      moves(sled, { ...slow.out, ...newFirewallFlow }, () => {
        assert.equal(sled.out(syn), "modified");
      });
    },
  },
  {
    id: "I03",
    name: "port_transition_reset",
    shows: "reset ends all flows, keeps rules, and the port is ready",
    run() {
      const sled = Sled.standard(g1);
      moves(sled, { ...slow.out, ...newFirewallFlow }, () => sled.out(syn));
      moves(sled, { state: "ready", "uft.out": -1, "firewall.flows.in": -1, "firewall.flows.out": -1 }, () => {
        sled.port.port.reset();
      });
      assert.equal(sled.port.port.store.tcp.size, 0);
      moves(sled, {}, () => {
        assert.equal(sled.out(syn), "error");
      });
    },
  },
  {
    id: "I04",
    name: "port_transition_pause",
    shows: "while paused nothing is processed or written; afterwards the flow goes on",
    run() {
      const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
      two.out(segment(g2, g2.ip, 44490, g1.ip, 80));
      one.in(two.lastBytes());
      two.port.port.pause();
      moves(two, {}, () => {
        assert.equal(two.out(segment(g2, g2.ip, 44490, g1.ip, 80)), "error");
        for (const write of [
          () => {
            two.port.port.clearUft();
          },
          () => {
            two.port.port.expire(two.now);
          },
          () => {
            two.unroute("172.30.0.0/22", "sub4=172.30.0.0/22");
          },
          () => two.allow("dir=in action=allow priority=10"),
          () => {
            two.firewall(...defaultRules);
          },
        ]) {
          assert.throws(write, (error) => error instanceof OpteError && error.code === "BadState");
        }
      });
      two.port.port.start();
      one.out(segment(g1, g1.ip, 80, g2.ip, 44490, ["SYN", "ACK"]));
      moves(two, slow.in, () => {
        assert.equal(two.in(one.lastBytes()), "modified");
      });
    },
  },
  {
    id: "I05",
    name: "add_remove_fw_rule",
    shows: "each change of a rule is an epoch",
    run() {
      const sled = Sled.standard(g1);
      const id = moves(sled, { epoch: 1, "firewall.rules.in": 1 }, () =>
        sled.allow("dir=in action=allow priority=10 protocol=TCP"),
      );
      moves(sled, { epoch: 1, "firewall.rules.in": -1 }, () => {
        sled.port.removeFirewallRule("in", id);
      });
    },
  },
  {
    id: "I21",
    name: "flow_expiration",
    shows: "flows expire 60 s after their last hit, not before",
    run() {
      const sled = Sled.standard(g1);
      const start = sled.now;
      sled.now += 1;
      moves(sled, { ...slow.out, ...newFirewallFlow }, () => sled.out(syn));
      moves(sled, {}, () => {
        sled.opte.expire(start + 60_000);
      });
      moves(sled, { "uft.out": -1, "firewall.flows.in": -1, "firewall.flows.out": -1 }, () => {
        sled.opte.expire(start + 61_000);
      });
    },
  },
  {
    id: "I35",
    name: "anti_spoof",
    shows: "a wrong source address, a wrong MAC address, and both, die in the gateway layer",
    run() {
      const sled = Sled.standard(g1);
      const echo = icmp({ message: "echo-request", identifier: 7, sequence: 1 });
      for (const [guest, source] of [
        [g1, "172.30.0.240"],
        [g2, g1.ip],
        [g2, "172.30.0.240"],
      ] as const) {
        moves(sled, { "out.drop": 1, "out.drop_layer": 1, "out.uft_miss": 1 }, () => {
          assert.equal(sled.out(guestFrame(guest, source, g2.ip, echo, payload("a"))), "drop");
        });
        assert.equal(sled.opte.walk.dropLayer, "gateway");
        assert.equal(sled.opte.walk.dropReason, "default");
      }
    },
  },
  {
    id: "I37",
    name: "intra_subnet_routes_with_custom",
    shows: "a custom drop route wins over the system route to the same prefix, and only while it is there",
    run() {
      const sled = Sled.standard(g1);
      sled.route("172.30.4.0/22", "sub4=172.30.4.0/22");
      sled.v2p("172.30.4.5", g2.mac, g2.sled);
      const ping = guestFrame(g1, g1.ip, "172.30.4.5", icmp({ message: "echo-request", identifier: 7, sequence: 1 }));
      moves(sled, { ...slow.out, ...newFirewallFlow }, () => sled.out(ping));
      moves(sled, { epoch: 1, "router.rules.out": 1 }, () => {
        sled.route("172.30.4.0/22", "drop", "custom");
      });
      moves(sled, { "out.drop": 1, "out.drop_layer": 1, "out.uft_miss": 1, "uft.out": -1 }, () => sled.out(ping));
      assert.equal(sled.opte.walk.dropLayer, "router");
      assert.equal(sled.opte.walk.dropReason, "rule");
      moves(sled, { epoch: 1, "router.rules.out": -1 }, () => {
        sled.unroute("172.30.4.0/22", "drop", "custom");
      });
      moves(sled, slow.out, () => sled.out(ping));
      moves(sled, fast.out, () => sled.out(ping));
    },
  },
];
