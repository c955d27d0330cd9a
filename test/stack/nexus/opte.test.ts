import type { VpcFirewallRuleUpdate } from "@oxide/api";
import { describe, expect, test } from "vitest";
import { ethernet, ipv4, packet, type Packet, tcp } from "../../../src/packet/index.ts";
import { instanceBody, ok, startNexus, type TestedNexus } from "./nexus-fixture.ts";
import { OpteSled } from "./opte-sled.ts";
import { withUplinks } from "./uplinks.ts";

const query = { project: "p1" };

/** Real engines on all sleds, made of what nexus told them. */
class Engines {
  readonly sleds: readonly OpteSled[];

  constructor({ sleds }: TestedNexus) {
    this.sleds = sleds.flatMap(({ state }) => (state === undefined ? [] : [new OpteSled(state)]));
  }

  sledOf(instance: string): OpteSled {
    const found = this.sleds.find(({ instances }) => instances.includes(instance));
    if (found === undefined) throw new Error(`no sled has ${instance}`);
    return found;
  }

  addressOf(instance: string): string {
    return this.sledOf(instance).portState(instance).ipv4?.private_ip ?? "";
  }

  /** Send a SYN; returns who got it, or what left for outside. */
  syn(from: string, dst: string, dstPort: number): readonly string[] {
    const sled = this.sledOf(from);
    const { guest_mac: src, gateway_mac: gateway } = sled.portState(from);
    const segment = tcp({ srcPort: 40_000, dstPort, flags: ["SYN"] });
    sled.underlay.length = 0;
    for (const each of this.sleds) each.guests.length = 0;
    sled.send(from, packet(ethernet({ src, dst: gateway }), ipv4({ src: this.addressOf(from), dst }), segment));
    const [sent] = sled.underlay;
    if (sent !== undefined) {
      const target = this.sleds.find(({ underlayIp }) => underlayIp === outerDestination(sent));
      if (target === undefined) return [`to ${outerDestination(sent)} from ${innerSource(sent)}`];
      target.receive(sent);
    }
    return this.sleds.flatMap(({ guests }) => guests.map(({ instance }) => instance));
  }
}

function outerDestination({ layers }: Packet): string {
  const ip = layers.find(({ layer }) => layer === "ipv6");
  return ip !== undefined && "dst" in ip ? ip.dst : "";
}

function innerSource({ layers }: Packet): string {
  const ip = layers.findLast(({ layer }) => layer === "ipv4");
  return ip !== undefined && "src" in ip ? ip.src : "";
}

async function withInstances({ api, settled }: TestedNexus): Promise<void> {
  await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
  await ok(api.vpcCreate({ query, body: { name: "other", description: "", dnsName: "other" } }));
  for (const name of ["a", "b"]) await ok(api.instanceCreate({ query, body: instanceBody(name) }));
  const params = [{ name: "n", description: "", vpcName: "other", subnetName: "default" }];
  const networkInterfaces = { type: "create" as const, params };
  await ok(api.instanceCreate({ query, body: { ...instanceBody("c"), networkInterfaces } }));
  await settled();
}

