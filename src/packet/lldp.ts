import type { Codec } from "./codec.ts";
import { type LldpTlv, lldpTlvs } from "./lldp-tlv.ts";
import { variantList } from "./option-list.ts";

/** What a neighbour says about itself by the link layer discovery protocol (IEEE 802.1AB). */
export interface Lldp {
  readonly layer: "lldp";
  /** In the order of the wire, chassis, port and time to live first; the end of the list is not one. */
  readonly tlvs: readonly LldpTlv[];
}

/** The address that LLDP frames are sent to: the nearest bridge. */
export const lldpMac = "01:80:c2:00:00:0e";

/** An LLDP data unit. */
export function lldp(fields: Omit<Lldp, "layer">): Lldp {
  return { layer: "lldp", ...fields };
}

const tlvsBody = variantList("tlvs", "tlv", lldpTlvs);
const endTlv = Buffer.of(0, 0);

/** Reads and writes LLDP. */
export const lldpCodec: Codec<Lldp> = {
  layer: "lldp",
  title: "LLDP",
  carriedBy: [{ etherType: 0x88cc }],
  decode(bytes) {
    const end = endOf(bytes);
    if (end === undefined) return "no end of the TLVs";
    const { tlvs = [] } = tlvsBody.decode(bytes.subarray(0, end))?.values ?? {};
    const length = end + endTlv.length;
    return { layer: { layer: "lldp", tlvs }, headerLength: length, end: length };
  },
  derive: () => ({}),
  encode: (layer) => Buffer.concat([tlvsBody.encode(layer), endTlv]),
  faults: tlvsBody.faults,
  describe({ tlvs }) {
    return `LLDP${tlvs.map(tlvText).join("")}`;
  },
};

function endOf(bytes: Buffer): number | undefined {
  let at = 0;
  for (;;) {
    const tlv = lldpTlvs.envelope.read(bytes.subarray(at));
    if (tlv === undefined || at + tlv.end > bytes.length) return undefined;
    if (tlv.type === 0) return tlv.end === endTlv.length ? at : undefined;
    at += tlv.end;
  }
}

function tlvText(tlv: LldpTlv): string {
  switch (tlv.tlv) {
    case "chassis-id":
      return ` chassis ${idText(tlv.id)}`;
    case "port-id":
      return ` port ${idText(tlv.id)}`;
    case "time-to-live":
      return ` ttl ${tlv.seconds} s`;
    case "system-name":
      return ` name ${tlv.name}`;
    case "port-description":
    case "system-description":
    case "system-capabilities":
    case "management-address":
    case "organization":
    case "unknown":
    case "unreadable":
      return "";
  }
}

function idText(id: string | Uint8Array): string {
  return typeof id === "string" ? id : Buffer.from(id).toString("hex");
}
