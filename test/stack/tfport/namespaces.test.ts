import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { InterfaceAddress } from "../../../src/netdev/addresses.ts";
import type { Link } from "../../../src/netdev/links.ts";
import type { Layer } from "../../../src/packet/index.ts";

const unshare = ["--user", "--map-root-user", "--net"];
const namespacesWork = spawnSync("unshare", [...unshare, "true"]).status === 0;

/** What in-namespaces.ts says; it fails by itself where what it waits for does not come. */
interface Said {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
  readonly datagrams: readonly string[];
  readonly tooFar: readonly Layer[];
  readonly noRoute: readonly Layer[];
  readonly noAnswer: readonly Layer[];
  readonly noCarrier: readonly Layer[];
  readonly pong: readonly Layer[];
  readonly counters: Readonly<Record<string, number>>;
  readonly portList: readonly unknown[];
  readonly carriers: readonly boolean[];
  /** Interfaces while dpd was away, after one of its links was deleted, and after tfportd ended. */
  readonly meanwhile: readonly string[];
  readonly fewer: readonly string[];
  readonly left: readonly string[];
  /** Whether an interface outlived a restart of dpd. */
  readonly stayed: boolean;
  readonly macs: readonly string[];
}

function run(): Said {
  const main = fileURLToPath(new URL("in-namespaces.ts", import.meta.url));
  const { stdout, stderr, status } = spawnSync("unshare", [...unshare, process.execPath, main], {
    encoding: "utf8",
    timeout: 100_000,
  });
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Said;
}

describe.skipIf(!namespacesWork)(
  "tfportd between the switch and the kernel, with two hosts (needs network namespaces)",
  () => {
    test(
      "gives each port an interface, loses no first packet, answers for the switch, follows carriers and dpd, and leaves nothing",
      { timeout: 120_000 },
      () => {
        const said = run();
        expect(said.links).toMatchObject([
          { name: "tfportrear0_0", mac: "a8:40:25:00:00:01", mtu: 9000, up: true, carrier: true },
          { name: "tfportrear1_0", mac: "a8:40:25:00:00:02", mtu: 9000, up: true, carrier: true },
        ]);
        expect(said.addresses).toMatchObject([
          { address: "fe80::aa40:25ff:fe00:1", prefixLength: 64, tentative: false },
          { address: "fe80::aa40:25ff:fe00:2", prefixLength: 64, tentative: false },
        ]);
        expect(said.datagrams).toEqual(["first", "second", "third"]);
        for (const [layers, message, code] of [
          [said.tooFar, "time-exceeded", 0],
          [said.noRoute, "destination-unreachable", 0],
          [said.noAnswer, "destination-unreachable", 3],
          [said.noCarrier, "destination-unreachable", 3],
        ] as const) {
          expect(layers).toMatchObject([
            { layer: "ethernet", src: "a8:40:25:00:00:01", dst: said.macs[0] },
            { layer: "ipv6", src: "fd00:1122:3344:1f0::1", dst: "fd00:1122:3344:101::1" },
            { layer: "icmpv6", message, code },
            { layer: "payload" },
          ]);
        }
        expect(said.pong).toMatchObject([
          { layer: "ethernet" },
          { layer: "ipv6", src: "fe80::aa40:25ff:fe00:1", hopLimit: 255 },
          { layer: "icmpv6", message: "echo-reply", identifier: 7, sequence: 9 },
          { layer: "payload" },
        ]);
        expect(said.counters).toMatchObject({
          ...{ icmpSent: 3, resolutionsStarted: 2, resolutionsSucceeded: 1, resolutionsFailed: 1 },
          ...{ truncated: 0, tooLong: 0, unknownPort: 0, unknownCode: 0, neighbourInvalid: 0, switchDrops: 0 },
        });
        expect(said.counters["neighbourResent"]).toBeGreaterThanOrEqual(1);
        expect(said.portList).toMatchObject([
          { interface: "tfportrear0_0", carrier: true, nic: "rear0" },
          { interface: "tfportrear1_0", carrier: true, nic: "rear1" },
        ]);
        expect(said.carriers).toEqual([true, false]);
        expect(said.meanwhile).toEqual(["tfportrear0_0", "tfportrear1_0"]);
        expect(said.stayed).toBe(true);
        expect(said.fewer).toEqual(["tfportrear0_0"]);
        expect(said.left).toEqual([]);
      },
    );
  },
);
