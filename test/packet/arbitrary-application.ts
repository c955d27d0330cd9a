import fc from "fast-check";
import {
  bfdPort,
  bgp,
  bgpPort,
  ddmDiscovery,
  ddmDiscoveryPort,
  dhcpv4ClientPort,
  dhcpv4ServerPort,
  dhcpv6ClientPort,
  dhcpv6ServerPort,
  dnsPort,
  genevePort,
  type Layer,
  multihopBfdPort,
  tcp,
  udp,
} from "../../src/packet/index.ts";
import { anyBgpMessage } from "./arbitrary-bgp.ts";
import { anyDhcpv4, anyDhcpv6 } from "./arbitrary-dhcp.ts";
import { anyDns } from "./arbitrary-dns.ts";
import { anyBfd } from "./arbitrary-link.ts";

const ports: ReadonlySet<number> = new Set([
  ...[genevePort, ddmDiscoveryPort, bfdPort, multihopBfdPort, bgpPort, dnsPort],
  ...[dhcpv4ClientPort, dhcpv4ServerPort, dhcpv6ClientPort, dhcpv6ServerPort],
]);

/** Whether a port suggests a protocol. */
export function isKnownPort(port: number): boolean {
  return ports.has(port);
}

const otherPort = fc.integer({ min: 50_000, max: 65_535 });

const discovery = fc
  .record({
    version: fc.nat(255),
    advertise: fc.boolean(),
    solicit: fc.boolean(),
    router: fc.constantFrom<"server" | "transit" | number>("server", "transit", 9),
    hostname: fc.string({ unit: "grapheme", maxLength: 20 }),
  })
  .map(ddmDiscovery);

const bgpSegment = fc
  .tuple(otherPort, fc.boolean(), fc.array(anyBgpMessage.map(bgp), { minLength: 1, maxLength: 3 }))
  .map(([port, toServer, messages]): Layer[] => [
    tcp(toServer ? { srcPort: port, dstPort: bgpPort } : { srcPort: bgpPort, dstPort: port }),
    ...messages,
  ]);

/** A message of a protocol that is known by its port, with the transport header. */
export const application: fc.Arbitrary<Layer[]> = fc.oneof(
  discovery.map((message) => [udp({ srcPort: ddmDiscoveryPort, dstPort: ddmDiscoveryPort }), message]),
  fc
    .tuple(otherPort, fc.constantFrom(bfdPort, multihopBfdPort), anyBfd)
    .map(([srcPort, dstPort, message]) => [udp({ srcPort, dstPort }), message]),
  bgpSegment,
  fc
    .tuple(fc.boolean(), anyDhcpv4)
    .map(([toServer, message]) => [
      toServer
        ? udp({ srcPort: dhcpv4ClientPort, dstPort: dhcpv4ServerPort })
        : udp({ srcPort: dhcpv4ServerPort, dstPort: dhcpv4ClientPort }),
      message,
    ]),
  fc
    .tuple(fc.boolean(), anyDhcpv6)
    .map(([toServer, message]) => [
      toServer
        ? udp({ srcPort: dhcpv6ClientPort, dstPort: dhcpv6ServerPort })
        : udp({ srcPort: dhcpv6ServerPort, dstPort: dhcpv6ClientPort }),
      message,
    ]),
  fc
    .tuple(otherPort, fc.boolean(), anyDns)
    .map(([port, toServer, message]) => [
      udp(toServer ? { srcPort: port, dstPort: dnsPort } : { srcPort: dnsPort, dstPort: port }),
      message,
    ]),
);
