import { canonicalIpv6, parsePrefix } from "../../packet/index.ts";

/** An address of the underlay in a configuration, and where it is written. */
export interface PlacedAddress {
  /** The rack's name; undefined for what is to be found by all racks. */
  readonly rack: string | undefined;
  readonly address: string;
  readonly path: readonly (string | number)[];
}

/** Something that cannot be, and where. */
export interface PlacedFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * What is wrong with the addresses of racks: each rack has one /56 of its own, service discovery another, and each node of a rack a /64
 * (RFD 63, "Physical Network Architecture", "Multi-Rack Deployments"). A rack that joins with the /56 of another would take its
 * packets.
 */
export function rackPrefixFaults(addresses: readonly PlacedAddress[]): readonly PlacedFault[] {
  const faults: PlacedFault[] = [];
  const owners = new Map<string, string>();
  const ranges = new Map<string, string>();
  const nodes = new Set<string>();
  for (const { rack, address, path } of addresses) {
    const owner = rack ?? "service discovery";
    const range = prefixOf(address, 56);
    const node = prefixOf(address, 64);
    const other = owners.get(range);
    const own = ranges.get(owner);
    if (other !== undefined && other !== owner) {
      faults.push({ path, message: `expected an address outside of ${range}, which is that of ${other}` });
    } else if (own !== undefined && own !== range) {
      faults.push({ path, message: `expected an address in ${own}, which is that of ${owner}` });
    } else if (rack !== undefined && nodes.has(node))
      faults.push({ path, message: `expected a /64 of its own, found ${node} a second time` });
    else {
      owners.set(range, owner);
      ranges.set(owner, range);
      nodes.add(node);
    }
  }
  return faults;
}

function prefixOf(address: string, length: number): string {
  return `${canonicalIpv6(parsePrefix(`${address}/${length}`).address)}/${length}`;
}
