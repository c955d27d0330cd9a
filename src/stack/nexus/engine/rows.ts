/** What every named resource has. Times are ISO 8601 in UTC. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly time_created: string;
  readonly time_modified: string;
}

export type IpVersion = "v4" | "v6";

/** A project owns everything that its users make. */
export type ProjectRow = Identity;

/** A virtual private cloud: one Geneve VNI. */
export interface VpcRow extends Identity {
  readonly project_id: string;
  readonly dns_name: string;
  /** A /48 of fd00::/8. */
  readonly ipv6_prefix: string;
  readonly system_router_id: string;
  readonly vni: number;
}

/** A subnet of a VPC. */
export interface SubnetRow extends Identity {
  readonly vpc_id: string;
  readonly ipv4_block: string;
  readonly ipv6_block: string;
  readonly custom_router_id: string | null;
}

/** A router of a VPC: the system one, or one of its users that subnets may have besides. */
export interface RouterRow extends Identity {
  readonly vpc_id: string;
  readonly kind: "system" | "custom";
}

/** What a route is for. */
export type RouteDestination =
  | { readonly type: "ip" | "ip_net"; readonly value: string }
  | { readonly type: "vpc" | "subnet"; readonly value: string };

/** Where a route leads. */
export type RouteTarget =
  | { readonly type: "ip" | "vpc" | "subnet" | "instance" | "internet_gateway"; readonly value: string }
  | { readonly type: "drop" };

/** A route of a router. */
export interface RouteRow extends Identity {
  readonly vpc_router_id: string;
  readonly kind: "default" | "vpc_subnet" | "vpc_peering" | "custom";
  readonly destination: RouteDestination;
  readonly target: RouteTarget;
}

/** Which instances a firewall rule is for, or which other end it is about. */
export interface FirewallHost {
  readonly type: "vpc" | "subnet" | "instance" | "ip" | "ip_net";
  readonly value: string;
}

/** What of a protocol a firewall rule is about. */
export type FirewallProtocol =
  | { readonly type: "tcp" }
  | { readonly type: "udp" }
  | { readonly type: "icmp"; readonly value: IcmpFilter | null }
  | { readonly type: "icmp6"; readonly value: IcmpFilter | null };

/** Which ICMP messages; `code` is a number or a range. */
export interface IcmpFilter {
  readonly icmp_type: number;
  readonly code?: string | null | undefined;
}

/** A rule of a VPC's firewall. */
export interface FirewallRuleRow extends Identity {
  readonly vpc_id: string;
  readonly action: "allow" | "deny";
  readonly direction: "inbound" | "outbound";
  readonly priority: number;
  readonly status: "enabled" | "disabled";
  readonly filters: {
    readonly hosts?: readonly FirewallHost[] | null | undefined;
    readonly ports?: readonly string[] | null | undefined;
    readonly protocols?: readonly FirewallProtocol[] | null | undefined;
  };
  readonly targets: readonly FirewallHost[];
}

/** What instances of a VPC reach the outside through. */
export interface GatewayRow extends Identity {
  readonly vpc_id: string;
}

/** A pool whose addresses leave through a gateway. */
export interface GatewayPoolRow extends Identity {
  readonly internet_gateway_id: string;
  readonly ip_pool_id: string;
}

/** An address that leaves through a gateway. */
export interface GatewayAddressRow extends Identity {
  readonly internet_gateway_id: string;
  readonly address: string;
}

export type InstanceState =
  "creating" | "starting" | "running" | "stopping" | "stopped" | "rebooting" | "migrating" | "failed";

/** An instance. */
export interface InstanceRow extends Identity {
  readonly project_id: string;
  readonly hostname: string;
  readonly ncpus: number;
  /** Bytes. */
  readonly memory: number;
  /** `light`: a network namespace; `vm`: a machine. */
  readonly kind: "light" | "vm";
  readonly auto_restart_policy: "never" | "best_effort" | null;
  readonly enable_jumbo_frames: boolean;
  /** What is wanted. */
  readonly intent: "running" | "stopped";
  /** Counts starts, reboots and moves: a sled agent that finds another number begins the instance anew. */
  readonly incarnation: number;
  /** Where it is, or shall be; null while it is stopped. */
  readonly sled_id: string | null;
  readonly run_state: InstanceState;
  readonly time_run_state_updated: string;
}

/** A NIC of an instance or of a probe. */
export interface InterfaceRow extends Identity {
  readonly instance_id: string | null;
  readonly probe_id: string | null;
  readonly vpc_id: string;
  readonly subnet_id: string;
  readonly mac: string;
  readonly slot: number;
  readonly is_primary: boolean;
  readonly ipv4: string | null;
  readonly ipv6: string | null;
  readonly transit_ips: readonly string[];
}

/** A pool of external addresses. */
export interface IpPoolRow extends Identity {
  readonly ip_version: IpVersion;
  readonly pool_type: "unicast" | "multicast";
  readonly assignment: "silos" | "system_services";
}

/** A range of a pool, both ends included. */
export interface IpPoolRangeRow {
  readonly id: string;
  readonly ip_pool_id: string;
  readonly first: string;
  readonly last: string;
  readonly time_created: string;
}

/** That a silo may use a pool. */
export interface PoolLinkRow {
  readonly id: string;
  readonly pool_id: string;
  readonly silo_id: string;
  readonly is_default: boolean;
}

/** An external address: a block of ports for source NAT, or a whole one. */
export interface ExternalIpRow extends Identity {
  readonly kind: "snat" | "ephemeral" | "floating";
  readonly ip: string;
  readonly ip_pool_id: string;
  readonly project_id: string;
  readonly instance_id: string | null;
  readonly probe_id: string | null;
  readonly first_port: number;
  readonly last_port: number;
}

/** A pool of prefixes that instances can be given. */
export interface SubnetPoolRow extends Identity {
  readonly ip_version: IpVersion;
}

/** A prefix that a subnet pool gives parts of. */
export interface SubnetPoolMemberRow {
  readonly id: string;
  readonly subnet_pool_id: string;
  readonly subnet: string;
  readonly min_prefix_length: number;
  readonly max_prefix_length: number;
  readonly time_created: string;
}

/** A prefix that belongs to an instance, without NAT. */
export interface ExternalSubnetRow extends Identity {
  readonly project_id: string;
  readonly subnet: string;
  readonly subnet_pool_id: string;
  readonly subnet_pool_member_id: string;
  readonly instance_id: string | null;
}

/** A network end point without an instance, for measuring. */
export interface ProbeRow extends Identity {
  readonly project_id: string;
  readonly sled: string;
}
