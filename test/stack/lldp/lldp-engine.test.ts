import { describe, expect, test } from "vitest";
import { build, ethernet, lldp, lldpMac, packet, parse } from "../../../src/packet/index.ts";
import { LldpPair, lldpOf, system } from "./lldp-fixture.ts";

/** Both ends up, and the fast beginning over. */
function acquainted(): LldpPair {
  const pair = new LldpPair();
  pair.port(pair.a);
  pair.port(pair.b);
  pair.run(10_000);
  return pair;
}

describe("two systems on a wire", () => {
  test("L1 see each other's chassis and port", () => {
    const pair = new LldpPair();
    pair.port(pair.a);
    pair.port(pair.b);
    for (const [engine, other] of [
      [pair.a, "b"],
      [pair.b, "a"],
    ] as const) {
      const [neighbour] = engine.port("wire")?.neighbours ?? [];
      expect(neighbour?.information).toEqual({
        chassisSubtype: "chassis-component",
        chassisId: other,
        portSubtype: "interface-name",
        portId: "wire",
        timeToLive: 120,
        systemName: other,
        systemDescription: "a test",
        capabilitiesSupported: ["router"],
        capabilitiesEnabled: ["router"],
        managementAddresses: [],
        unknownTlvs: 0,
      });
    }
    expect(parse(pair.passed[0]?.bytes ?? Buffer.alloc(0)).layers[0]).toEqual(
      ethernet({ dst: lldpMac, src: "02:00:00:00:00:0a" }),
    );
  });

  test("L2 forget each other when what was said holds no longer, and not before", () => {
    const pair = acquainted();
    const [neighbour] = pair.a.port("wire")?.neighbours ?? [];
    pair.hears = false;
    const leftMs = (neighbour?.expiresMs ?? 0) - pair.now;
    expect(leftMs).toBeGreaterThan(90_000);
    pair.run(leftMs - 1);
    expect(pair.a.port("wire")?.neighbours).toHaveLength(1);
    pair.run(1);
    expect(pair.a.port("wire")?.neighbours).toEqual([]);
    expect(pair.events).toContain(`${neighbour?.expiresMs ?? 0} a: b expired`);
    expect(pair.a.port("wire")?.counters.ageouts).toBe(1);
    expect(pair.b.port("wire")?.neighbours).toHaveLength(1);
  });

  test("L3 forget at once who says that it leaves", () => {
    const pair = acquainted();
    pair.act(() => {
      pair.b.removePort("wire", { isGone: false }, pair.now);
    });
    expect(pair.a.port("wire")?.neighbours).toEqual([]);
    expect(pair.events.at(-1)).toBe("10000 a: b left");
    expect(lldpOf(pair.passed.at(-1)?.bytes)?.tlvs).toEqual([
      { tlv: "chassis-id", subtype: "chassis-component", id: "b" },
      { tlv: "port-id", subtype: "interface-name", id: "wire" },
      { tlv: "time-to-live", seconds: 0 },
    ]);
    expect(pair.b.deadline).toBeUndefined();
  });

  test("L4 send four frames a second apart when a neighbour is new, then one in thirty seconds", () => {
    const pair = new LldpPair();
    pair.port(pair.a);
    pair.run(5000);
    expect(pair.sentAt("a")).toEqual([0]);
    pair.port(pair.b);
    pair.run(70_000);
    expect(pair.sentAt("a")).toEqual([0, 5, 6, 7, 8, 38, 68]);
    // Its own first frame, then four because a's answer is the first that it hears.
    expect(pair.sentAt("b")).toEqual([5, 5, 6, 7, 8, 38, 68]);
  });

  test("do not begin fast again for a neighbour that is known", () => {
    const pair = acquainted();
    const count = pair.passed.length;
    pair.act(() => {
      pair.b.setSystem({ ...system("b"), systemDescription: "another" }, pair.now);
    });
    expect(pair.events.at(-1)).toBe("10000 a: b changed");
    pair.run(20_000);
    expect(pair.passed.slice(count).map(({ atMs, from }) => [atMs, from])).toEqual([[10_000, "b"]]);
  });

  test("whoever is renamed is somebody else, and the old one leaves", () => {
    const pair = acquainted();
    pair.act(() => {
      pair.b.setSystem(system("c"), pair.now);
    });
    expect(pair.a.port("wire")?.neighbours.map(({ information }) => information.chassisId)).toEqual(["c"]);
    expect(pair.events).toEqual(expect.arrayContaining(["10000 a: b left", "10000 a: c new"]));
  });

  test("send no more at once than there is credit for, and then one a second", () => {
    const pair = acquainted();
    const count = pair.passed.length;
    for (let at = 0; at < 20; at += 1) {
      pair.act(() => {
        pair.b.setSystem({ ...system("b"), systemDescription: String(at) }, pair.now);
      });
    }
    pair.run(900);
    expect(pair.passed.length - count).toBe(5);
    pair.run(100);
    const last = lldpOf(pair.passed.at(-1)?.bytes)?.tlvs.find(({ tlv }) => tlv === "system-description");
    expect(last).toEqual({ tlv: "system-description", description: "19" });
    pair.run(10_000);
    expect(pair.passed.length - count).toBe(6);
  });

  test("stay silent for a while after a port was shut down", () => {
    const pair = acquainted();
    const count = pair.passed.length;
    pair.act(() => {
      pair.b.removePort("wire", { isGone: false }, pair.now);
    });
    pair.run(500);
    pair.port(pair.b);
    pair.act(() => {
      pair.b.setSystem({ ...system("b"), systemDescription: "another" }, pair.now);
    });
    pair.run(1499);
    expect(pair.sentAt("b").slice(-1)).toEqual([10]);
    pair.run(1);
    expect(pair.sentAt("b").slice(-1)).toEqual([12]);
    expect(pair.passed.length).toBeGreaterThan(count + 1);
  });

  test("say nothing of an interface that is gone, and forget its neighbours", () => {
    const pair = acquainted();
    const count = pair.passed.length;
    pair.act(() => {
      pair.b.removePort("wire", { isGone: true }, pair.now);
    });
    expect(pair.passed).toHaveLength(count);
    expect(pair.b.ports()).toEqual([]);
    expect(pair.events.at(-1)).toBe("10000 b: a expired");
  });

  test("speak at once when the carrier comes back, and keep what still holds meanwhile", () => {
    const pair = acquainted();
    pair.port(pair.b, false);
    pair.run(60_000);
    const before = pair.sentAt("b").length;
    expect(pair.b.port("wire")).toMatchObject({ isUp: false, neighbours: [{ information: { chassisId: "a" } }] });
    pair.port(pair.b, true);
    expect(pair.sentAt("b").slice(before)).toEqual([70]);
  });
});

test("a port remembers as many neighbours as there is room for", () => {
  const pair = new LldpPair();
  pair.port(pair.a);
  for (let at = 0; at < 40; at += 1) {
    const tlvs = [
      { tlv: "chassis-id", subtype: "mac-address", id: "02:00:00:00:01:00" },
      { tlv: "port-id", subtype: "local", id: String(at) },
      { tlv: "time-to-live", seconds: 10 },
    ] as const;
    pair.a.frame("wire", build(packet(ethernet({ dst: lldpMac, src: "02:00:00:00:00:0c" }), lldp({ tlvs }))), pair.now);
  }
  expect(pair.a.port("wire")).toMatchObject({ counters: { framesIn: 40, tooManyNeighbours: 8 } });
  expect(pair.a.port("wire")?.neighbours).toHaveLength(32);
  pair.run(10_000);
  expect(pair.a.port("wire")?.neighbours).toEqual([]);
});
