import { Transform } from "../layer/transform.ts";
import type { IpAddress } from "../parse/address.ts";
import { addressOf, type ExternalIpConfiguration } from "./configuration.ts";
import { SnatPool } from "./snat-pool.ts";

/** The external addresses of one family of a port, read. */
export interface ExternalIps {
  readonly snat: Snat | undefined;
  readonly ephemeral: IpAddress | undefined;
  readonly floating: readonly IpAddress[];
}

/** An external address whose ports the guest has a block of. */
export class Snat {
  readonly address: IpAddress;
  readonly pool: SnatPool;
  /** The same for all flows: their ports are in their descriptors. */
  readonly outbound: Transform;
  #inbound: Transform | undefined;

  constructor(address: IpAddress, pool: SnatPool) {
    this.address = address;
    this.pool = pool;
    this.outbound = new Transform({ name: "SNAT", source: address });
  }

  inbound(privateIp: IpAddress): Transform {
    return (this.#inbound ??= new Transform({ name: "SNAT", destination: privateIp }));
  }
}

export const noExternalIps: ExternalIps = { snat: undefined, ephemeral: undefined, floating: [] };

/**
 * Read the external addresses of a family. A block that stays keeps its pool, so that ports in use are not given out
 * twice. Throws an Error for an address of another family or a block that is none.
 */
export function externalIps(version: 4 | 6, given: ExternalIpConfiguration, before: ExternalIps): ExternalIps {
  return {
    snat: given.snat === undefined ? undefined : readSnat(version, given.snat, before.snat),
    ephemeral: given.ephemeral === undefined ? undefined : addressOf(given.ephemeral, version),
    floating: (given.floating ?? []).map((text) => addressOf(text, version)),
  };
}

function readSnat(
  version: 4 | 6,
  { address: text, first, last }: NonNullable<ExternalIpConfiguration["snat"]>,
  before: Snat | undefined,
): Snat {
  const address = addressOf(text, version);
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last <= 0xffff)) {
    throw new Error(`expected SNAT ports 0 <= first <= last <= 65535, found ${first}-${last}`);
  }
  const { pool } = before ?? {};
  if (before?.address.equals(address) && pool?.first === first && pool.last === last) return before;
  return new Snat(address, new SnatPool(first, last));
}

/** Whether an address is one of the 1:1 addresses. */
export function isOneToOne({ ephemeral, floating }: ExternalIps, address: IpAddress): boolean {
  return ephemeral?.equals(address) === true || floating.some((each) => each.equals(address));
}

/** Internet gateways by the external address that leads through them; those of an address that is absent: plain `ig`. */
export type InternetGateways = ReadonlyMap<string, ReadonlySet<string>>;

/** The addresses that leave by each router target. */
export function addressesByTarget(
  addresses: readonly IpAddress[],
  gateways: InternetGateways,
): ReadonlyMap<string, readonly IpAddress[]> {
  const byTarget = new Map<string, IpAddress[]>();
  for (const address of addresses) {
    const names = gateways.get(address.text);
    const targets = names === undefined ? ["ig"] : [...names].map((name) => `ig=${name}`);
    for (const target of targets) byTarget.set(target, [...(byTarget.get(target) ?? []), address]);
  }
  return byTarget;
}
