import { header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, bytesField, named, spare } from "./field.ts";

/** Why a frame passes between the switch and its processor. */
export type SidecarCode =
  "from-userspace" | "to-userspace" | "icmp-needed" | "arp-needed" | "neighbor-needed" | "invalid";

/**
 * The header between Ethernet and what a frame carried, with which a switch gives frames to its processor and takes them
 * from there (EtherType 0x0901).
 */
export interface Sidecar {
  readonly layer: "sidecar";
  readonly code: SidecarCode | number;
  /** Spare byte; absent if zero. */
  readonly padding?: number;
  /** Port on which the frame came in. */
  readonly ingress: number;
  /** Port by which the frame is to leave. */
  readonly egress: number;
  /** The frame's own EtherType. Left out: that of the next layer. */
  readonly etherType?: number;
  /** What the code needs, 16 bytes: the next hop to resolve (IPv4 in the last four), or type and code of an ICMP message. */
  readonly data: Uint8Array;
}

/** A sidecar header: ports 0 and no data unless said. */
export function sidecar(fields: Partial<Sidecar> & Pick<Sidecar, "code">): Sidecar {
  const { data = new Uint8Array(16) } = fields;
  return { ingress: 0, egress: 0, ...fields, layer: "sidecar", data: Uint8Array.from(data) };
}

const fixed = header<Omit<Sidecar, "layer">>({
  code: named(8, {
    "from-userspace": 0,
    "to-userspace": 1,
    "icmp-needed": 2,
    "arp-needed": 3,
    "neighbor-needed": 4,
    invalid: 0xff,
  }),
  padding: spare(8),
  ingress: bits(16),
  egress: bits(16),
  etherType: bits(16),
  data: bytesField(16),
});

/** Reads and writes sidecar headers. */
export const sidecarCodec: Codec<Sidecar> = {
  layer: "sidecar",
  title: "sidecar header",
  carriedBy: [{ etherType: 0x0901 }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected ${fixed.size} bytes, found ${bytes.length}`;
    const { values } = decoded;
    return {
      layer: { layer: "sidecar", ...values },
      headerLength: fixed.size,
      next: [{ space: "etherType", number: values.etherType ?? 0 }],
    };
  },
  derive: (_layer, { nextNumber }) => ({ etherType: nextNumber("etherType") }),
  encode: fixed.encode,
  faults: fixed.faults,
  describe({ code, ingress, egress }) {
    const what = typeof code === "number" ? `code ${code}` : code.replaceAll("-", " ");
    return `sidecar ${what} ingress ${ingress} egress ${egress}`;
  },
};
