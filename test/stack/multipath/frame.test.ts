import { describe, expect, test } from "vitest";
import { acknowledgmentFrame, probeFrame, readFrame } from "../../../src/stack/multipath/engine/frame.ts";
import { build, ddm, ethernet, ipv6, packet } from "../../../src/packet/index.ts";
import { parseIpv6 } from "../../../src/packet/ipv6-address.ts";
import { farMac, nearMac } from "./simulated-paths.ts";

const [near, far] = ["fd00:1::1", "fd00:2::1"];
const there = ethernet({ src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02" });
const back = ethernet({ src: "02:00:00:00:00:02", dst: "02:00:00:00:00:01" });

describe("frames agree with the packet codecs", () => {
  test("a probe", () => {
    const frame = probeFrame({
      destinationMac: farMac,
      sourceMac: nearMac,
      source: parseIpv6(near),
      destination: parseIpv6(far),
      id: 200,
      stamp: 0xfedcba,
    });
    const elements = [{ id: 200, timestamp: 0xfedcba }];
    const expected = build(
      packet(there, ipv6({ src: near, dst: far, hopLimit: 64 }), ddm({ nextHeader: 59, elements })),
    );
    expect(Buffer.from(frame).toString("hex")).toBe(expected.toString("hex"));
    expect(readFrame(frame, 0, frame.length)).toMatchObject({ acknowledgment: false, elementCount: 1, id: 200 });
    expect(readFrame(frame, 0, frame.length)?.stamp).toBe(0xfedcba);
  });

  test.each([0, 1, 15])("the acknowledgment of a packet with %s elements", (count) => {
    const elements = Array.from({ length: count }, (_, at) => ({ id: at, timestamp: at * 1_000_003 }));
    const ip = { src: near, dst: far, hopLimit: 3, trafficClass: 5, flowLabel: 9 };
    const sent = build(packet(there, ipv6(ip), ddm({ nextHeader: 59, elements })));
    // Somewhere in a buffer, and with the padding of Ethernet behind it.
    const bytes = Buffer.concat([Buffer.alloc(5), sent, Buffer.alloc(7)]);
    const read = readFrame(bytes, 5, sent.length + 7);
    expect(read?.elementCount).toBe(count);
    const expected = build(
      packet(
        back,
        ipv6({ src: far, dst: near, hopLimit: 64 }),
        ddm({ nextHeader: 59, acknowledgment: true, elements }),
      ),
    );
    const answer = read === undefined ? undefined : acknowledgmentFrame(bytes, 5, read);
    expect(Buffer.from(answer ?? []).toString("hex")).toBe(expected.toString("hex"));
    expect(readFrame(expected, 0, expected.length)?.acknowledgment).toBe(true);
  });

  test("what is damaged is not read", () => {
    const sent = build(packet(there, ipv6({ src: near, dst: far }), ddm({ nextHeader: 59, elements: [] })));
    const changed = (at: number, value: number): unknown => {
      const bytes = Uint8Array.from(sent);
      bytes[at] = value;
      return readFrame(bytes, 0, bytes.length);
    };
    expect(changed(0, 2)).toBeDefined();
    // EtherType, version of IPv6, next header, length of the header: odd, beyond the packet, beyond the limit; version.
    for (const [at, value] of [
      [12, 8],
      [14, 0x40],
      [20, 58],
      [55, 4],
      [55, 7],
      [55, 67],
      [55, 0],
      [56, 2],
    ] as const) {
      expect(changed(at, value), `byte ${at} = ${value}`).toBeUndefined();
    }
    for (let length = 0; length < sent.length; length += 1) expect(readFrame(sent, 0, length)).toBeUndefined();
  });
});