describe("real packet engines that are as nexus wants them", () => {
  test("let guests of a VPC reach each other, on other sleds too, and nobody else", async () => {
    await using tested = await startNexus({ sleds: 3 });
    await withInstances(tested);
    const engines = new Engines(tested);
    expect(engines.sledOf("a")).not.toBe(engines.sledOf("b"));
    expect(engines.syn("a", engines.addressOf("b"), 80)).toEqual(["b"]);
    expect(engines.syn("b", engines.addressOf("a"), 22)).toEqual(["a"]);
    // "other" has the same addresses: its own guest has that of "a".
    expect(engines.addressOf("c")).toBe(engines.addressOf("a"));
    expect(engines.syn("c", engines.addressOf("b"), 80)).toEqual([]);
  });

  test("keep to the firewall's targets and hosts", async () => {
    await using tested = await startNexus({ sleds: 3 });
    const { api, settled } = tested;
    await withInstances(tested);
    const rule: VpcFirewallRuleUpdate = {
      name: "from-a",
      description: "",
      action: "allow",
      direction: "inbound",
      filters: { hosts: [{ type: "instance", value: "a" }], protocols: [{ type: "tcp" }], ports: ["8000-8001"] },
      priority: 100,
      status: "enabled",
      targets: [{ type: "instance", value: "b" }],
    };
    const inVpc = { ...query, vpc: "default" };
    await ok(api.vpcFirewallRulesUpdate({ query: inVpc, body: { rules: [rule] } }));
    await settled();
    const engines = new Engines(tested);
    expect(engines.syn("a", engines.addressOf("b"), 8001)).toEqual(["b"]);
    expect(engines.syn("a", engines.addressOf("b"), 8002)).toEqual([]);
    expect(engines.syn("b", engines.addressOf("a"), 8000)).toEqual([]);
    await ok(api.vpcFirewallRulesUpdate({ query: inVpc, body: { rules: [{ ...rule, status: "disabled" }] } }));
    await settled();
    expect(new Engines(tested).syn("a", engines.addressOf("b"), 8001)).toEqual([]);
  });

  test("take custom routes before those of the system, to an instance or to nowhere", async () => {
    await using tested = await startNexus({ sleds: 3 });
    const { api, settled } = tested;
    await withInstances(tested);
    const inVpc = { ...query, vpc: "default" };
    await ok(api.vpcRouterCreate({ query: inVpc, body: { name: "r", description: "" } }));
    const inRouter = { ...inVpc, router: "r" };
    const route = async (name: string, value: string, target: { type: "drop" } | { type: "instance"; value: string }) =>
      ok(
        api.vpcRouterRouteCreate({
          query: inRouter,
          body: { name, description: "", destination: { type: "ip_net", value }, target },
        }),
      );
    await route("drop", "172.30.0.0/22", { type: "drop" });
    await ok(api.vpcSubnetUpdate({ path: { subnet: "default" }, query: inVpc, body: { customRouter: "r" } }));
    await settled();
    const engines = new Engines(tested);
    expect(engines.syn("a", engines.addressOf("b"), 22)).toEqual([]);

    await ok(api.vpcRouterRouteDelete({ path: { route: "drop" }, query: inRouter }));
    await route("via-b", "192.168.0.0/16", { type: "instance", value: "b" });
    const nic = { ...query, instance: "b" };
    const path = { interface: "net0" };
    await ok(api.instanceNetworkInterfaceUpdate({ path, query: nic, body: { transitIps: ["192.168.0.0/16"] } }));
    await settled();
    expect(new Engines(tested).syn("a", "192.168.7.7", 22)).toEqual(["b"]);
  });

  test("leave the rack through a switch, with the address that the guest's gateway has for it", async () => {
    await using tested = await startNexus({ sleds: 2 });
    const { api, settled } = tested;
    await withUplinks(tested);
    await ok(api.systemIpPoolCreate({ body: { name: "pool", description: "" } }));
    const path = { pool: "pool" };
    await ok(api.systemIpPoolRangeAdd({ path, body: { first: "198.51.100.10", last: "198.51.100.20" } }));
    await ok(api.systemIpPoolSiloLink({ path, body: { silo: "default", isDefault: true } }));
    await withInstances(tested);
    const switches = ["fd00:1122:3344:1f0::1", "fd00:1122:3344:1f1::1"];
    const [left] = new Engines(tested).syn("a", "192.0.2.1", 443);
    expect(switches.map((tep) => `to ${tep} from 198.51.100.10`)).toContain(left);

    await ok(api.floatingIpCreate({ query, body: { name: "f", description: "" } }));
    const attach = { kind: "instance", parent: "a" } as const;
    const { ip } = await ok(api.floatingIpAttach({ path: { floatingIp: "f" }, query, body: attach }));
    await settled();
    expect(new Engines(tested).syn("a", "192.0.2.1", 443)[0]).toMatch(new RegExp(`from ${ip}$`));

    const gateway = { ...query, vpc: "default", gateway: "default" };
    await ok(api.internetGatewayIpPoolDelete({ path: { pool: "pool" }, query: gateway }));
    await settled();
    expect(new Engines(tested).syn("a", "192.0.2.1", 443)).toEqual([]);
  });
});
