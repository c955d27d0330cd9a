import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { namespacesWork, runInNamespace } from "./in-namespace.ts";

describe.skipIf(!namespacesWork)("netlink, in a network namespace", () => {
  test(
    "objects are made, listed, watched, changed and deleted, and refusals are explained",
    { timeout: 120_000 },
    () => {
      const said = runInNamespace(new URL("kernel-objects.ts", import.meta.url)) as Record<string, unknown> & {
        readonly indexes: Readonly<Record<"lo" | "va" | "wa", number>>;
      };
      const { va: index, wa: other } = said.indexes;
      expect(said["va"]).toMatchObject({ name: "va", mac: "02:00:00:00:00:0a", mtu: 9000, up: false, kind: "veth" });
      expect(said["links"]).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ name: "va", up: true, carrier: true, operState: "up", loopback: false }),
          expect.objectContaining({ name: "vb", mac: "02:00:00:00:00:0b" }),
          expect.objectContaining({ name: "lo", loopback: true }),
        ]),
      );
      const addresses = said["addresses"] as readonly { readonly address: string }[];
      expect(addresses.map(({ address }) => address).sort()).toEqual(["10.1.0.1", "fd00::1", "fe80::ff:fe00:a"]);
      expect(addresses).toContainEqual(
        expect.objectContaining({ address: "fd00::1", prefixLength: 64, tentative: false }),
      );
      const first = { id: 1, protocol: 223, index, gateway: "fe80::b" };
      const second = { id: 2, protocol: 223, index: other, gateway: "fe80::c" };
      const members = [
        { id: 1, weight: 10 },
        { id: 2, weight: 20 },
      ];
      expect(said["nexthops"]).toEqual([first, second, { id: 5, protocol: 223, members }]);
      const hops = (one: number, two: number): unknown => [
        { gateway: "fe80::b", index, weight: one },
        { gateway: "fe80::c", index: other, weight: two },
      ];
      const viaGroup = { destination: "fd00:1::/48", nexthopId: 5, metric: 100, preferredSource: "fd00::1" };
      expect(said["routes"]).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...viaGroup, hops: hops(10, 20) }),
          expect.objectContaining({ destination: "fd00:2::/48", protocol: 223, hops: hops(1, 1) }),
          expect.objectContaining({ destination: "fd00:3::/48", type: "unreachable" }),
          expect.objectContaining({ destination: "10.3.0.0/16", hops: [{ gateway: "fe80::b", index, weight: 1 }] }),
        ]),
      );
      expect(said["routes"]).toHaveLength(4);
      expect(said["ipv4Routes"]).toHaveLength(3);
      expect(said["reweighted"]).toMatchObject({ ...viaGroup, hops: hops(255, 1) });
      expect(said["refused"]).toEqual({
        exists: { code: "EEXIST", message: "RTM_NEWROUTE: EEXIST" },
        unreachableGateway: { code: "ENETUNREACH", message: "RTM_NEWROUTE: ENETUNREACH: Nexthop has invalid gateway" },
        tooHeavy: "RangeError: weight of nexthop 1: expected 1 to 255, found 256 (no NetlinkError)",
        emptyGroup: {
          code: "EINVAL",
          message: expect.stringMatching(/^RTM_NEWNEXTHOP: EINVAL: Invalid length/) as unknown,
        },
        noSuchRoute: { code: "ESRCH", message: "RTM_DELROUTE: ESRCH" },
        noSuchLink: { code: "ENODEV", message: "RTM_SETLINK: ENODEV" },
      });
      expect(said["absent"]).toBe(true);
      expect(said["neighbours"]).toEqual([
        { index, address: "10.1.0.9", mac: "02:00:00:00:00:0b", state: "reachable", router: false },
        { index, address: "fe80::b", mac: "02:00:00:00:00:0b", state: "permanent", router: false },
      ]);
      expect(said["asked"]).toEqual({ index, address: "fd00::77", state: "incomplete", router: false });
      expect(said["together"]).toEqual([5, 4, { code: "ENODEV", message: "RTM_SETLINK: ENODEV" }, 4]);
      expect(said["withoutCarrier"]).toEqual([second, { id: 5, protocol: 223, members: [{ id: 2, weight: 1 }] }]);
      expect(said["oneHop"]).toMatchObject({
        hops: [
          { gateway: "fe80::b", index, weight: 1 },
          { gateway: "fe80::d", index: other, weight: 1 },
        ],
      });
      expect(said["overflow"]).toBe("lost");
      expect(said["dumped"]).toBe(200);
      expect(said["closed"]).toMatch(/the netlink socket is closed/);
    },
  );
});

test.skipIf(!namespacesWork)("a filter lets pass what it names, and nothing cut short", { timeout: 120_000 }, () => {
  expect(runInNamespace(new URL("filtered-frames.ts", import.meta.url))).toEqual({
    everything: ["01", "02", "03", "60", "04", "05"],
    passed: ["01", "04"],
    afterClose: 1,
  });
});

test.skipIf(!namespacesWork)(
  "frames of all lengths pass, and again after floods and interfaces that were down",
  { timeout: 120_000 },
  () => {
    const same = (marks: readonly number[], lengthOf: (mark: number) => number): unknown =>
      marks.map((mark) => ({ mark, length: lengthOf(mark), same: true }));
    const run = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, at) => from + at);
    const said = runInNamespace(new URL("ring-frames.ts", import.meta.url)) as Record<string, unknown> & {
      readonly waiting: number;
      readonly lengths: readonly number[];
    };
    expect(said["mixed"]).toEqual(same(run(0, said.lengths.length), (mark) => said.lengths[mark] ?? 0));
    const rounds = Array.from({ length: 8 }, () => run(100, 40)).flat();
    expect(said["round"]).toEqual(same(rounds, (mark) => (mark % 10 === 0 ? 3000 : mark - 40)));
    // What comes first is kept.
    expect(said["flood"]).toEqual(same(run(1000, said.waiting), () => 100));
    for (const [name, mark] of [
      ["afterFlood", 1],
      ["afterDown", 3],
    ] as const) {
      expect(said[name]).toEqual(same(run(mark, 2), (of) => (of === mark ? 80 : 5000)));
    }
    expect(said["gone"]).toEqual({ taken: 0, drops: 1 });
  },
);

describe.skipIf(!namespacesWork || !existsSync("/dev/net/tun"))("a TAP device, in a network namespace", () => {
  test("passes frames both ways, has the carrier it is given, and is gone when closed", { timeout: 120_000 }, () => {
    expect(runInNamespace(new URL("tap-frames.ts", import.meta.url))).toEqual({
      link: expect.objectContaining({
        name: "tfportrear0_0",
        mac: "02:00:00:00:00:01",
        up: true,
        kind: "tun",
      }) as unknown,
      taken: "TUNSETIFF tfportrear0_0: EBUSY",
      badNames: ["", "a/b", "sixteen-letters-", "t%d"].map(
        (name) => `open a TAP device: expected a name of 1 to 15 bytes without / or %, found "${name}"`,
      ),
      // The last comes of setting it down.
      carriers: [false, true, false],
      intact: true,
      largestBatch: 64,
      learnt: "02:00:00:00:00:02",
      acceptedDrops: 0,
      // One while the interface was down, one after it was closed.
      drops: 2,
      gone: true,
      afterDeletion: 0,
    });
  });
});
