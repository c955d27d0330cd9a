import fc from "fast-check";
import {
  arp,
  ddm,
  destinationOptions,
  ethernet,
  extension,
  fragment,
  genevePort,
  hopByHop,
  icmp,
  type IcmpMessage,
  icmpv6,
  type Icmpv6Message,
  ipv4,
  type Ipv4Option,
  ipv6,
  type Ipv6Option,
  type Layer,
  type MulticastRecord,
  type NdpOption,
  Packet,
  padding,
  payload,
  routing,
  sidecar,
  type Sidecar,
  tcp,
  type TcpFlag,
  type TcpOption,
  udp,
  vlan,
} from "../../src/packet/index.ts";
import { application, isKnownPort } from "./arbitrary-application.ts";
import { bits, bytes, ipv4Address, ipv6Address, lengths, mac } from "./arbitrary-field.ts";
import { anyLldp } from "./arbitrary-link.ts";
import { anyGeneve } from "./arbitrary-tunnel.ts";

/*
 * Packets as a parser returns them: nothing that is derived is given, unknown numbers really are unknown, and options are
 * not written in a way that reads back shorter.
 */

const payloads = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((data) => payload(data));
const rest: fc.Arbitrary<Layer[]> = fc.oneof(
  fc.constant<Layer[]>([]),
  payloads.map((layer) => [layer]),
);

const ipv4Option: fc.Arbitrary<Ipv4Option> = fc.oneof(
  fc.constant<Ipv4Option>({ option: "no-operation" }),
  fc.record({ option: fc.constant("router-alert"), value: bits(16) }),
  fc.record({
    option: fc.constantFrom("record-route", "loose-source-route", "strict-source-route"),
    pointer: bits(8),
    route: fc.array(ipv4Address, { maxLength: 2 }),
  }),
  fc.record({ option: fc.constant("unknown"), type: fc.constantFrom(68, 130, 222), data: bytes(3) }),
);

const tcpOption: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constantFrom<TcpOption>({ option: "no-operation" }, { option: "sack-permitted" }),
  fc.record({ option: fc.constant("maximum-segment-size"), size: bits(16) }),
  fc.record({ option: fc.constant("window-scale"), shift: bits(8) }),
  fc.record({ option: fc.constant("timestamps"), value: bits(32), echoReply: bits(32) }),
  fc.record({
    option: fc.constant("sack"),
    blocks: fc.array(fc.record({ left: bits(32), right: bits(32) }), { maxLength: 2 }),
  }),
  fc.record({ option: fc.constant("unknown"), type: fc.constantFrom(34, 253), data: bytes(2) }),
);

const ipv6Options: fc.Arbitrary<Ipv6Option[]> = fc
  .array(
    fc.oneof(
      fc.record({ option: fc.constant("router-alert"), value: bits(16) }),
      fc.record({ option: fc.constant("jumbo-payload"), length: bits(32) }),
      fc.record({
        option: fc.constant("unknown"),
        type: fc.constantFrom(7, 0x1e, 0x8a),
        data: lengths(1, 0, 20),
      }),
      fc.record({ option: fc.constant("pad-n"), data: bytes(3) }),
    ),
    { maxLength: 4 },
  )
  // Padding stands between options; at the end it would be taken for the filling.
  .map((options) => [...options, { option: "router-alert", value: 0 }]);

const ndpOption: fc.Arbitrary<NdpOption> = fc.oneof(
  fc.record({ option: fc.constantFrom("source-link-layer-address", "target-link-layer-address"), mac }),
  fc.record({
    option: fc.constant("prefix-information"),
    prefixLength: bits(8),
    onLink: fc.boolean(),
    autonomous: fc.boolean(),
    validLifetime: bits(32),
    preferredLifetime: bits(32),
    prefix: ipv6Address,
  }),
  fc.record({ option: fc.constant("mtu"), mtu: bits(32) }),
  fc.record({ option: fc.constant("redirected-header"), data: lengths(8, 0, 6) }),
  fc.record({
    option: fc.constant("recursive-dns-server"),
    lifetime: bits(32),
    servers: fc.array(ipv6Address, { maxLength: 2 }),
  }),
  fc.record({ option: fc.constant("unknown"), type: fc.constantFrom(14, 31), data: lengths(8, 6, 3) }),
);
const options = fc.array(ndpOption, { maxLength: 3 });

