import { expect, test } from "vitest";
import { ddmConfigurationSchema } from "../../../src/stack/ddm/configuration.ts";
import { probedTargets } from "../../../src/stack/ddm/delay-weights.ts";

test("nodes' own prefixes are measured, by the address that every node has; racks and bootstrap prefixes are not", () => {
  const hops = [
    { link: "net0", address: "fe80::1" },
    { link: "net1", address: "fe80::2" },
  ];
  const routes = ["fd00:1122:3344:102::/64", "fd00:1122:3344:200::/56", "fdb0:a840:2500:1::/64"];
  expect(probedTargets(new Map(routes.map((destination) => [destination, hops])))).toEqual([
    {
      destination: "fd00:1122:3344:102::/64",
      probeAddress: "fd00:1122:3344:102::1",
      paths: [
        { interface: "net0", nextHop: "fe80::1" },
        { interface: "net1", nextHop: "fe80::2" },
      ],
    },
  ]);
});

test("multipath is refused where nothing has weights, and where probes have no source", () => {
  const sled = { kind: "server", routerId: "s1", interfaces: ["net0"], sourceAddress: "fd00:1::1" };
  const faults = (configuration: object): unknown =>
    ddmConfigurationSchema.safeParse(configuration).error?.issues.map(({ path, message }) => [path.join("."), message]);
  expect(ddmConfigurationSchema.parse({ ...sled, multipath: {} }).multipath).toMatchObject({ probeIntervalMs: 100 });
  expect(ddmConfigurationSchema.parse(sled).multipath).toBeUndefined();
  expect(faults({ ...sled, dpd: {}, multipath: {} })).toEqual([
    ["multipath", "expected none where dpd forwards: a switch has no weights"],
  ]);
  expect(faults({ ...sled, sourceAddress: undefined, multipath: { probeIntervalMs: 50 } })).toEqual([
    ["multipath", "expected sourceAddress beside it: probes come from there"],
  ]);
});
