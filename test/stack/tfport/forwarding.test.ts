import { expect, test } from "vitest";
import { build, ethernet, lldpMac, packet, parse, payload, sidecar, vlan } from "../../../src/packet/index.ts";
import { EngineFixture, peerMac, portMac } from "./engine-fixture.ts";

const frame = [ethernet({ dst: lldpMac, src: peerMac(1) }), payload("hello")] as const;

test("gives what is for the switch to the interface of the port that it came in by", () => {
  const fixture = new EngineFixture();
  expect(fixture.punt("to-userspace", { ingress: 2, egress: 2 }, frame)).toEqual([{ toKernel: 2, layers: frame }]);
  const [, content] = frame;
  const tagged = [ethernet({ dst: lldpMac, src: peerMac(1) }), vlan({ id: 5 }), content] as const;
  expect(fixture.punt("to-userspace", { ingress: 1 }, tagged)).toEqual([{ toKernel: 1, layers: tagged }]);
  expect(fixture.counted).toEqual({ fromSwitch: 2, toKernel: 2 });
});

test("has the switch send what the kernel sends on an interface, out of its port", () => {
  const fixture = new EngineFixture();
  for (const content of ["", "x", "y".repeat(300), "z".repeat(8982)]) {
    const layers = [ethernet({ dst: peerMac(2), src: portMac(2) }), payload(content)];
    const bytes = build(packet(...layers));
    const done = fixture.after(() => {
      fixture.engine.frameFromKernel(2, bytes, 0, bytes.length);
    });
    const expected = build(
      packet(
        ethernet({ dst: peerMac(2), src: portMac(2) }),
        sidecar({ code: "from-userspace", egress: 2 }),
        payload(content),
      ),
    );
    expect(done).toEqual([{ toSwitch: parse(expected).layers }]);
  }
  expect(fixture.counted).toEqual({ fromKernel: 4, toSwitch: 4 });
});

test("drops and counts what is no frame between switch and processor", () => {
  const fixture = new EngineFixture();
  const whole = build(
    packet(
      ethernet({ dst: lldpMac, src: peerMac(1) }),
      sidecar({ code: "to-userspace", ingress: 1 }),
      payload("hello"),
    ),
  );
  for (let length = 0; length < 38; length += 1) {
    expect(fixture.bytesFromSwitch(whole.subarray(0, length))).toEqual([]);
  }
  expect(fixture.counted).toEqual({ fromSwitch: 38, truncated: 38 });
  const other = Buffer.from(whole);
  other.writeUInt16BE(0x0800, 12);
  expect(fixture.bytesFromSwitch(other)).toEqual([]);
  expect(fixture.engine.counters.truncated).toBe(39);
  expect(fixture.bytesFromSwitch(Buffer.concat([whole, Buffer.alloc(10_000)]))).toEqual([]);
  expect(fixture.punt("to-userspace", { ingress: 3 }, frame)).toEqual([]);
  expect(fixture.punt("from-userspace", { ingress: 1 }, frame)).toEqual([]);
  expect(fixture.punt("invalid", { ingress: 1 }, frame)).toEqual([]);
  fixture.engine.frameFromKernel(3, whole, 0, whole.length);
  fixture.engine.frameFromKernel(1, whole, 0, 13);
  fixture.engine.frameFromKernel(1, Buffer.alloc(9019), 0, 9019);
  const { fromSwitch, fromKernel, truncated, tooLong, unknownPort, unknownCode } = fixture.engine.counters;
  expect({ fromSwitch, fromKernel, truncated, tooLong, unknownPort, unknownCode }).toEqual({
    fromSwitch: 43,
    fromKernel: 3,
    truncated: 40,
    tooLong: 2,
    unknownPort: 2,
    unknownCode: 2,
  });
});

test("knows a port no more that was removed", () => {
  const fixture = new EngineFixture();
  fixture.engine.removePort(1, 0);
  expect(fixture.punt("to-userspace", { ingress: 1 }, frame)).toEqual([]);
  expect(fixture.punt("to-userspace", { ingress: 2 }, frame)).toHaveLength(1);
  expect(fixture.counted).toEqual({ fromSwitch: 2, toKernel: 1, unknownPort: 1 });
});
