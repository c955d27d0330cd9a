import { tfportOf } from "./configuration/ddmd-configuration.ts";

/** Where routers speak BGP (RFC 4271), and BFD with one hop, its echoes, and with several (RFC 5881, RFC 5883). */
const bgpPort = 179;
const bfdPorts = [3784, 3785, 4784] as const;
/** No daemon listens at or above this port: connections that the switch begins come from there. */
const ephemeralPort = 32_768;

/**
 * Command that keeps from a switch's own kernel what comes in by uplinks, but routing protocols and ICMP: its daemons are the
 * rack's affair, and whoever is outside can address packets to it.
 */
export function uplinkFilter(ports: readonly string[]): string {
  const interfaces = ports.map((port) => `"${tfportOf(port)}"`).join(", ");
  const rules = [
    "type filter hook input priority filter",
    `iifname != { ${interfaces} } accept`,
    "meta l4proto { icmp, icmpv6 } accept",
    `tcp dport ${bgpPort} accept`,
    `tcp sport ${bgpPort} tcp dport >= ${ephemeralPort} accept`,
    `udp dport { ${bfdPorts.join(", ")} } accept`,
    "counter drop",
  ];
  return `nft 'table inet uplinks { chain input { ${rules.join("; ")}; }; }'`;
}
