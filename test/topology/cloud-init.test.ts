import { expect, it } from "vitest";
import { parse } from "yaml";
import { parseTopology, renderNetworkConfig, type NodePlan } from "../../src/topology/index.ts";

function vm(more: string): NodePlan {
  const text = `nodes:\n  v: { kind: vm, disk: d.qcow2, ports: { net0: [10.0.0.1/24] }, routes: [{ to: default, via: 10.0.0.2 }]${more} }\n`;
  const [node] = parseTopology(text, "x.yaml").nodes;
  if (node === undefined) throw new Error("no node");
  return node;
}

it("gives a foreign machine its ports, addresses, routes and a management NIC without routes", () => {
  const node = vm("");
  expect(parse(renderNetworkConfig(node, { name: "mgmt0", mac: "02:00:00:00:00:99" }))).toEqual({
    version: 2,
    ethernets: {
      mgmt0: {
        match: { macaddress: "02:00:00:00:00:99" },
        "set-name": "mgmt0",
        dhcp4: true,
        "dhcp4-overrides": { "use-routes": false, "use-dns": false },
      },
      net0: {
        match: { macaddress: node.ports[0]?.mac },
        "set-name": "net0",
        optional: true,
        mtu: 1500,
        dhcp4: false,
        addresses: ["10.0.0.1/24"],
        routes: [{ to: "0.0.0.0/0", via: "10.0.0.2" }],
      },
    },
  });
});

const management = { name: "mgmt0", mac: "02:00:00:00:00:99" };

it.for([
  ["version 2", "version: 2\nethernets: { eth9: { dhcp4: true } }\n"],
  ["version 2 below network", "network: { version: 2, ethernets: { eth9: { dhcp4: true } } }\n"],
] as const)("adds the management NIC to a declared network-config of %s", ([, text]) => {
  const node = vm(`, cloudInit: { networkConfig: ${JSON.stringify(text)} }`);
  const told = parse(renderNetworkConfig(node, management)) as { network?: object };
  expect(told.network ?? told).toEqual({
    version: 2,
    ethernets: {
      eth9: { dhcp4: true },
      mgmt0: {
        match: { macaddress: management.mac },
        "set-name": "mgmt0",
        dhcp4: true,
        "dhcp4-overrides": { "use-routes": false, "use-dns": false },
      },
    },
  });
  expect(renderNetworkConfig(node)).toBe(text);
});

it("adds it to one of version 1 too, and leaves what it does not know alone", () => {
  const one = vm(', cloudInit: { networkConfig: "version: 1\\nconfig: [{ type: physical, name: eth9 }]\\n" }');
  expect(parse(renderNetworkConfig(one, management))).toEqual({
    version: 1,
    config: [
      { type: "physical", name: "eth9" },
      { type: "physical", name: "mgmt0", mac_address: management.mac, subnets: [{ type: "dhcp4" }] },
    ],
  });
  const other = vm(', cloudInit: { networkConfig: "version: 7\\n" }');
  expect(parse(renderNetworkConfig(other, management))).toEqual({ version: 7 });
});
