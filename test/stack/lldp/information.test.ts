import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { build, ethernet, lldp, lldpMac, type LldpTlv, packet, payload } from "../../../src/packet/index.ts";
import { lldpFrame, readLldpFrame } from "../../../src/stack/lldp/engine/information.ts";
import { LldpPair } from "./lldp-fixture.ts";

const eth = ethernet({ dst: lldpMac, src: "02:00:00:00:00:0c" });
const chassis: LldpTlv = { tlv: "chassis-id", subtype: "mac-address", id: "02:00:00:00:01:00" };
const port: LldpTlv = { tlv: "port-id", subtype: "interface-name", id: "eth0" };
const ttl: LldpTlv = { tlv: "time-to-live", seconds: 10 };
const frameOf = (...tlvs: readonly LldpTlv[]): Buffer => build(packet(eth, lldp({ tlvs })));
const local = {
  systemName: "rack0-switch0",
  systemDescription: "Kestrel",
  capabilities: ["router"],
  interfaceName: "tfportrear0_0",
  mac: "a8:40:25:00:00:01",
} as const;

describe("a frame", () => {
  test("of ours is read as it was meant", () => {
    expect(readLldpFrame(lldpFrame(local, 120))).toMatchObject({
      chassisId: "rack0-switch0",
      portId: "tfportrear0_0",
      timeToLive: 120,
      systemName: "rack0-switch0",
      capabilitiesEnabled: ["router"],
    });
  });

  test("holds as much of a long text as has room, and no half character", () => {
    const read = readLldpFrame(lldpFrame({ ...local, systemName: "ä".repeat(300) }, 120));
    expect(read).toMatchObject({ chassisId: "ä".repeat(127), systemName: "ä".repeat(127) });
  });

  test("of others tells addresses, and TLVs that nobody here knows", () => {
    const read = readLldpFrame(
      frameOf(
        chassis,
        port,
        ttl,
        { tlv: "port-description", description: "to the rack" },
        {
          tlv: "management-address",
          address: "fd00::1",
          numbering: "interface-index",
          interfaceNumber: 2,
          objectIdentifier: new Uint8Array(0),
        },
        { tlv: "organization", oui: Uint8Array.of(0, 0x12, 0x0f), subtype: 1, data: Uint8Array.of(1) },
      ),
    );
    expect(read).toMatchObject({
      chassisId: "02:00:00:00:01:00",
      portDescription: "to the rack",
      managementAddresses: ["fd00::1"],
      unknownTlvs: 1,
    });
  });

  test("needs no end of TLVs where it ends itself, but no TLV may go beyond", () => {
    const whole = frameOf(chassis, port, ttl);
    expect(readLldpFrame(whole.subarray(0, -2))).toEqual(readLldpFrame(whole));
    for (const less of [1, 3, 4]) expect(readLldpFrame(whole.subarray(0, -less))).toBeTypeOf("string");
    expect(readLldpFrame(Buffer.concat([whole, Buffer.alloc(20, 0xff)]))).toEqual(readLldpFrame(whole));
  });

  const wrong: readonly (readonly [string, Buffer])[] = [
    ["nothing", Buffer.alloc(0)],
    ["no chassis first", frameOf(port, chassis, ttl)],
    ["no port second", frameOf(chassis, ttl, port)],
    ["no time to live third", frameOf(chassis, port)],
    ["a second time to live", frameOf(chassis, port, ttl, ttl)],
    ["a second chassis", frameOf(chassis, port, ttl, chassis)],
    ["another protocol", build(packet(ethernet({ dst: lldpMac, src: "02:00:00:00:00:0c" }), payload("x")))],
    [
      "one station to go to",
      build(packet(ethernet({ ...eth, dst: "02:00:00:00:00:01" }), lldp({ tlvs: [chassis, port, ttl] }))),
    ],
  ];
  test.each(wrong)("is discarded with %s", (_what, bytes) => {
    expect(readLldpFrame(bytes)).toBeTypeOf("string");
  });
});

test("any frames at any time are told or counted, and nothing waits for ever", () => {
  const seeds = [frameOf(chassis, port, ttl), lldpFrame(local, 120), lldpFrame(local, 0)];
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .record({
        seed: fc.constantFrom(...seeds),
        changes: fc.array(fc.tuple(fc.nat({ max: 90 }), fc.nat({ max: 255 })), { maxLength: 4 }),
        cut: fc.nat({ max: 120 }),
      })
      .map(({ seed, changes, cut }) => {
        const frame = Uint8Array.from(seed.subarray(0, cut > 80 ? seed.length : cut));
        for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
        return frame;
      }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(bytes, fc.nat({ max: 5000 })), { maxLength: 30 }), (frames) => {
      const pair = new LldpPair();
      pair.port(pair.a);
      for (const [frame, ms] of frames) {
        pair.a.frame("wire", frame, pair.now);
        pair.run(ms);
      }
      const { counters } = pair.a.port("wire") ?? {};
      expect(counters?.framesIn).toBe(frames.length);
      const told = pair.events.filter((event) => !event.endsWith("expired")).length;
      const shutdowns = frames.filter(([frame]) => {
        const read = readLldpFrame(frame);
        return typeof read !== "string" && read.timeToLive === 0;
      }).length;
      expect((counters?.framesDiscarded ?? 0) + told).toBeLessThanOrEqual(frames.length);
      expect((counters?.framesDiscarded ?? 0) + told + shutdowns).toBeGreaterThanOrEqual(frames.length);
      pair.a.advance(pair.now + 65_536_000);
      expect(pair.a.port("wire")?.neighbours).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
