import { header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, ipv4Field, macField, named } from "./field.ts";
import { canonicalIpv4 } from "./ipv4-address.ts";
import { canonicalMac, zeroMac } from "./mac.ts";

/** Address resolution of IPv4 over Ethernet (RFC 826). */
export interface Arp {
  readonly layer: "arp";
  readonly operation: "request" | "reply" | number;
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

/** An ARP packet; `targetMac` is zero unless said, as in a request. Throws `PacketError` if an address is none. */
export function arp(fields: Omit<Arp, "layer" | "targetMac"> & Partial<Pick<Arp, "targetMac">>): Arp {
  return {
    layer: "arp",
    ...fields,
    senderMac: canonicalMac(fields.senderMac),
    senderIp: canonicalIpv4(fields.senderIp),
    targetMac: canonicalMac(fields.targetMac ?? zeroMac),
    targetIp: canonicalIpv4(fields.targetIp),
  };
}

const kinds = { hardwareType: 1, protocolType: 0x0800, hardwareLength: 6, protocolLength: 4 };

const kindsHeader = header<typeof kinds>({
  hardwareType: bits(16),
  protocolType: bits(16),
  hardwareLength: bits(8),
  protocolLength: bits(8),
});

const addressesHeader = header<Omit<Arp, "layer">>({
  operation: named(16, { request: 1, reply: 2 }),
  senderMac: macField(),
  senderIp: ipv4Field(),
  targetMac: macField(),
  targetIp: ipv4Field(),
});

const size = kindsHeader.size + addressesHeader.size;
const kindsBytes = kindsHeader.encode(kinds);

/** Reads and writes ARP. */
export const arpCodec: Codec<Arp> = {
  layer: "arp",
  title: "ARP",
  carriedBy: [{ etherType: 0x0806 }],
  decode(bytes) {
    const decoded = addressesHeader.decode(bytes.subarray(kindsHeader.size));
    if (decoded === undefined) return `expected ${size} bytes, found ${bytes.length}`;
    if (!bytes.subarray(0, kindsHeader.size).equals(kindsBytes)) return "not of IPv4 over Ethernet";
    return { layer: { layer: "arp", ...decoded.values }, headerLength: size, end: size };
  },
  derive: () => ({}),
  encode: (layer) => Buffer.concat([kindsBytes, addressesHeader.encode(layer)]),
  faults: addressesHeader.faults,
  describe({ operation, senderMac, senderIp, targetMac, targetIp }) {
    if (operation === "request") return `ARP who has ${targetIp}? tell ${senderIp}`;
    if (operation === "reply") return `ARP ${senderIp} is at ${senderMac}`;
    return `ARP operation ${operation} ${senderIp} (${senderMac}) > ${targetIp} (${targetMac})`;
  },
};
