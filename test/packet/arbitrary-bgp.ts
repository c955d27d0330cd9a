import fc from "fast-check";
import {
  type BgpAttribute,
  type BgpCapability,
  type BgpError,
  type BgpMessage,
  type BgpParameter,
  parsePrefix,
  formatPrefix,
} from "../../src/packet/index.ts";
import { bits, bytes, ipv4Address, ipv6Address, lengths } from "./arbitrary-field.ts";

const prefixOf = (address: fc.Arbitrary<string>, max: number): fc.Arbitrary<string> =>
  fc.tuple(address, fc.nat(max)).map(([text, length]) => formatPrefix(parsePrefix(`${text}/${length}`)));

const ipv4Prefixes = fc.array(prefixOf(ipv4Address, 32), { maxLength: 4 });
const ipv6Prefixes = fc.array(prefixOf(ipv6Address, 128), { maxLength: 4 });

const families = fc.record({
  family: fc.constantFrom<"ipv4" | "ipv6" | number>("ipv4", "ipv6", 25),
  subsequentFamily: fc.constantFrom<"unicast" | "multicast" | number>("unicast", "multicast", 70),
});
const familiesWith = <T extends object>(more: fc.Arbitrary<T>) =>
  fc.array(
    fc.tuple(families, more).map(([a, b]) => ({ ...a, ...b })),
    { maxLength: 3 },
  );

const text = fc.string({ unit: "grapheme", maxLength: 12 });

const capability: fc.Arbitrary<BgpCapability> = fc.oneof(
  families.map((each): BgpCapability => ({ capability: "multiprotocol", ...each })),
  fc.constantFrom<BgpCapability>(
    { capability: "route-refresh" },
    { capability: "extended-message" },
    { capability: "enhanced-route-refresh" },
  ),
  fc.record({
    capability: fc.constant("extended-next-hop"),
    families: familiesWith(fc.record({ nextHopFamily: fc.constantFrom<"ipv6" | number>("ipv6", 9) })),
  }),
  fc.record({
    capability: fc.constant("graceful-restart"),
    restarting: fc.boolean(),
    notification: fc.boolean(),
    restartTime: bits(12),
    families: familiesWith(fc.record({ forwarding: fc.boolean() })),
  }),
  fc.record({ capability: fc.constant("four-octet-as"), asNumber: bits(32) }),
  fc.record({
    capability: fc.constant("add-path"),
    families: familiesWith(fc.record({ mode: fc.constantFrom<"receive" | "both" | number>("receive", "both", 4) })),
  }),
  fc.record({ capability: fc.constant("hostname"), hostname: text, domain: text }),
  fc.record({ capability: fc.constant("unknown"), type: fc.constantFrom(71, 128), data: lengths(1, 0, 8) }),
);

const parameter: fc.Arbitrary<BgpParameter> = fc.oneof(
  fc.record({ parameter: fc.constant("capabilities"), capabilities: fc.array(capability, { maxLength: 3 }) }),
  fc.record({ parameter: fc.constant("unknown"), type: fc.constantFrom(1, 9), data: lengths(1, 0, 8) }),
);

const nextHops = fc.oneof(
  ipv4Address.map((address) => [address]),
  ipv6Address.map((address) => [address]),
  fc.tuple(ipv6Address, ipv6Address),
);

const community = fc.tuple(bits(16), bits(16)).map((parts) => parts.join(":"));
const largeCommunity = fc.tuple(bits(32), bits(32), bits(32)).map((parts) => parts.join(":"));

const subsequentFamily = fc.constantFrom<"unicast" | "multicast">("unicast", "multicast");

const content: fc.Arbitrary<BgpAttribute> = fc.oneof(
  fc.record({
    attribute: fc.constant("origin"),
    origin: fc.constantFrom<"igp" | "egp" | "incomplete" | number>("igp", "egp", "incomplete", 3),
  }),
  fc.record({
    attribute: fc.constant("as-path"),
    segments: fc.array(
      fc.record({
        type: fc.constantFrom<"set" | "sequence" | number>("set", "sequence", 9),
        asNumbers: fc.oneof(
          fc.array(bits(32), { maxLength: 4 }),
          // Longer than a length of one byte can say.
          fc.constant(Array.from({ length: 70 }, (_, i) => i)),
        ),
      }),
      { maxLength: 3 },
    ),
  }),
  fc.record({ attribute: fc.constant("next-hop"), address: ipv4Address }),
  fc.record({ attribute: fc.constant("multi-exit-discriminator"), metric: bits(32) }),
  fc.record({ attribute: fc.constant("local-preference"), preference: bits(32) }),
  fc.constant<BgpAttribute>({ attribute: "atomic-aggregate" }),
  fc.record({ attribute: fc.constant("aggregator"), asNumber: bits(32), address: ipv4Address }),
  fc.record({ attribute: fc.constant("communities"), communities: fc.array(community, { maxLength: 3 }) }),
  fc.record({ attribute: fc.constant("large-communities"), communities: fc.array(largeCommunity, { maxLength: 3 }) }),
  fc.record({ attribute: fc.constant("originator-id"), identifier: ipv4Address }),
  fc.record({ attribute: fc.constant("cluster-list"), identifiers: fc.array(ipv4Address, { maxLength: 3 }) }),
  fc.record({
    attribute: fc.constant("mp-reach"),
    family: fc.constant("ipv6"),
    subsequentFamily,
    nextHops,
    prefixes: ipv6Prefixes,
  }),
  fc.record({
    attribute: fc.constant("mp-reach"),
    family: fc.constant("ipv4"),
    subsequentFamily,
    nextHops,
    prefixes: ipv4Prefixes,
  }),
  fc.record({
    attribute: fc.constant("mp-unreach"),
    family: fc.constant("ipv6"),
    subsequentFamily,
    prefixes: ipv6Prefixes,
  }),
  fc.record({ attribute: fc.constant("unknown"), type: fc.constantFrom(99, 255), data: lengths(1, 0, 300) }),
);

const attribute: fc.Arbitrary<BgpAttribute> = fc.oneof(
  { weight: 5, arbitrary: content },
  { weight: 1, arbitrary: content.map((each) => ({ ...each, flags: ["partial", "extended-length"] as const })) },
);

/** Any message of BGP. */
export const anyBgpMessage: fc.Arbitrary<BgpMessage> = fc.oneof(
  fc.record({
    message: fc.constant("open"),
    version: bits(8),
    asNumber: bits(16),
    holdTime: bits(16),
    identifier: ipv4Address,
    parameters: fc.array(parameter, { maxLength: 2 }),
  }),
  fc.record({
    message: fc.constant("update"),
    withdrawn: ipv4Prefixes,
    attributes: fc.array(attribute, { maxLength: 4 }),
    announced: ipv4Prefixes,
  }),
  fc.record({
    message: fc.constant("notification"),
    error: fc.constantFrom<BgpError>("cease", "hold-timer-expired", 99),
    subcode: bits(8),
    data: lengths(1, 0, 8),
  }),
  fc.constant<BgpMessage>({ message: "keepalive" }),
  families.map((each): BgpMessage => ({ message: "route-refresh", ...each })),
  fc.record({ message: fc.constant("other"), type: fc.constantFrom(0, 200), data: bytes(3) }),
);
