import { expect, test } from "vitest";
import { payload, tcp } from "../../../src/packet/index.ts";
import { type PortSnapshot, restorePort, savePort } from "../../../src/stack/opte/engine/vpc/port-snapshot.ts";
import { dumpTcpFlows } from "../../../src/stack/opte/engine/vpc/port-views.ts";
import { configurationOf, defaultRules, fromBoundary, g1, segment, Sled } from "./fixture.ts";

const web = "52.10.128.69";

function prepared(): Sled {
  const sled = new Sled(g1, configurationOf(g1));
  sled.route("0.0.0.0/0", "ig");
  sled.firewall(...defaultRules);
  return sled;
}

test("a connection behind SNAT goes on at another sled, with its port and its state", () => {
  const from = prepared();
  from.port.port.start();
  from.out(segment(g1, g1.ip, 44490, web, 80));
  from.out(segment(g1, g1.ip, 44491, web, 80));
  const answer = fromBoundary(g1, web, g1.snat.address, tcp({ srcPort: 80, dstPort: 4095, flags: ["SYN", "ACK"] }));
  from.in(answer);
  from.port.port.pause();
  const saved = JSON.parse(JSON.stringify(savePort(from.port, from.now))) as PortSnapshot;
  const to = prepared();
  to.now = 5_000_000;
  expect(restorePort(to.port, saved, to.now)).toEqual({ restored: 6, skipped: 0 });
  expect(to.port.port.state).toBe("restored");
  expect(dumpTcpFlows(to.port).map(({ flow, state }) => [flow, state])).toEqual([
    [`TCP:${g1.ip}:44490:${web}:80`, "SYN_SENT"],
    [`TCP:${g1.ip}:44491:${web}:80`, "ESTABLISHED"],
  ]);
  to.port.port.start();
  expect(to.out(segment(g1, g1.ip, 44491, web, 80, ["ACK"], {}, payload("GET")))).toBe("modified");
  expect(to.last().find("tcp")?.srcPort).toBe(4095);
  expect(
    to.in(fromBoundary(g1, web, g1.snat.address, tcp({ srcPort: 80, dstPort: 4096, flags: ["SYN", "ACK"] }))),
  ).toBe("modified");
  expect(to.last().find("tcp")?.dstPort).toBe(44490);
  // A new connection gets a port that neither of them has.
  to.out(segment(g1, g1.ip, 44492, web, 80));
  expect(to.last().find("tcp")?.srcPort).toBe(4094);
});

test("flows whose address the new port does not have are left out", () => {
  const from = prepared();
  from.port.port.start();
  from.out(segment(g1, g1.ip, 44490, web, 80));
  const { ipv4, ...rest } = configurationOf(g1);
  const { snat: _, ...bare } = ipv4;
  const to = new Sled(g1, { ...rest, ipv4: bare });
  expect(restorePort(to.port, savePort(from.port, from.now), to.now)).toEqual({ restored: 1, skipped: 2 });
  expect(() => restorePort(to.port, savePort(from.port, from.now), to.now)).toThrow("restored");
});
