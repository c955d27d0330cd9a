import fc from "fast-check";
import { expect, test } from "vitest";
import { type MirrorOperation, NeighbourMirror } from "../../../src/stack/tfport/engine/neighbour-mirror.ts";

/** What dpd does with operations. */
function told(mirror: NeighbourMirror, entries: Map<string, string>): readonly MirrorOperation[] {
  const operations: MirrorOperation[] = [];
  for (let next = mirror.next(); next !== undefined; next = mirror.next()) {
    if (next.operation === "set") entries.set(next.ip, next.mac);
    else entries.delete(next.ip);
    mirror.done(next);
    operations.push(next);
  }
  return operations;
}

test("tells what is new, what changed and what is gone, each once", () => {
  const mirror = new NeighbourMirror("tfportd");
  const dpd = new Map<string, string>();
  mirror.learn(1, "fe80::1", "02:00:00:00:00:01");
  mirror.learn(2, "192.0.2.1", "02:00:00:00:00:02");
  expect(told(mirror, dpd)).toEqual([
    { operation: "set", ip: "fe80::1", mac: "02:00:00:00:00:01" },
    { operation: "set", ip: "192.0.2.1", mac: "02:00:00:00:00:02" },
  ]);
  mirror.learn(1, "fe80::1", "02:00:00:00:00:01");
  expect(mirror.isDirty).toBe(false);
  mirror.learn(1, "fe80::1", "02:00:00:00:00:09");
  mirror.forget(2, "192.0.2.1");
  expect(told(mirror, dpd)).toEqual([
    { operation: "set", ip: "fe80::1", mac: "02:00:00:00:00:09" },
    { operation: "remove", ip: "192.0.2.1" },
  ]);
  mirror.learn(1, "fe80::2", "02:00:00:00:00:03");
  mirror.forget(1, "fe80::2");
  mirror.forget(1, "fe80::3");
  expect(told(mirror, dpd)).toEqual([]);
});

test("of two ports with the same neighbour the last heard counts, then the other", () => {
  const mirror = new NeighbourMirror("tfportd");
  const dpd = new Map<string, string>();
  mirror.learn(1, "fe80::1", "02:00:00:00:00:01");
  mirror.learn(2, "fe80::1", "02:00:00:00:00:02");
  told(mirror, dpd);
  expect(dpd.get("fe80::1")).toBe("02:00:00:00:00:02");
  mirror.forget(2, "fe80::1");
  told(mirror, dpd);
  expect(dpd.get("fe80::1")).toBe("02:00:00:00:00:01");
});

test("leaves what others told dpd alone, unless the kernel knows better", () => {
  const mirror = new NeighbourMirror("tfportd");
  mirror.learn(1, "fe80::1", "02:00:00:00:00:01");
  mirror.installedAre([
    { ip: "fe80::1", mac: "02:00:00:00:00:08", tag: "swadm" },
    { ip: "fe80::2", mac: "00:00:00:00:00:00", tag: "swadm" },
    { ip: "fe80::3", mac: "02:00:00:00:00:03", tag: "tfportd" },
  ]);
  expect(told(mirror, new Map())).toEqual([
    { operation: "set", ip: "fe80::1", mac: "02:00:00:00:00:01" },
    { operation: "remove", ip: "fe80::3" },
  ]);
});

test("whatever happens, and whenever dpd restarts, what is told makes the two equal", () => {
  const ip = fc.constantFrom("fe80::1", "fe80::2", "192.0.2.1");
  const port = fc.constantFrom(1, 2);
  const mac = fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02");
  const event = fc.oneof(
    fc.record({ kind: fc.constant("learn" as const), port, ip, mac }),
    fc.record({ kind: fc.constant("forget" as const), port, ip }),
    fc.record({ kind: fc.constantFrom("restart" as const, "tell" as const, "drift" as const), ip }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const mirror = new NeighbourMirror("tfportd");
      const dpd = new Map<string, string>();
      const kernel = new Map<string, string>();
      const inFull = (): void => {
        mirror.installedAre([...dpd].map(([address, to]) => ({ ip: address, mac: to, tag: "tfportd" })));
      };
      for (const one of events) {
        if (one.kind === "learn") {
          mirror.learn(one.port, one.ip, one.mac);
          kernel.set(`${one.port} ${one.ip}`, one.mac);
        } else if (one.kind === "forget") {
          mirror.forget(one.port, one.ip);
          kernel.delete(`${one.port} ${one.ip}`);
        } else if (one.kind === "tell") {
          told(mirror, dpd);
        } else {
          if (one.kind === "restart") dpd.clear();
          else dpd.delete(one.ip);
          inFull();
        }
      }
      told(mirror, dpd);
      const addresses = new Set([...kernel.keys()].map((key) => key.split(" ")[1]));
      expect(new Set(dpd.keys())).toEqual(addresses);
      for (const [address, to] of dpd) {
        expect([kernel.get(`1 ${address}`), kernel.get(`2 ${address}`)]).toContain(to);
      }
      expect(mirror.isDirty).toBe(false);
    }),
  );
});
