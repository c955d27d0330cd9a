import type { DirectionSettings } from "./direction-settings.ts";

/**
 * A topology fully resolved but independent of any host: every name, MAC, address, unit and default is settled.
 * Pure data that survives JSON; the same topology gives the same plan, whatever the order of its keys.
 */
export interface Plan {
  /** Layout of this structure; changes when a reader of an older one would be misled. */
  readonly version: 1;
  /** Name of the topology (not of a testbed made from it). */
  readonly name: string;
  /** Root of all randomness of a testbed; see {@link NodePlan.seed}. */
  readonly seed: number;
  readonly nodes: readonly NodePlan[];
  readonly wires: readonly WirePlan[];
  readonly segments: readonly SegmentPlan[];
  /** Node names by order of start-up: a stage starts when what its nodes name in `after` holds. */
  readonly stages: readonly (readonly string[])[];
  /** Blueprint instances, outermost first; the groups of a drawing. */
  readonly groups: readonly GroupPlan[];
  /** How the racks of the topology are set up. */
  readonly stack: StackPlan;
  /** Programs of Kestrel that run on the host beside the testbed, as paths of modules below `src`; none unless given. */
  readonly companions?: readonly string[];
}

/** What the racks of a topology are asked for beyond their cables. */
export interface StackPlan {
  /** Routing peers prove to each other that they have the key of the testbed; who does not is refused. */
  readonly signed: boolean;
  /** What switches packets in switches: p4switch, or a simple_switch that the node has. */
  readonly engine: "kestrel" | "bmv2";
  /** Sleds share flows among paths by their delays, which they probe this often; null for even shares. */
  readonly multipath: { readonly intervalMs: number } | null;
  /** Further prefixes that nodes originate, canonical, by node name. */
  readonly originate: Readonly<Record<string, readonly string[]>>;
  /** What the control plane has when the racks come up. */
  readonly projects: readonly ProjectPlan[];
  /** Spare machines for instances of kind `vm`, besides those for declared ones. */
  readonly machines: number;
  /** What leads out of the racks. */
  readonly boundary: BoundaryPlan;
}

/** The racks' ways out. */
export interface BoundaryPlan {
  /** Pools of external addresses by name; the first of each family is the default one. */
  readonly pools: readonly { readonly name: string; readonly prefixes: readonly string[] }[];
  readonly bgp: { readonly asn: number; readonly paths: number } | null;
  readonly uplinks: readonly UplinkPlan[];
}

/** A port of a switch that leads out of its rack. */
export interface UplinkPlan {
  readonly node: string;
  readonly port: string;
  /** With prefix length. */
  readonly addresses: readonly string[];
  readonly peers: readonly BgpPeerPlan[];
  /** The default route is "0.0.0.0/0" or "::/0". */
  readonly routes: readonly { readonly to: string; readonly via: string }[];
}

/** A BGP peer of an uplink. */
export interface BgpPeerPlan {
  /** Null for the neighbour on the link. */
  readonly address: string | null;
  /** Null for any AS but the rack's. */
  readonly asn: number | null;
  readonly holdSeconds: number;
  readonly bfd: boolean;
}

/** A project of the control plane. */
export interface ProjectPlan {
  readonly name: string;
  /** Besides `default`. */
  readonly vpcs: readonly string[];
  readonly instances: readonly RackInstancePlan[];
}

/** An instance; nexus chooses its sled. */
export interface RackInstancePlan {
  readonly name: string;
  /** A network namespace, or a machine. */
  readonly kind: "light" | "vm";
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly vpc: string;
  readonly start: boolean;
}

/** An instance of a blueprint, and what it brought. */
export interface GroupPlan {
  readonly name: string;
  readonly blueprint: string;
  /** The instance that this one is part of. */
  readonly parent: string | null;
  /** Names of the nodes directly in it. */
  readonly nodes: readonly string[];
}

/** One end of a wire: a port of a node, written `node:port` for people. */
export interface PortReference {
  readonly node: string;
  readonly port: string;
}

/** One virtual machine. */
export interface NodePlan {
  /** Unique in the topology; a hostname label of at most 63 characters (RFC 1123, section 2.1). */
  readonly name: string;
  /** Name of a kind of the registry: "host", "router", "vm", … */
  readonly kind: string;
  /** The machine type of QEMU. */
  readonly machine: "microvm" | "q35";
  /** How many NICs the machine is built with: 2, 4, 8 or 19 on microvm, the number of ports on q35. */
  readonly nicClass: number;
  /** Name of a file in `images/`, without extension; `null` for a node that brings its own disk. */
  readonly image: string | null;
  /** The user's own disk image (kind `vm`); `null` for our own kinds. */
  readonly disk: DiskPlan | null;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Size of the data disk, which outlives a power cycle; `null` without one. */
  readonly dataDiskMiB: number | null;
  /** In the order declared; the position is the slot of the NIC. */
  readonly ports: readonly PortPlan[];
  readonly routes: readonly RoutePlan[];
  /** Kernel parameters by name (`net.ipv4.ip_forward`), those of the kind included. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Written after identity, before `commands`. */
  readonly files: readonly FilePlan[];
  /** Shell commands run in order after identity and files; the first that fails fails the node. */
  readonly commands: readonly string[];
  /** Daemons started in order after `commands`, and kept running. */
  readonly services: readonly ServicePlan[];
  /** What must hold before this node starts. */
  readonly after: readonly AfterPlan[];
  /** The node is ready when all of these hold. */
  readonly ready: readonly ReadyCondition[];
  /** 64 bits in 16 hexadecimal digits, derived from the topology's seed and the node's name alone. */
  readonly seed: string;
}

