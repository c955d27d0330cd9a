import { header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, flag, macField } from "./field.ts";
import { canonicalMac } from "./mac.ts";

/** Ethernet II (IEEE 802.3), without preamble and frame check sequence. */
export interface Ethernet {
  readonly layer: "ethernet";
  readonly dst: string;
  readonly src: string;
  /** Left out: that of the next layer. Below 0x600 it is a length, and what follows is payload. */
  readonly etherType?: number;
}

/** A VLAN tag (IEEE 802.1Q). Of two, say with the outer's carrier `etherType: 0x88a8` that it is a service tag. */
export interface Vlan {
  readonly layer: "vlan";
  /** Priority code point, 0 to 7. */
  readonly priority: number;
  readonly dropEligible: boolean;
  /** VLAN identifier, 0 to 4095. */
  readonly id: number;
  /** Left out: that of the next layer. */
  readonly etherType?: number;
}

/** An Ethernet header. Throws `PacketError` if an address is none. */
export function ethernet(fields: Omit<Ethernet, "layer">): Ethernet {
  return { layer: "ethernet", ...fields, dst: canonicalMac(fields.dst), src: canonicalMac(fields.src) };
}

/** A VLAN tag; priority 0 and not drop eligible unless said. */
export function vlan(fields: Partial<Vlan> & Pick<Vlan, "id">): Vlan {
  return { priority: 0, dropEligible: false, ...fields, layer: "vlan" };
}

const ethernetHeader = header<Omit<Ethernet, "layer">>({ dst: macField(), src: macField(), etherType: bits(16) });

const vlanTag = header<Omit<Vlan, "layer">>({
  priority: bits(3),
  dropEligible: flag(),
  id: bits(12),
  etherType: bits(16),
});

/** Reads and writes Ethernet headers. */
export const ethernetCodec: Codec<Ethernet> = {
  layer: "ethernet",
  title: "Ethernet",
  carriedBy: [{ etherType: 0x6558 }, { ipProtocol: 143 }],
  decode(bytes) {
    const decoded = ethernetHeader.decode(bytes);
    if (decoded === undefined) return `expected ${ethernetHeader.size} bytes, found ${bytes.length}`;
    const { values } = decoded;
    return {
      layer: { layer: "ethernet", ...values },
      headerLength: ethernetHeader.size,
      next: [{ space: "etherType", number: values.etherType ?? 0 }],
    };
  },
  derive: (_layer, { nextNumber }) => ({ etherType: nextNumber("etherType") }),
  encode: ethernetHeader.encode,
  faults: ethernetHeader.faults,
  describe: ({ src, dst }) => `Ethernet ${src} > ${dst}`,
};

/** Reads and writes VLAN tags. */
export const vlanCodec: Codec<Vlan> = {
  layer: "vlan",
  title: "VLAN",
  carriedBy: [{ etherType: 0x8100 }, { etherType: 0x88a8 }, { etherType: 0x9100 }],
  decode(bytes) {
    const decoded = vlanTag.decode(bytes);
    if (decoded === undefined) return `expected ${vlanTag.size} bytes, found ${bytes.length}`;
    const { values } = decoded;
    return {
      layer: { layer: "vlan", ...values },
      headerLength: vlanTag.size,
      next: [{ space: "etherType", number: values.etherType ?? 0 }],
    };
  },
  derive: (_layer, { nextNumber }) => ({ etherType: nextNumber("etherType") }),
  encode: vlanTag.encode,
  faults: vlanTag.faults,
  describe: ({ id }) => `VLAN ${id}`,
};
