import { expect, test } from "vitest";
import { udp } from "../../../src/packet/index.ts";
import { type NearLimit, nearLimits, snatUses } from "../../../src/stack/opte/opted/near-limits.ts";
import { configurationOf, defaultRules, g1, guestFrame, Sled } from "./fixture.ts";

const ports = g1.snat.last - g1.snat.first + 1;

test("a block of ports that fills is near its limit at nine tenths, and until it is below eight", () => {
  const many = 100_000;
  const sled = new Sled(g1, configurationOf(g1), { uft: many, tcp: many, firewall: many, nat: many });
  sled.route("0.0.0.0/0", "ig");
  sled.firewall(...defaultRules);
  sled.port.port.start();
  const near: NearLimit = { port: g1.name, resource: "snat ipv4 udp", limit: ports };
  let known: readonly NearLimit[] = [];
  const look = (): readonly NearLimit[] => (known = nearLimits(known, [sled.port]));
  const send = (from: number, to: number): void => {
    for (let port = from; port < to; port++) sled.out(datagram(port));
  };
  const datagram = (srcPort: number) => guestFrame(g1, g1.ip, "52.10.128.69", udp({ srcPort, dstPort: 9 }));
  send(1, 1 + Math.ceil(0.9 * ports) - 1);
  expect(look()).toEqual([]);
  send(5000, 5001);
  expect(look()).toEqual([near]);
  expect(snatUses(sled.port)).toContainEqual({
    family: 4,
    protocol: "udp",
    used: Math.ceil(0.9 * ports),
    limit: ports,
  });
  // All are taken: what is new is lost and counted, what is known goes on.
  send(6000, 6000 + ports);
  expect(sled.port.port.stats.snat_exhausted).toBeGreaterThan(0);
  const exhausted = sled.port.port.stats.snat_exhausted;
  expect(sled.out(datagram(1))).toBe("modified");
  expect(sled.port.port.stats.snat_exhausted).toBe(exhausted);
  // Flows that are not used end, and their ports are free again.
  sled.now += 120_000;
  sled.opte.expire(sled.now);
  expect(look()).toEqual([]);
  expect(sled.out(datagram(7))).toBe("modified");
});
