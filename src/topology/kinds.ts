/** What a kind of node means: the part of a node that need not be declared. */
export interface NodeKind {
  readonly summary: string;
  /** A machine of our own image, or a disk of the user's own. */
  readonly boots: "image" | "disk";
  readonly image: string | null;
  readonly memory: string;
  /** With less memory the machine is known to hang without a word. */
  readonly minimumMemoryMiB: number;
  readonly cpus: number;
  /** Size of the data disk unless one is declared; null for none. */
  readonly dataDisk: string | null;
  /** Largest payload of a frame that its ports carry unless they say otherwise, bytes. */
  readonly mtu: number;
  readonly sysctls: Readonly<Record<string, string>>;
  /** What of the rack's network stack runs in it; null for none. */
  readonly stack: KindStack | null;
}

/** What a kind of node runs of the rack's network stack, by the names of its programs (src/guest). */
export interface KindStack {
  /** Daemons in the order they are started in; each waits in the template, its code loaded. */
  readonly daemons: readonly string[];
  /** Commands of the node for its operator. */
  readonly commands: readonly string[];
  /** P4 programs, compiled on the host. */
  readonly programs: readonly string[];
  /** Kernel modules that it needs, loaded in the template. */
  readonly modules: readonly string[];
}

const host: NodeKind = {
  summary: "a plain Linux host of the base image",
  boots: "image",
  image: "base",
  memory: "256 MiB",
  minimumMemoryMiB: 160,
  cpus: 1,
  dataDisk: "1 GiB",
  mtu: 1500,
  sysctls: {},
  stack: null,
};

/** Of the wires of a rack, bytes: guests' packets cross it in a tunnel. */
const underlayMtu = 9000;

/** Every node of a rack: addresses are known at once, stay without a carrier, and come from nobody else. */
const underlay = {
  "net.ipv6.conf.all.accept_dad": "0",
  "net.ipv6.conf.default.accept_dad": "0",
  "net.ipv6.conf.all.accept_ra": "0",
  "net.ipv6.conf.default.accept_ra": "0",
  "net.ipv6.conf.all.keep_addr_on_down": "1",
} as const;

/** The registry: adding a kind is adding an entry. */
export const nodeKinds = {
  host,
  router: {
    ...host,
    summary: "a host that forwards IPv4 and IPv6 between its ports",
    sysctls: {
      "net.ipv4.ip_forward": "1",
      "net.ipv6.conf.all.forwarding": "1",
      "net.ipv6.conf.default.forwarding": "1",
    },
  },
  sled: {
    ...host,
    summary: "a compute sled of a rack: the kernel forwards, routes come from ddmd; one port to each switch",
    memory: "448 MiB",
    mtu: underlayMtu,
    sysctls: {
      ...underlay,
      "net.ipv6.conf.all.forwarding": "1",
      "net.ipv6.conf.default.forwarding": "1",
      // Flows are spread by ports as well, and a next hop without carrier is none.
      "net.ipv6.fib_multipath_hash_policy": "1",
      "net.ipv6.conf.all.ignore_routes_with_linkdown": "1",
      "net.ipv6.conf.default.ignore_routes_with_linkdown": "1",
    },
    stack: {
      daemons: ["ddmd", "lldpd", "opted", "sled-agent", "nexusd", "dnsd"],
      commands: ["ddmadm", "lldpadm", "opteadm"],
      programs: [],
      modules: ["veth"],
    },
  },
  switch: {
    ...host,
    summary: "a switch of a rack: a P4 data plane on all its ports, the kernel forwards nothing",
    memory: "512 MiB",
    mtu: underlayMtu,
    sysctls: {
      ...underlay,
      "net.ipv4.ip_forward": "0",
      "net.ipv6.conf.all.forwarding": "0",
    },
    stack: {
      daemons: ["p4switch", "dpd", "tfportd", "ddmd", "lldpd", "mgd"],
      commands: ["swadm", "ddmadm", "lldpadm", "mgadm"],
      programs: ["rack"],
      modules: ["tun", "veth"],
    },
  },
  vm: {
    summary: "a machine that boots a disk image of your own (qcow2 or raw), reached over SSH",
    boots: "disk",
    image: null,
    memory: "1 GiB",
    minimumMemoryMiB: 64,
    cpus: 1,
    dataDisk: null,
    mtu: 1500,
    sysctls: {},
    stack: null,
  },
} as const satisfies Record<string, NodeKind>;

/** Name of a kind in the registry. */
export type NodeKindName = keyof typeof nodeKinds;

/** The names of all kinds. */
export const nodeKindNames = Object.keys(nodeKinds) as [NodeKindName, ...NodeKindName[]];

/** What nodes of a kind run of the rack's network stack; null for none. */
export function stackOfKind(kind: string): KindStack | null {
  const known: Readonly<Record<string, NodeKind | undefined>> = nodeKinds;
  return known[kind]?.stack ?? null;
}

/** NIC counts that a microvm is built with: virtio-mmio has no hotplug, and templates are shared by class. */
export const nicClasses = [2, 4, 8, 19] as const;
