/** What RFD 63 promises of the network, and by what it is seen that a promise is kept. */
export interface NetworkPromise {
  /** `R01` to `R65`: what the names of flows begin with that prove it. */
  readonly id: string;
  readonly promise: string;
  readonly observation: string;
}

type Row = readonly [id: string, promise: string, observation: string];

const rows: readonly Row[] = [
  [
    "R01",
    "snappy (goal 1)",
    "record RTT p50/p99, TCP and UDP throughput, connect rate, guest boot-to-ping; fail on regression",
  ],
  [
    "R02",
    "no SPOF: one switch fails",
    "kill a switch VM: all flows continue, throughput may halve, time-to-recover recorded",
  ],
  ["R03", "failure of a server isolated", "kill a server: flows between others see no loss"],
  ["R04", "no spurious TCP RST on component failure", "capture in guests during R02/R03, zero RST"],
  [
    "R05",
    "services scale out, no bottleneck",
    "add servers → aggregate NAT/fw throughput grows; no central hop in the path",
  ],
  ["R06", "BGP to customer", "session established, prefixes advertised/withdrawn on IP pool/floating IP changes"],
  ["R07", "static routes second, OSPF later", "static config works without BGP"],
  [
    "R08",
    "instance on any server, keeps its IP",
    "stop/start or move instance to another server/rack: same IP, MAC, reachability",
  ],
  ["R09", "no manual switch config", "zero operator commands after declaring intent; cold boot converges"],
  ["R10", "neutral blame evidence", "drop counters identify the layer/hop for every injected fault"],
  ["R11", "evolution path", "mixed versions interoperate (unknown non-critical Geneve option ignored)"],
  ["R12", "IPv6-only physical network, ULA", "no IPv4 on underlay captures"],
  ["R13", "/48 AZ, /56 rack, /64 server; 8+8 bits", "address assertions; 256 racks × 256 servers limits in allocator"],
  ["R14", "per-rack summary", "remote rack appears only as /56; routes O(racks)"],
  ["R15", "ECMP down to the host", "both NICs used; UDP source port spreads flows; one flow stays on one path"],
  ["R16", "delay-driven multipath", "add delay on one path (netem): traffic shifts"],
  ["R17", "switches not cross-connected", "topology assertion, no L2 path between them"],
  [
    "R18",
    "every link has a link-local, peering over LL by NDP RS",
    "capture RS/RA-type discovery; routing sessions on fe80",
  ],
  [
    "R19",
    "bootstrap prefix fdb0:<id words>::/64, ::1 self-assigned, advertised to both switches, re-advertised only to servers",
    "MAC a8:40:25:10:00:01 → fdb0:a840:2510:1::/64; absent outside the rack; server list readable from the routing table; no multicast needed",
  ],
  ["R20", "switch does not need to know its index or port positions", "swap cabling between switches: still converges"],
  ["R21", "signed routing messages mode", "unsigned peer rejected"],
  [
    "R22",
    "control-plane addresses belong to the server; change on migration",
    "address differs after moving a service; discovery still finds it",
  ],
  [
    "R23",
    "one /56 reserved for service discovery, /64s advertised site-wide; 3/5/7 entries",
    "routes present; kill one discovery server",
  ],
  [
    "R24",
    "switch tables bounded: per remote rack /56, per site /48, ≤256 discovery /64, one route per local server",
    "table dump after scale-up",
  ],
  ["R25", "SP/PSC/technician ports isolated L2", "no frames between those ports"],
  [
    "R26",
    "trust: network forwards, endpoints decide",
    "spoofed underlay frames must be refused by OPTE (wrong VNI/MAC → dropped)",
  ],
  ["R27", "one Geneve VNI per VPC + reserved boundary VNI", "captures: VNI table matches"],
  ["R28", "overlapping customer IPv4/IPv6", "two VPCs with identical subnets, no cross-talk"],
  ["R29", "UDP source port = inner flow hash", "stable per flow, vectors §1.5"],
  ["R30", "intermediate switches unaware of overlay", "switch has no VPC state except boundary tables"],
  ["R31", "Geneve options ≤252 B usable as metadata", "parse/skip tests, External/MSS/Multicast"],
  [
    "R32",
    "L3-only view: guest needs one ARP (gateway)",
    "guest neighbour table contains only the gateway; broadcast/other ARP dies in OPTE",
  ],
  [
    "R33",
    "ARP, NDP, DHCP, SLAAC by OPTE",
    "guest autoconfigures v4 (DHCP), LL+default route (RA), v6 (DHCPv6); /32 mask, lease 86400, options",
  ],
  ["R34", "firewall stateful, default posture", "table of allow/deny per direction/protocol incl. return traffic"],
  ["R35", "routing rules per VPC, custom > system", "I37, I38, I42"],
  ["R36", "NAT per instance with quota", "port block respected; exhaustion behaviour + counter"],
  ["R37", "VPC peering", "two peered VPCs talk, non-peered do not; limit on size of peered set (not in OPTE)"],
  [
    "R38",
    "bandwidth and flow monitoring and enforcement",
    "configured cap respected within tolerance; per-flow counters readable (enforcement not in OPTE)",
  ],
  [
    "R39",
    "bounded queue + rate limit for control-plane packets; metadata service",
    "flood test; metadata answer (not in OPTE)",
  ],
  [
    "R40",
    "programmable layered engine",
    "add/replace a layer or rule set without restart; existing flows re-evaluated",
  ],
  [
    "R41",
    "serialisable state, live migration, upgrade",
    "save/restore port state: TCP session survives, SNAT port and affinity kept (not in OPTE)",
  ],
  [
    "R42",
    "dataplane/agent split; dataplane survives agent loss",
    "kill agent: forwarding continues; restart reconciles",
  ],
  ["R43", "limits with end-to-end alerts", "fill flow table/NAT: alert + counters before failure"],
  [
    "R44",
    "Virtio-net, offloads negotiated, multi-queue",
    "ethtool in guest: checksum, TSO, queues; offload off also works",
  ],
  ["R45", "NIC order stable across reboots", "names/MAC order equal after reboot and NIC changes"],
  ["R46", "migration between heterogeneous servers", "same device view after move"],
  [
    "R47",
    "boundary: encapsulate in, decapsulate out; all instance traffic encapsulated on the physical network",
    "no bare guest IP on rack links",
  ],
  [
    "R48",
    "boundary holds only stateless mappings (IP → host; IP+port range → host)",
    "NAT table dump; restart boundary → flows continue",
  ],
  ["R49", "unmapped external IP discarded", "counter, no encapsulated frame"],
  [
    "R50",
    "LLDP on servers, switches, uplinks, diagnostic only",
    "neighbours visible; disabling LLDP changes nothing functionally",
  ],
  ["R51", "NTP (PTP optional)", "clocks within bound; NTP zone reaches upstream through NAT"],
  ["R52", "directory services HA, cached", "stop it: existing and cached destinations work"],
  ["R53", "updates feel fast", "rule/route/V2P change effective in seconds (measure)"],
  [
    "R54",
    "physical metrics: links, throughput, saturation, errors by size, uni/multicast, v4/v6/TCP/UDP",
    "counters compared with generated traffic",
  ],
  [
    "R55",
    'application topology "who talks to whom", netstat-like stats without guest agent',
    "flow export matches guest `ss`",
  ],
  ["R56", "firewall flow logging (future)", "allow/deny records with rule id"],
  ["R57", "detect instance traffic taking the Internet path by mistake", "report flag in topology view"],
  ["R58", "load balancing with direct server return (future)", "reply bypasses balancer"],
  ["R59", "IPsec / cross-region (future)", "encrypted on wire"],
  ["R60", "several IPs per interface", "transit IPs / attached subnets (I38–I40)"],
  ["R61", "anycast (future)", "same IP from two AZs"],
  ["R62", "racks of one AZ linked only by Oxide gear; QoS there", "path assertion; priority test"],
  ["R63", "limits on rules, instances, peered size", "API refuses beyond limit with clear error"],
  ["R64", "multi-rack join avoids duplicate /56", "allocator test"],
  [
    "R65",
    "MTU (implicit: encapsulation must fit)",
    "DF ping 1500 (and 8500 jumbo) across rack and racks; PTB returned for oversize",
  ],
];

/** All of them, in order. */
export const networkPromises: readonly NetworkPromise[] = rows.map(([id, promise, observation]) => ({
  ...{ id, promise, observation },
}));
