import { type Body, copied, header, rest, sequence } from "./body.ts";
import { measured, text } from "./compound-body.ts";
import { packedEnvelope } from "./envelope.ts";
import { bits, bytesField, type Field, flags, named } from "./field.ts";
import { formatMac, parseMac } from "./mac.ts";
import type { OptionFormat } from "./option-list.ts";
import { faultOf } from "./packet-error.ts";
import { parseAddress } from "./prefix.ts";
import { formatAddress, textOrBytes } from "./text.ts";
import { variant } from "./variant.ts";

const chassisSubtypes = {
  "chassis-component": 1,
  "interface-alias": 2,
  "port-component": 3,
  "mac-address": 4,
  "network-address": 5,
  "interface-name": 6,
  local: 7,
} as const;

const portSubtypes = {
  "interface-alias": 1,
  "port-component": 2,
  "mac-address": 3,
  "network-address": 4,
  "interface-name": 5,
  "agent-circuit-id": 6,
  local: 7,
} as const;

/** What a system can do (IEEE 802.1AB section 8.5.8), the highest bit first. */
const capabilityNames = [
  ...(["reserved-15", "reserved-14", "reserved-13", "reserved-12", "reserved-11", "two-port-mac-relay"] as const),
  ...(["s-vlan", "c-vlan", "station", "docsis", "telephone", "router", "wlan-access-point", "bridge"] as const),
  ...(["repeater", "other"] as const),
] as const;

/** What a system can do. */
export type LldpCapability = (typeof capabilityNames)[number];

/** Which thing of the system an identifier names, and how. */
interface Identifier<Subtype extends string> {
  readonly subtype: Subtype | number;
  /** A MAC or IP address where `subtype` says so, else text; bytes if they are neither. */
  readonly id: string | Uint8Array;
}

/** Where a system can be managed (IEEE 802.1AB section 8.5.9). */
export interface ManagementAddress {
  /** An IPv4 or IPv6 address; bytes, number of the family included, for another. */
  readonly address: string | Uint8Array;
  readonly numbering: "unknown" | "interface-index" | "system-port" | number;
  readonly interfaceNumber: number;
  /** Object identifier in ASN.1 coding, often none. */
  readonly objectIdentifier: Uint8Array;
}

/** One piece of what a system says about itself (IEEE 802.1AB section 8.5). */
export type LldpTlv =
  | ({ readonly tlv: "chassis-id" } & Identifier<keyof typeof chassisSubtypes>)
  | ({ readonly tlv: "port-id" } & Identifier<keyof typeof portSubtypes>)
  /** How long the information holds; zero: not any more. */
  | { readonly tlv: "time-to-live"; readonly seconds: number }
  | { readonly tlv: "port-description"; readonly description: string }
  | { readonly tlv: "system-name"; readonly name: string }
  | { readonly tlv: "system-description"; readonly description: string }
  | {
      readonly tlv: "system-capabilities";
      readonly supported: readonly LldpCapability[];
      readonly enabled: readonly LldpCapability[];
    }
  | ({ readonly tlv: "management-address" } & ManagementAddress)
  /** `oui` is the organisation, three bytes. */
  | {
      readonly tlv: "organization";
      readonly oui: Uint8Array;
      readonly subtype: number;
      readonly data: Uint8Array;
    }
  | { readonly tlv: "unknown"; readonly type: number; readonly data: Uint8Array }
  | { readonly tlv: "unreadable"; readonly data: Uint8Array };

function identifier<Subtype extends string>(subtypes: Readonly<Record<Subtype, number>>): Body<Identifier<Subtype>> {
  const begin = header<{ subtype: Subtype | number }>({ subtype: named(8, subtypes) });
  return {
    decode(bytes) {
      const decoded = begin.decode(bytes);
      if (decoded === undefined || bytes.length === begin.size) return undefined;
      const { subtype } = decoded.values;
      return { values: { subtype, id: readId(subtype, bytes.subarray(begin.size)) }, length: bytes.length };
    },
    encode: ({ subtype, id }) => Buffer.concat([begin.encode({ subtype }), idBytes(subtype, id)]),
    faults({ subtype, id }) {
      const fault = faultOf(() => idBytes(subtype, id));
      return [...begin.faults({ subtype }), ...(fault === undefined ? [] : [`id: ${fault}`])];
    },
  };
}

function readId(subtype: string | number, bytes: Buffer): string | Uint8Array {
  if (typeof subtype === "number" || subtype === "agent-circuit-id") return copied(bytes);
  if (subtype === "mac-address") return bytes.length === 6 ? formatMac(bytes) : copied(bytes);
  return subtype === "network-address" ? readNetworkAddress(bytes) : textOrBytes(bytes);
}

function idBytes(subtype: string | number, id: string | Uint8Array): Uint8Array {
  if (typeof id !== "string") return id;
  if (subtype === "mac-address") return parseMac(id);
  return subtype === "network-address" ? networkAddressBytes(id) : Buffer.from(id, "utf8");
}

/** Address family numbers of IANA. */
const familyOfLength: ReadonlyMap<number, number> = new Map([
  [4, 1],
  [16, 2],
]);

function readNetworkAddress(bytes: Buffer): string | Uint8Array {
  const address = bytes.subarray(1);
  const isIp = familyOfLength.get(address.length) === bytes[0];
  return (isIp ? formatAddress(address) : undefined) ?? copied(bytes);
}

function networkAddressBytes(address: string | Uint8Array): Uint8Array {
  if (typeof address !== "string") return address;
  const bytes = parseAddress(address);
  return Buffer.concat([Buffer.of(familyOfLength.get(bytes.length) ?? 0), bytes]);
}

const networkAddress: Body<Pick<ManagementAddress, "address">> = {
  decode: (bytes) => ({ values: { address: readNetworkAddress(bytes) }, length: bytes.length }),
  encode: ({ address }) => Buffer.from(networkAddressBytes(address)),
  faults({ address }) {
    const fault = faultOf(() => networkAddressBytes(address));
    return fault === undefined ? [] : [`address: ${fault}`];
  },
};

const capabilities: Field<readonly LldpCapability[]> = flags(capabilityNames);

/** How the TLVs of LLDP are written. */
export const lldpTlvs: OptionFormat<LldpTlv, "tlv"> = {
  known: {
    "chassis-id": variant(1, identifier(chassisSubtypes)),
    "port-id": variant(2, identifier(portSubtypes)),
    "time-to-live": variant(3, header<{ seconds: number }>({ seconds: bits(16) })),
    "port-description": variant(4, text("description")),
    "system-name": variant(5, text("name")),
    "system-description": variant(6, text("description")),
    "system-capabilities": variant(
      7,
      header<{ supported: readonly LldpCapability[]; enabled: readonly LldpCapability[] }>({
        supported: capabilities,
        enabled: capabilities,
      }),
    ),
    "management-address": variant(
      8,
      sequence(
        measured(8, networkAddress),
        sequence(
          header<Pick<ManagementAddress, "numbering" | "interfaceNumber">>({
            numbering: named(8, { unknown: 1, "interface-index": 2, "system-port": 3 }),
            interfaceNumber: bits(32),
          }),
          measured(8, rest("objectIdentifier")),
        ),
      ),
    ),
    organization: variant(
      127,
      sequence(header<{ oui: Uint8Array; subtype: number }>({ oui: bytesField(3), subtype: bits(8) }), rest("data")),
    ),
  },
  envelope: packedEnvelope(7),
};
