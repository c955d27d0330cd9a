import fc from "fast-check";
import {
  dhcpv4,
  type Dhcpv4,
  type Dhcpv4MessageType,
  type Dhcpv4Option,
  dhcpv6,
  type Dhcpv6,
  type Dhcpv6Option,
  type Dhcpv6Status,
  type Duid,
  formatPrefix,
  type IaOption,
  type LeaseOption,
  parsePrefix,
} from "../../src/packet/index.ts";
import { domainName } from "./arbitrary-dns.ts";
import { bits, bytes, ipv4Address, ipv6Address, lengths, mac } from "./arbitrary-field.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const domains = fc.array(domainName, { maxLength: 3 });

const route = fc.record({
  destination: fc
    .tuple(ipv4Address, fc.nat(32))
    .map(([address, length]) => formatPrefix(parsePrefix(`${address}/${length}`))),
  router: ipv4Address,
});

const dhcpv4Option: fc.Arbitrary<Dhcpv4Option> = fc.oneof(
  fc.constant<Dhcpv4Option>({ option: "pad" }),
  fc.record({ option: fc.constant("subnet-mask"), mask: ipv4Address }),
  fc.record({ option: fc.constantFrom("routers", "dns-servers"), addresses: fc.array(ipv4Address, { maxLength: 3 }) }),
  fc.record({ option: fc.constantFrom("host-name", "domain-name"), name: text }),
  fc.record({ option: fc.constant("interface-mtu"), mtu: bits(16) }),
  fc.record({
    option: fc.constantFrom("broadcast-address", "requested-address", "server-identifier"),
    address: ipv4Address,
  }),
  fc.record({ option: fc.constantFrom("lease-time", "renewal-time", "rebinding-time"), seconds: bits(32) }),
  fc.record({
    option: fc.constant("message-type"),
    message: fc.constantFrom<Dhcpv4MessageType>("discover", "offer", "acknowledge", "inform", 99),
  }),
  fc.record({ option: fc.constant("parameter-request-list"), types: fc.array(bits(8), { maxLength: 5 }) }),
  fc.record({ option: fc.constant("maximum-message-size"), size: bits(16) }),
  fc.record({ option: fc.constant("vendor-class"), name: text }),
  fc.record({ option: fc.constant("client-identifier"), hardwareType: fc.constant(1), id: mac }),
  fc.record({ option: fc.constant("client-identifier"), hardwareType: fc.constantFrom(0, 255), id: lengths(1, 0, 9) }),
  fc.record({ option: fc.constant("domain-search"), domains }),
  fc.record({ option: fc.constant("classless-routes"), routes: fc.array(route, { maxLength: 3 }) }),
  fc.record({ option: fc.constant("relay-agent-information"), data: lengths(1, 0, 8) }),
  fc.record({ option: fc.constant("unknown"), type: fc.constantFrom(42, 254), data: lengths(1, 0, 8) }),
);

/** Any message of DHCP. */
export const anyDhcpv4: fc.Arbitrary<Dhcpv4> = fc
  .record(
    {
      operation: fc.constantFrom<"request" | "reply" | number>("request", "reply", 7),
      hardwareType: fc.constant(6),
      hops: bits(8),
      transactionId: bits(32),
      seconds: bits(16),
      broadcast: fc.boolean(),
      clientAddress: ipv4Address,
      yourAddress: ipv4Address,
      clientMac: mac,
      serverName: fc.constant("server"),
      bootFile: fc.constant("f".repeat(128)),
      options: fc.array(dhcpv4Option, { maxLength: 6 }),
      trailer: lengths(1, 1, 20),
    },
    { requiredKeys: ["operation", "transactionId", "clientMac", "options"] },
  )
  .map(dhcpv4);

const duid: fc.Arbitrary<Duid> = fc.oneof(
  fc.record({ duid: fc.constant("link-layer-time"), hardwareType: bits(16), time: bits(32), mac }),
  fc.record({ duid: fc.constant("link-layer"), hardwareType: bits(16), mac }),
  fc.record({ duid: fc.constant("enterprise"), enterprise: bits(32), identifier: lengths(1, 0, 8) }),
  fc.record({ duid: fc.constant("uuid"), uuid: bytes(16) }),
  fc.record({ duid: fc.constant("unknown"), type: fc.constantFrom(0, 99), data: lengths(1, 0, 8) }),
);

const status = fc.record({
  option: fc.constant("status-code" as const),
  status: fc.constantFrom<Dhcpv6Status>("success", "not-on-link", 99),
  text,
});
const unknown = fc.record({
  option: fc.constant("unknown" as const),
  type: fc.constantFrom(300, 65535),
  data: lengths(1, 0, 8),
});
const leaseOptions: fc.Arbitrary<LeaseOption[]> = fc.array(fc.oneof(status, unknown), { maxLength: 2 });
const iaOptions: fc.Arbitrary<IaOption[]> = fc.array(
  fc.oneof(
    fc.record({
      option: fc.constant("ia-address"),
      address: ipv6Address,
      preferredLifetime: bits(32),
      validLifetime: bits(32),
      options: leaseOptions,
    }),
    fc.record({
      option: fc.constant("ia-prefix"),
      preferredLifetime: bits(32),
      validLifetime: bits(32),
      prefixLength: bits(8),
      prefix: ipv6Address,
      options: leaseOptions,
    }),
    status,
    unknown,
  ),
  { maxLength: 3 },
);

const dhcpv6Option: fc.Arbitrary<Dhcpv6Option> = fc.oneof(
  fc.record({ option: fc.constantFrom("client-id", "server-id"), duid }),
  fc.record({
    option: fc.constantFrom("ia-na", "ia-pd"),
    iaid: bits(32),
    t1: bits(32),
    t2: bits(32),
    options: iaOptions,
  }),
  fc.record({ option: fc.constant("ia-ta"), iaid: bits(32), options: iaOptions }),
  fc.record({ option: fc.constant("option-request"), types: fc.array(bits(16), { maxLength: 4 }) }),
  fc.record({ option: fc.constant("preference"), preference: bits(8) }),
  fc.record({ option: fc.constant("elapsed-time"), centiseconds: bits(16) }),
  fc.record({ option: fc.constantFrom("relay-message", "interface-id"), data: lengths(1, 0, 20) }),
  fc.constant<Dhcpv6Option>({ option: "rapid-commit" }),
  fc.record({
    option: fc.constantFrom("dns-servers", "sntp-servers"),
    addresses: fc.array(ipv6Address, { maxLength: 3 }),
  }),
  fc.record({ option: fc.constant("domain-list"), domains }),
  fc.record({
    option: fc.constant("client-fqdn"),
    noServerUpdate: fc.boolean(),
    serverOverride: fc.boolean(),
    serverUpdate: fc.boolean(),
    domains,
  }),
  status,
  unknown,
);
const options = fc.array(dhcpv6Option, { maxLength: 5 });

/** Any message of DHCPv6. */
export const anyDhcpv6: fc.Arbitrary<Dhcpv6> = fc
  .oneof(
    fc.record({
      message: fc.constantFrom<"solicit" | "advertise" | "reply" | number>("solicit", "advertise", "reply", 99),
      transactionId: bits(24),
      options,
    }),
    fc.record({
      message: fc.constantFrom("relay-forward" as const, "relay-reply" as const),
      hopCount: bits(8),
      linkAddress: ipv6Address,
      peerAddress: ipv6Address,
      options,
    }),
  )
  .map(dhcpv6);
