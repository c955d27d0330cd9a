import fc from "fast-check";
import { expect, test } from "vitest";
import { build, icmp, icmpv6, type Layer, parse, payload, tcp, udp } from "../../../src/packet/index.ts";
import { configurationOf, fromBoundary, g1, g2, guestFrame, Sled } from "./fixture.ts";

const port = fc.integer({ min: 1, max: 65_535 });
const data = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes): readonly Layer[] => (bytes.length === 0 ? [] : [payload(bytes)]));

interface Flow {
  readonly version: 4 | 6;
  readonly kind: "tcp" | "udp" | "icmp";
  readonly guestPort: number;
  readonly peerPort: number;
  readonly data: readonly Layer[];
}

const flow: fc.Arbitrary<Flow> = fc.record({
  version: fc.constantFrom(4, 6),
  kind: fc.constantFrom("tcp", "udp", "icmp"),
  guestPort: port,
  peerPort: port,
  data,
});

/** What the guest sends, or what answers it, with `own` as the guest's port. */
function above({ version, kind, peerPort, data: body }: Flow, own: number, isAnswer: boolean): readonly Layer[] {
  const [srcPort, dstPort] = isAnswer ? [peerPort, own] : [own, peerPort];
  if (kind === "tcp") return [tcp({ srcPort, dstPort, flags: isAnswer ? ["ACK"] : ["SYN"] }), ...body];
  if (kind === "udp") return [udp({ srcPort, dstPort }), ...body];
  const message = { message: isAnswer ? "echo-reply" : "echo-request", identifier: own, sequence: 1 } as const;
  return [version === 4 ? icmp(message) : icmpv6(message), ...body];
}

function online(oneToOne: boolean): Sled {
  const { ipv4, ipv6, ...rest } = configurationOf(g1);
  const external = oneToOne ? [{ floating: ["10.60.1.2"] }, { floating: ["2001:db8::2"] }] : [{}, {}];
  const sled = Sled.standard(g1, { ...rest, ipv4: { ...ipv4, ...external[0] }, ipv6: { ...ipv6, ...external[1] } });
  sled.route("0.0.0.0/0", "ig");
  sled.route("::/0", "ig");
  return sled;
}

const peers = { 4: "1.1.1.1", 6: "2606::1" } as const;
const own = { 4: g1.ip, 6: g1.ip6 } as const;

/** The layers above Ethernet of the last frame; for the underlay's those of the guest's packet. */
function carried(sled: Sled): readonly Layer[] {
  const { layers } = sled.last();
  return layers.slice(layers.map(({ layer }) => layer).lastIndexOf("ethernet") + 1);
}

/** The guest's port as the outside sees it. */
function externalPort(sled: Sled): number {
  const sent = sled.last();
  const inner = sent.all("udp")[1] ?? sent.find("tcp");
  if (inner !== undefined) return inner.srcPort;
  const message = sent.find("icmp") ?? sent.find("icmpv6");
  return message !== undefined && "identifier" in message ? message.identifier : -1;
}

test("what NAT changed on the way out it restores on the way in, with right checksums", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(flow, fc.boolean(), (given, oneToOne) => {
      const sled = online(oneToOne);
      const peer = peers[given.version];
      expect(sled.out(guestFrame(g1, own[given.version], peer, ...above(given, given.guestPort, false)))).toBe(
        "modified",
      );
      const sent = sled.last();
      const source = (given.version === 4 ? sent.find("ipv4") : sent.all("ipv6")[1])?.src ?? "";
      expect(source).not.toBe(own[given.version]);
      const answer = fromBoundary(g1, peer, source, ...above(given, externalPort(sled), true));
      expect(sled.in(answer)).toBe("modified");
      // Exactly what the guest would have got from its peer without any NAT.
      const expected = guestFrame(g1, peer, own[given.version], ...above(given, given.guestPort, true));
      expect(carried(sled)).toEqual(parse(build(expected)).layers.slice(1));
    }),
    { numRuns: 60 },
  );
});

test("a cached transform does what the layers do", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(flow, fc.boolean(), fc.boolean(), (given, oneToOne, internal) => {
      const sled = online(oneToOne);
      const peer = internal ? (given.version === 4 ? g2.ip : g2.ip6) : peers[given.version];
      const frame = build(guestFrame(g1, own[given.version], peer, ...above(given, given.guestPort, false)));
      sled.out(frame);
      const slow = sled.lastBytes();
      sled.out(frame);
      expect(sled.port.port.path).toBe(1);
      expect(sled.lastBytes()).toEqual(slow);
      sled.port.port.clearUft();
      sled.out(frame);
      expect(sled.port.port.path).toBe(3);
      expect(sled.lastBytes()).toEqual(slow);
      sled.last();
      if (internal) return;
      const source = carried(sled)[0];
      const address = source?.layer === "ipv4" || source?.layer === "ipv6" ? source.src : "";
      const answer = build(fromBoundary(g1, peer, address, ...above(given, externalPort(sled), true)));
      sled.in(answer);
      const slowIn = sled.lastBytes();
      sled.in(answer);
      expect(sled.port.port.path).toBe(1);
      expect(sled.lastBytes()).toEqual(slowIn);
    }),
    { numRuns: 60 },
  );
});
