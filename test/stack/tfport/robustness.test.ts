import fc from "fast-check";
import { expect, test } from "vitest";
import { build, ethernet, icmp, ipv4, ipv6, packet, payload, sidecar, udp } from "../../../src/packet/index.ts";
import { EngineFixture, nextHopData, peerMac, portMac } from "./engine-fixture.ts";

const eth = ethernet({ dst: portMac(1), src: peerMac(1) });
const to = [ipv6({ src: "fd00:1::1", dst: "fd00:2::1" }), udp({ srcPort: 1, dstPort: 2 }), payload("hello")];
const seeds = [
  [eth, sidecar({ code: "to-userspace", ingress: 1 }), ...to],
  [eth, sidecar({ code: "icmp-needed", ingress: 1, data: nextHopData("::300") }), ...to],
  [
    eth,
    sidecar({ code: "icmp-needed", ingress: 1, data: nextHopData("::b00") }),
    ipv4({ src: "192.0.2.1", dst: "192.0.2.9" }),
    icmp({ message: "echo-request", identifier: 1, sequence: 1 }),
  ],
  [eth, sidecar({ code: "neighbor-needed", ingress: 1, egress: 2, data: nextHopData("fe80::1") }), ...to],
  [eth, sidecar({ code: "arp-needed", ingress: 1, egress: 2, data: nextHopData("192.0.2.9") }), ...to],
].map((layers) => build(packet(...layers)));

/** Any bytes, or a good frame with some bytes changed and its end cut off. */
const frames = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      cut: fc.nat({ max: 160 }),
    })
    .map(({ seed, changes, cut }) => {
      const bytes = Uint8Array.from(seed.subarray(0, cut > 120 ? seed.length : cut));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes;
    }),
);

const events = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("switch" as const), bytes: frames }),
    fc.record({ kind: fc.constant("kernel" as const), bytes: frames, port: fc.nat({ max: 3 }) }),
    fc.record({
      kind: fc.constant("neighbour" as const),
      found: fc.boolean(),
      address: fc.constantFrom("fe80::1", "192.0.2.9"),
    }),
    fc.record({ kind: fc.constant("carrier" as const), up: fc.boolean() }),
    fc.record({ kind: fc.constant("time" as const), ms: fc.nat({ max: 4000 }) }),
  ),
  { maxLength: 40 },
);

test("any bytes at any time come through or are counted, and nothing waits for ever", () => {
  fc.assert(
    fc.property(events, (list) => {
      const fixture = new EngineFixture({ icmpRate: { perSecond: 1000, burst: 1000 } });
      for (const event of list) {
        if (event.kind === "switch") fixture.bytesFromSwitch(event.bytes);
        else if (event.kind === "kernel")
          fixture.engine.frameFromKernel(event.port, event.bytes, 0, event.bytes.length);
        else if (event.kind === "neighbour") {
          if (event.found) fixture.found(2, event.address, peerMac(2));
          else fixture.lost(2, event.address);
        } else if (event.kind === "carrier") fixture.port(2, event.up);
        else fixture.advance(event.ms);
      }
      fixture.advance(5000);
      fixture.advance(1000);
      fixture.advance(1000);
      expect(fixture.engine.deadline).toBeUndefined();
      const c = fixture.engine.counters;
      const asked =
        c.icmpSent +
        c.icmpUnknownError +
        c.icmpRateLimited +
        c.icmpUnreadable +
        c.icmpAboutError +
        c.icmpAboutMulticast +
        c.icmpNoSource +
        c.icmpLaterFragment;
      const unaccounted = c.truncated + c.tooLong + c.unknownPort + c.unknownCode;
      // Every frame of the switch, and every one of the kernel, ends in one of these.
      expect(c.fromSwitch + c.fromKernel).toBe(
        unaccounted +
          c.toKernel +
          asked +
          c.neighbourResent +
          c.neighbourOverflow +
          c.neighbourTableFull +
          c.neighbourInvalid +
          (c.toSwitch - c.icmpSent - c.neighbourResent),
      );
    }),
    { numRuns: 500 },
  );
});
