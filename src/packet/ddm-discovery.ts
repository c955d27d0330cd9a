import { header, sequence } from "./body.ts";
import { bodyCodec } from "./body-codec.ts";
import type { Codec } from "./codec.ts";
import { measured, text } from "./compound-body.ts";
import { bits, flag, named, spare, spareFlag } from "./field.ts";

/** The UDP port of DDM discovery, of source and destination. */
export const ddmDiscoveryPort = 0x0ddd;

/** The TCP port at which DDM routers exchange prefixes. */
export const ddmExchangePort = 0xdddd;

/** The group to which routers of the link send solicitations. */
export const ddmDiscoveryGroup = "ff02::dd";

/** A message with which DDM routers find each other on a link: a solicitation to the group, an advertisement as the answer. */
export interface DdmDiscovery {
  readonly layer: "ddm-discovery";
  readonly version: number;
  /** Five spare bits; absent if zero. */
  readonly reserved?: number;
  /** The router can exchange multicast groups; absent if not. */
  readonly multicast?: boolean;
  readonly advertise: boolean;
  readonly solicit: boolean;
  /** A server originates and imports prefixes, a transit router passes them on too. */
  readonly router: "server" | "transit" | number;
  /** At most 255 bytes of UTF-8. */
  readonly hostname: string;
}

/** A DDM discovery message of version 2; neither solicitation nor advertisement unless said. */
export function ddmDiscovery(fields: Partial<DdmDiscovery> & Pick<DdmDiscovery, "router" | "hostname">): DdmDiscovery {
  return { version: 2, advertise: false, solicit: false, ...fields, layer: "ddm-discovery" };
}

/** Reads and writes DDM discovery messages. */
export const ddmDiscoveryCodec: Codec<DdmDiscovery> = bodyCodec<DdmDiscovery>(
  {
    layer: "ddm-discovery",
    title: "DDM discovery",
    carriedBy: [{ udpPort: ddmDiscoveryPort }],
    describe({ advertise, solicit, router, hostname }) {
      const kind = [...(solicit ? ["solicitation"] : []), ...(advertise ? ["advertisement"] : [])].join(" and ");
      return `DDM ${kind === "" ? "discovery" : kind} from ${kindOf(router)} ${hostname}`;
    },
  },
  sequence(
    header<Omit<DdmDiscovery, "layer" | "hostname">>({
      version: bits(8),
      reserved: spare(5),
      multicast: spareFlag(),
      advertise: flag(),
      solicit: flag(),
      router: named(8, { server: 0, transit: 1 }),
    }),
    measured(8, text("hostname")),
  ),
);

function kindOf(router: DdmDiscovery["router"]): string {
  return typeof router === "number" ? `router of kind ${router}` : router;
}
