/** What `kestrel rack status --json` prints. */
export interface RackStatus {
  readonly testbed: string;
  readonly racks: readonly RackView[];
  readonly wires: readonly WireView[];
  /** What is not as it should be, in words; empty when the fabric has converged. */
  readonly asymmetries: readonly string[];
}

/** One rack. */
export interface RackView {
  readonly name: string;
  /** Its /56. */
  readonly prefix: string;
  readonly nodes: readonly NodeView[];
}

/** A sled or a switch. */
export interface NodeView {
  readonly name: string;
  readonly role: "sled" | "switch";
  /** Its own /64. */
  readonly prefix: string;
  /** State of the machine. */
  readonly state: string;
  /** Why its daemons do not answer; null when they do. */
  readonly silence: string | null;
  readonly peers: readonly PeerView[];
  /** Neighbours that there are wires to. */
  readonly expectedPeers: number;
  readonly originated: readonly string[];
  readonly routes: readonly RouteView[];
  /** Paths of destinations that have several, as delay-driven multipath measures them; null where it is not on. */
  readonly paths: readonly PathView[] | null;
}

/** A path of a destination, and what share of flows takes it. */
export interface PathView {
  readonly destination: string;
  readonly interface: string;
  /** There and back, milliseconds; null while it is not known. */
  readonly delayMs: number | null;
  /** Nothing comes back on it. */
  readonly silent: boolean;
  /** From 0 to 1. */
  readonly share: number;
}

/** A neighbour as ddmd of a node sees it. */
export interface PeerView {
  readonly host: string;
  readonly address: string;
  readonly kind: "server" | "transit";
  /** Init, Solicit, Exchange, Expired. */
  readonly status: string;
}

/** What a node knows of a destination, and what its data plane does with it. */
export interface RouteView {
  readonly destination: string;
  /** Next hops of the shortest paths that it was told. */
  readonly known: readonly string[];
  /** Next hops in the kernel, or in the switch. */
  readonly programmed: readonly string[];
}

/** A wire of the fabric. */
export interface WireView {
  readonly name: string;
  readonly ends: readonly [string, string];
  /** `cut` is silence with the carrier there; of a `direct` wire nothing is known. */
  readonly state: "up" | "impaired" | "cut" | "down" | "unplugged" | "direct";
  /** Peering as seen from each end. */
  readonly peering: readonly [boolean, boolean];
}
