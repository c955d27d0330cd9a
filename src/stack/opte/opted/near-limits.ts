import type { VpcPort } from "../engine/vpc/vpc-port.ts";

/** Something of a port that is nearly used up. */
export interface NearLimit {
  readonly port: string;
  /** `uft in`, `uft out`, `tcp flows`, `LAYER flows`, `snat ipv4 udp`, …. */
  readonly resource: string;
  /** How much of it there is. */
  readonly limit: number;
}

/** The share of a limit from which on it is near, and below which it is not any more. */
const near = { from: 0.9, below: 0.8 } as const;

/** Whether the same resource of the same port is in a list. */
export function isAmong(list: readonly NearLimit[], { port, resource }: NearLimit): boolean {
  return list.some((one) => one.port === port && one.resource === resource);
}

/** What of the ports is near its limit; what was, `before`, is so for a little longer, so that it does not come and go. */
export function nearLimits(before: readonly NearLimit[], ports: readonly VpcPort[]): readonly NearLimit[] {
  return ports.flatMap((port) =>
    usesOf(port).flatMap(({ resource, used, limit }) => {
      const one = { port: port.name, resource, limit };
      return limit > 0 && used >= (isAmong(before, one) ? near.below : near.from) * limit ? [one] : [];
    }),
  );
}

/** How much of a port's tables and of its blocks of ports is used. */
function usesOf(
  port: VpcPort,
): readonly { readonly resource: string; readonly used: number; readonly limit: number }[] {
  const { store, layers } = port.port;
  return [
    { resource: "uft in", used: store.uftIn.size, limit: store.uftIn.limit },
    { resource: "uft out", used: store.uftOut.size, limit: store.uftOut.limit },
    { resource: "tcp flows", used: store.tcp.size, limit: store.tcp.limit },
    ...layers.map(({ name, spec: { limit } }, index) => ({
      ...{ resource: `${name} flows`, used: store.layers[index]?.size ?? 0, limit },
    })),
    ...snatUses(port).map(({ family, protocol, used, limit }) => ({
      resource: snatResource(family, protocol),
      used,
      limit,
    })),
  ];
}

function snatResource(family: 4 | 6, protocol: string): string {
  return `snat ipv${family} ${protocol}`;
}

const protocols = ["tcp", "udp", "icmp"] as const;

/** Ports of a block that a guest may use for a protocol, and uses. */
export interface SnatUse {
  readonly family: 4 | 6;
  readonly protocol: (typeof protocols)[number];
  readonly used: number;
  readonly limit: number;
}

/** How much of its blocks of ports a guest uses. */
export function snatUses(port: VpcPort): readonly SnatUse[] {
  return ([4, 6] as const).flatMap((family) => {
    const pool = port.external(family).snat?.pool;
    if (pool === undefined) return [];
    const limit = pool.last - pool.first + 1;
    return protocols.map((protocol) => ({ family, protocol, used: limit - pool.free(protocol), limit }));
  });
}