/** Messages after which payload may come. */
const icmpMessage: fc.Arbitrary<IcmpMessage> = fc.oneof(
  fc.record({
    message: fc.constantFrom("echo-request", "echo-reply"),
    identifier: bits(16),
    sequence: bits(16),
  }),
  fc.record({ message: fc.constant("destination-unreachable"), code: bits(8) }),
  fc.record({
    message: fc.constant("destination-unreachable" as const),
    code: bits(8),
    nextHopMtu: fc.integer({ min: 1, max: 65535 }),
  }),
  fc.record({ message: fc.constant("time-exceeded"), code: bits(8) }),
  fc.record({ message: fc.constant("parameter-problem"), code: bits(8), pointer: bits(8) }),
  fc.record({ message: fc.constant("redirect"), code: bits(8), gateway: ipv4Address }),
  fc.record({ message: fc.constant("other"), type: fc.constantFrom(13, 42), code: bits(8) }),
);

const icmpv6WithPayload: fc.Arbitrary<Icmpv6Message> = fc.oneof(
  fc.record({
    message: fc.constantFrom("echo-request", "echo-reply"),
    identifier: bits(16),
    sequence: bits(16),
  }),
  fc.record({ message: fc.constantFrom("destination-unreachable", "time-exceeded"), code: bits(8) }),
  fc.record({ message: fc.constant("packet-too-big"), mtu: bits(32) }),
  fc.record({ message: fc.constant("parameter-problem"), code: bits(8), pointer: bits(32) }),
  fc.record({ message: fc.constant("other"), type: fc.constantFrom(100, 200), code: bits(8) }),
);

const sources = fc.array(ipv6Address, { maxLength: 3 });

/** Messages that fill the packet. */
const icmpv6Alone: fc.Arbitrary<Icmpv6Message> = fc.oneof(
  fc.record({ message: fc.constant("router-solicitation"), options }),
  fc.record({
    message: fc.constant("router-advertisement"),
    hopLimit: bits(8),
    managed: fc.boolean(),
    otherConfiguration: fc.boolean(),
    lifetime: bits(16),
    reachableTime: bits(32),
    retransmitTimer: bits(32),
    options,
  }),
  fc.record({ message: fc.constant("neighbor-solicitation"), target: ipv6Address, options }),
  fc.record({
    message: fc.constant("neighbor-advertisement"),
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
    target: ipv6Address,
    options,
  }),
  fc.record({ message: fc.constant("redirect"), target: ipv6Address, destination: ipv6Address, options }),
  fc.record({
    message: fc.constantFrom("mldv1-query", "mldv1-report", "mldv1-done"),
    maxResponseDelay: bits(16),
    group: ipv6Address,
  }),
  fc.record({
    message: fc.constant("mldv2-query"),
    maxResponseCode: bits(16),
    group: ipv6Address,
    suppressRouterSide: fc.boolean(),
    robustness: bits(3),
    queryIntervalCode: bits(8),
    sources,
  }),
  fc.record({
    message: fc.constant("mldv2-report"),
    records: fc.array(
      fc.oneof(
        fc.record({
          type: fc.constantFrom<MulticastRecord["type"]>("mode-is-include", "block-old-sources", 77),
          group: ipv6Address,
          sources,
        }),
        fc.record({
          type: fc.constant("mode-is-exclude"),
          group: ipv6Address,
          sources,
          auxiliaryData: lengths(4, 4, 3),
        }),
      ),
      { maxLength: 3 },
    ),
  }),
);

const flagNames: readonly TcpFlag[] = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"];

/** Ports that suggest no protocol. */
const port = bits(16).filter((number) => !isKnownPort(number));

const transport: fc.Arbitrary<Layer[]> = fc.oneof(
  rest,
  fc.tuple(fc.record({ srcPort: port, dstPort: port }), rest).map(([ports, data]) => [udp(ports), ...data]),
  application,
  fc
    .tuple(
      fc.record({
        srcPort: port,
        dstPort: port,
        sequence: bits(32),
        acknowledgment: bits(32),
        flags: fc.subarray([...flagNames]),
        window: bits(16),
        urgentPointer: bits(16),
        options: fc.array(tcpOption, { maxLength: 2 }),
      }),
      rest,
    )
    .map(([fields, data]) => [tcp(fields), ...data]),
);

const overIpv4: fc.Arbitrary<Layer[]> = fc.oneof(
  transport,
  fc.tuple(icmpMessage, rest).map(([message, data]) => [icmp(message), ...data]),
);

const upperIpv6: fc.Arbitrary<Layer[]> = fc.oneof(
  transport,
  fc.tuple(icmpv6WithPayload, rest).map(([message, data]) => [icmpv6(message), ...data]),
  icmpv6Alone.map((message) => [icmpv6(message)]),
);