/** A disk image of the user's own, and its cloud-init NoCloud seed. */
export interface DiskPlan {
  /** As declared: absolute, or relative to the folder of the topology file. */
  readonly path: string;
  /** Contents of the seed's files; `null` without a seed. */
  readonly cloudInit: {
    readonly userData: string | null;
    readonly metaData: string | null;
    readonly networkConfig: string | null;
  } | null;
}

/** A NIC of a node. */
export interface PortPlan {
  /** At most 15 characters: a Linux interface name. */
  readonly name: string;
  /** Position of the NIC in the machine, from 0. */
  readonly slot: number;
  /** Lower case, colon separated, locally administered and unicast unless declared otherwise. */
  readonly mac: string;
  /** Addresses with prefix length in canonical text ("10.0.0.1/24", "fd00::1/64"; RFC 5952). */
  readonly addresses: readonly string[];
  /** The address that the kernel derives from the MAC (RFC 4291, appendix A), without prefix length. */
  readonly linkLocal: string;
  /** Largest payload of a frame in bytes. */
  readonly mtu: number;
  readonly attachment: Attachment;
}

/** What a port is plugged into. */
export type Attachment =
  | { readonly type: "wire"; readonly wire: string; readonly end: "a" | "b" }
  | { readonly type: "segment"; readonly segment: string }
  | { readonly type: "user"; readonly restricted: boolean }
  | { readonly type: "none" };

/** A static route. */
export interface RoutePlan {
  /** Destination prefix in canonical text; the default route is "0.0.0.0/0" or "::/0". */
  readonly to: string;
  readonly via: string;
  /** The port it leaves by, always resolved. */
  readonly port: string;
}

/** A file put into a node: its text, or a file of the host to take. */
export type FilePlan =
  | { readonly path: string; readonly mode: number; readonly content: string }
  /** `from` is absolute, or relative to the folder of the topology file. */
  | { readonly path: string; readonly mode: number; readonly from: string };

/** A daemon of a node. */
export interface ServicePlan {
  readonly name: string;
  readonly command: readonly string[];
  /** It runs in the Node.js that the template has parked for it, when that is still there. */
  readonly parked: boolean;
  /**
   * What it is better to begin after: it waits for these, and so do the services after it in the list; it begins all the same when
   * one has not come in its time.
   */
  readonly after: readonly ReadyCondition[];
}

/** A node to wait for: started (it answers), or ready. */
export interface AfterPlan {
  readonly node: string;
  readonly ready: boolean;
}

/** A fact which makes a node ready, and for how long it is waited for. */
export type ReadyCondition =
  /** A shell command that exits 0. */
  | { readonly type: "command"; readonly command: string; readonly timeoutMs: number }
  | { readonly type: "file"; readonly path: string; readonly timeoutMs: number }
  /** A TCP connection is accepted by `address` (an address of the node, default "localhost"). */
  | { readonly type: "tcp"; readonly port: number; readonly address: string; readonly timeoutMs: number }
  /** An HTTP server of the node answers a GET with status 200 and JSON that has all of `json` in it. */
  | {
      readonly type: "http";
      readonly port: number;
      readonly address: string;
      readonly path: string;
      readonly json: JsonPattern;
      /** What it means when it holds, in words that follow "expected"; null for none better than the request itself. */
      readonly fact: string | null;
      readonly timeoutMs: number;
    };

/**
 * A part of a JSON document: a scalar equals itself, an object is in one that has its members and may have others, and
 * every element of a list is in an element of the other list of its own.
 */
export type JsonPattern =
  string | number | boolean | null | readonly JsonPattern[] | { readonly [member: string]: JsonPattern };

/** A cable between two ports. */
export interface WirePlan {
  /** `h1:net0--r1:net0` (end a, then b) unless declared. */
  readonly name: string;
  readonly a: PortReference;
  readonly b: PortReference;
  readonly aToB: DirectionSettings;
  readonly bToA: DirectionSettings;
  /** The wire does not pass through the panel: nothing is counted, recorded or impaired. */
  readonly direct: boolean;
}

/** A shared Ethernet. */
export interface SegmentPlan {
  readonly name: string;
  readonly legs: readonly LegPlan[];
  /** The VDE switch that the segment is also attached to. */
  readonly vde: VdePlan | null;
}

/** `own`: a VDE switch is started for the segment; `path`: the control directory of one that runs already. */
export type VdePlan = { readonly type: "own" } | { readonly type: "path"; readonly path: string };

/** The part of a segment between one port and the others; its wire name is `h1:net0--SEGMENT`. */
export interface LegPlan {
  readonly name: string;
  readonly port: PortReference;
  readonly toSegment: DirectionSettings;
  readonly fromSegment: DirectionSettings;
}

/** Memory that all nodes of a plan have together, in MiB. */
export function planMemoryMiB(plan: Plan): number {
  return plan.nodes.reduce((sum, node) => sum + node.memoryMiB, 0);
}

/** `node:port`, as people write the end of a wire. */
export function formatPort({ node, port }: PortReference): string {
  return `${node}:${port}`;
}
