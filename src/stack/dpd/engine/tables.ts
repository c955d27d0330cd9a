/** What a table's key is compared with. */
export type KeyPart =
  | { readonly kind: "exact"; readonly value: bigint }
  | { readonly kind: "lpm"; readonly value: bigint; readonly length: number }
  | { readonly kind: "ternary"; readonly value: bigint; readonly mask: bigint }
  | { readonly kind: "range"; readonly start: bigint; readonly end: bigint };

/** A row that a table of the switch holds, or shall hold. */
export interface Row {
  readonly table: TableName;
  readonly key: readonly KeyPart[];
  /** Smaller wins; -1 in tables without priorities. */
  readonly priority: number;
  /** The action's name in the program. */
  readonly action: string;
  readonly data: readonly bigint[];
}

/** A table of rack.p4. */
interface TableShape {
  /** Names and widths in bits of the key's parts. */
  readonly key: readonly (readonly [string, number])[];
  /** Names of the parameters of each action, by the action's name in the program. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
  /** Rows it holds at most (spec section 4.1). */
  readonly capacity: number;
}

const guest = ["target", "vni", "mac"];
const indexActions = (path: string): TableShape["actions"] => ({ [`${path}.index`]: ["idx", "slots"] });

/** The tables of rack.p4 that dpd fills, by their names in the program. */
export const tables = {
  "ingress.resolver.resolver_v4": {
    key: [["nexthop", 32]],
    actions: { "ingress.resolver.rewrite_dst": ["mac"] },
    capacity: 512,
  },
  "ingress.resolver.resolver_v6": {
    key: [["nexthop", 128]],
    actions: { "ingress.resolver.rewrite_dst": ["mac"] },
    capacity: 512,
  },
  "ingress.mac.mac_rewrite": { key: [["port", 9]], actions: { "ingress.mac.rewrite": ["mac"] }, capacity: 256 },
  "ingress.router.mtu.ports": { key: [["port", 9]], actions: { "ingress.router.mtu.limit": ["mtu"] }, capacity: 256 },
  "ingress.egress_filter.uplink_ports": {
    key: [["port", 9]],
    actions: { "ingress.egress_filter.allow": [] },
    capacity: 256,
  },
  "ingress.router.v4_route.rtr": {
    key: [["idx", 16]],
    actions: {
      "ingress.router.v4_route.forward": ["port", "nexthop"],
      "ingress.router.v4_route.forward_v6": ["port", "nexthop"],
      "ingress.router.v4_route.forward_vlan": ["port", "nexthop", "vlan_id"],
      "ingress.router.v4_route.forward_vlan_v6": ["port", "nexthop", "vlan_id"],
    },
    capacity: 16_384,
  },
  "ingress.router.v6_route.rtr": {
    key: [["idx", 16]],
    actions: {
      "ingress.router.v6_route.forward": ["port", "nexthop"],
      "ingress.router.v6_route.forward_vlan": ["port", "nexthop", "vlan_id"],
    },
    capacity: 16_384,
  },
  "ingress.router.v4_idx.rtr": { key: [["dst", 32]], actions: indexActions("ingress.router.v4_idx"), capacity: 8191 },
  "ingress.router.v6_idx.rtr": { key: [["dst", 128]], actions: indexActions("ingress.router.v6_idx"), capacity: 8191 },
  "ingress.local.local_v4": {
    key: [
      ["dst", 32],
      ["port", 9],
    ],
    actions: { "ingress.local.claim": [], "ingress.local.drop_v4": [] },
    capacity: 511,
  },
  "ingress.local.local_v6": {
    key: [
      ["dst", 128],
      ["port", 9],
    ],
    actions: { "ingress.local.claim": [], "ingress.local.drop_v6": [] },
    capacity: 511,
  },
  "ingress.attached.attached_subnet_v4": {
    key: [["dst", 32]],
    actions: { "ingress.attached.forward_to_sled": guest },
    capacity: 512,
  },
  "ingress.attached.attached_subnet_v6": {
    key: [["dst", 128]],
    actions: { "ingress.attached.forward_to_sled": guest },
    capacity: 512,
  },
  "ingress.nat.nat_v4": {
    key: [
      ["dst", 32],
      ["nat_id", 16],
    ],
    actions: { "ingress.nat.forward_to_sled": guest },
    capacity: 1024,
  },
  "ingress.nat.nat_v6": {
    key: [
      ["dst", 128],
      ["nat_id", 16],
    ],
    actions: { "ingress.nat.forward_to_sled": guest },
    capacity: 1024,
  },
  "ingress.local.uplink_ports": { key: [["port", 9]], actions: { "ingress.local.set_uplink": [] }, capacity: 256 },
} as const satisfies Readonly<Record<string, TableShape>>;

/** Name of a table of the switch. */
export type TableName = keyof typeof tables;

/** All names, those first that others lead to. */
export const tableNames = Object.keys(tables) as readonly TableName[];

/** The shape of a table. */
export function tableShape(name: TableName): TableShape {
  return tables[name];
}

/** Whether this is a table that dpd fills. */
export function isTableName(name: string): name is TableName {
  return Object.hasOwn(tables, name);
}

/** What no two rows of a table have in common. */
export function rowIdentity({ key, priority }: Pick<Row, "key" | "priority">): string {
  return `${key.map(partText).join(" ")} ${priority}`;
}

/** Whether two rows of the same identity do the same. */
export function sameOutcome(one: Row, other: Row): boolean {
  return (
    one.action === other.action &&
    one.data.length === other.data.length &&
    one.data.every((value, at) => value === other.data[at])
  );
}

function partText(part: KeyPart): string {
  switch (part.kind) {
    case "exact":
      return part.value.toString(16);
    case "lpm":
      return `${part.value.toString(16)}/${part.length}`;
    case "ternary":
      return `${part.value.toString(16)}&${part.mask.toString(16)}`;
    case "range":
      return `${part.start}-${part.end}`;
  }
}