const extensionHeader: fc.Arbitrary<Layer> = fc.oneof(
  ipv6Options.map((options) => destinationOptions({ options })),
  fc.record({ routingType: bits(8), segmentsLeft: bits(8), data: lengths(8, 4, 4) }).map(routing),
  lengths(8, 6, 2).map((data) => extension({ data })),
  fc.record({ identification: bits(32), moreFragments: fc.boolean() }).map(fragment),
  fc
    .record({
      version: bits(8),
      acknowledgment: fc.boolean(),
      elements: fc.array(fc.record({ id: bits(8), timestamp: bits(24) }), { maxLength: 15 }),
    })
    .map(ddm),
);

const overIpv6: fc.Arbitrary<Layer[]> = fc
  .tuple(
    fc.option(
      ipv6Options.map((options) => hopByHop({ options })),
      { nil: undefined },
    ),
    fc.array(extensionHeader, { maxLength: 3 }),
    upperIpv6,
  )
  .map(([first, headers, upper]) => [...(first === undefined ? [] : [first]), ...headers, ...upper]);

const arpPacket = fc
  .record({
    operation: fc.constantFrom<"request" | "reply" | number>("request", "reply", 3, 65535),
    senderMac: mac,
    senderIp: ipv4Address,
    targetMac: mac,
    targetIp: ipv4Address,
  })
  .map((fields) => [arp(fields)]);

const link = fc.record({ dst: mac, src: mac }).map(ethernet);

/** An Ethernet frame in Geneve over UDP, with and without a checksum. */
const tunnel: fc.Memo<Layer[]> = fc.memo((depth) =>
  fc
    .tuple(
      // Of low source ports other tools think that they tell the protocol.
      fc.record({ srcPort: fc.integer({ min: 50_000, max: 65_535 }), isSummed: fc.boolean() }),
      anyGeneve,
      fc.oneof(
        rest,
        fc.tuple(link, fc.oneof(rest, arpPacket, network(depth))).map(([inner, above]) => [inner, ...above]),
      ),
    )
    .map(([{ srcPort, isSummed }, header, above]) => {
      const outer = udp({ srcPort, dstPort: genevePort, ...(isSummed ? {} : { checksum: 0 }) });
      return [outer, header, ...above];
    }),
);

const network: fc.Memo<Layer[]> = fc.memo((depth) => {
  const inner = depth > 1 ? [network(depth - 1), tunnel(depth - 1)] : [];
  const ipv4Layer = fc
    .record({
      src: ipv4Address,
      dst: ipv4Address,
      dscp: bits(6),
      ecn: bits(2),
      identification: bits(16),
      dontFragment: fc.boolean(),
      moreFragments: fc.boolean(),
      ttl: bits(8),
      options: fc.array(ipv4Option, { maxLength: 3 }),
    })
    .map(ipv4);
  const ipv6Layer = fc
    .record({
      src: ipv6Address,
      dst: ipv6Address,
      dscp: bits(6),
      ecn: bits(2),
      flowLabel: bits(20),
      hopLimit: bits(8),
    })
    .map(ipv6);
  return fc.oneof(
    fc.tuple(ipv4Layer, fc.oneof(overIpv4, ...inner)).map(([header, above]) => [header, ...above]),
    fc.tuple(ipv6Layer, fc.oneof(overIpv6, ...inner)).map(([header, above]) => [header, ...above]),
  );
});

const trailer: fc.Arbitrary<Layer[]> = fc.oneof(
  fc.constant<Layer[]>([]),
  fc.uint8Array({ minLength: 1, maxLength: 46 }).map((data) => [padding(data)]),
);

const anySidecar = fc
  .record({
    code: fc.constantFrom<Sidecar["code"]>("from-userspace", "arp-needed", "invalid", 77),
    ingress: bits(16),
    egress: bits(16),
    data: bytes(16),
  })
  .map(sidecar);

/** Any packet that begins with Ethernet. */
export const anyPacket: fc.Arbitrary<Packet> = fc
  .tuple(
    link,
    fc.array(fc.record({ priority: bits(3), dropEligible: fc.boolean(), id: bits(12) }).map(vlan), { maxLength: 2 }),
    fc.array(anySidecar, { maxLength: 1 }),
    fc.oneof(
      rest,
      fc
        .tuple(
          fc.oneof(
            { weight: 6, arbitrary: network(3) },
            { weight: 1, arbitrary: arpPacket },
            { weight: 1, arbitrary: anyLldp },
          ),
          trailer,
        )
        .map(([above, end]) => [...above, ...end]),
    ),
  )
  .map(([outer, tags, ofSwitch, above]) => new Packet([outer, ...tags, ...ofSwitch, ...above]));
