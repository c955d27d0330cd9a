import {
  build,
  canonicalMac,
  ethernet,
  lldp,
  type LldpCapability,
  lldpMac,
  type LldpTlv,
  packet,
  parse,
} from "../../../packet/index.ts";

/** What a system says about itself on one of its ports. */
export interface LocalInformation {
  /** Chassis id (chassis component) and system name. */
  readonly systemName: string;
  readonly systemDescription: string;
  readonly capabilities: readonly LldpCapability[];
  /** Port id (interface name). */
  readonly interfaceName: string;
  /** Of the interface; the source of frames. */
  readonly mac: string;
}

/** What a neighbour says about itself. */
export interface RemoteInformation {
  readonly chassisSubtype: string;
  readonly chassisId: string;
  readonly portSubtype: string;
  readonly portId: string;
  /** How long it holds, seconds; zero: not any more. */
  readonly timeToLive: number;
  readonly portDescription: string | undefined;
  readonly systemName: string | undefined;
  readonly systemDescription: string | undefined;
  readonly capabilitiesSupported: readonly LldpCapability[];
  readonly capabilitiesEnabled: readonly LldpCapability[];
  readonly managementAddresses: readonly string[];
  /** TLVs whose type is not known here. */
  readonly unknownTlvs: number;
}

const longestTlvBytes = 255;

/** The frame that says what a system is, for so many seconds; zero: that this does not hold any more. */
export function lldpFrame(information: LocalInformation, timeToLive: number): Buffer {
  const { systemName, systemDescription, capabilities, interfaceName, mac } = information;
  const name = cut(systemName);
  const identity: readonly LldpTlv[] = [
    { tlv: "chassis-id", subtype: "chassis-component", id: name },
    { tlv: "port-id", subtype: "interface-name", id: interfaceName },
    { tlv: "time-to-live", seconds: timeToLive },
  ];
  // A shutdown says nothing else (IEEE 802.1AB, section 9.1.2.2).
  const rest: readonly LldpTlv[] =
    timeToLive === 0
      ? []
      : [
          { tlv: "system-name", name },
          { tlv: "system-description", description: cut(systemDescription) },
          { tlv: "system-capabilities", supported: capabilities, enabled: capabilities },
        ];
  return build(packet(ethernet({ dst: lldpMac, src: mac }), lldp({ tlvs: [...identity, ...rest] })));
}

/** As much of a text as an identifier has room for, without half a character. */
function cut(text: string): string {
  const bytes = Buffer.from(text, "utf8").subarray(0, longestTlvBytes);
  return bytes.toString("utf8").replace(/\uFFFD+$/, "");
}

/**
 * What a frame says, by the rules of IEEE 802.1AB, section 9.2.7.7.2: chassis, port and time to live come first and once, and
 * no TLV goes beyond the end. A string says why the frame is to be discarded.
 */
export function readLldpFrame(bytes: Uint8Array): RemoteInformation | string {
  const body = bodyOf(bytes);
  if (typeof body === "string") return body;
  const { tlvs } = body;
  const [chassis, port, ttl, ...rest] = tlvs;
  if (chassis?.tlv !== "chassis-id") return "the first TLV is no chassis id";
  if (port?.tlv !== "port-id") return "the second TLV is no port id";
  if (ttl?.tlv !== "time-to-live") return "the third TLV is no time to live";
  if (rest.some(({ tlv }) => tlv === "chassis-id" || tlv === "port-id" || tlv === "time-to-live")) {
    return "a TLV that may come once came twice";
  }
  const find = <Name extends LldpTlv["tlv"]>(name: Name): Extract<LldpTlv, { tlv: Name }> | undefined =>
    rest.find((tlv): tlv is Extract<LldpTlv, { tlv: Name }> => tlv.tlv === name);
  const capabilities = find("system-capabilities");
  return {
    chassisSubtype: String(chassis.subtype),
    chassisId: textOf(chassis.id),
    portSubtype: String(port.subtype),
    portId: textOf(port.id),
    timeToLive: ttl.seconds,
    portDescription: find("port-description")?.description,
    systemName: find("system-name")?.name,
    systemDescription: find("system-description")?.description,
    capabilitiesSupported: capabilities?.supported ?? [],
    capabilitiesEnabled: capabilities?.enabled ?? [],
    managementAddresses: rest.flatMap((tlv) => (tlv.tlv === "management-address" ? [textOf(tlv.address)] : [])),
    unknownTlvs: rest.filter(({ tlv }) => tlv === "unknown" || tlv === "organization").length,
  };
}

function bodyOf(bytes: Uint8Array): { readonly tlvs: readonly LldpTlv[] } | string {
  const found = parse(withEnd(bytes));
  const eth = found.find("ethernet");
  if (eth === undefined || !groups.has(canonicalMac(eth.dst))) return "not sent to a group of LLDP";
  const body = found.layers[1];
  if (body?.layer === "lldp") return body;
  return body?.layer === "malformed" ? body.reason : "no LLDP";
}

/** Nearest bridge, nearest non-TPMR bridge, nearest customer bridge (IEEE 802.1AB, section 7.1). */
const groups: ReadonlySet<string> = new Set([lldpMac, "01:80:c2:00:00:03", "01:80:c2:00:00:00"]);

const ethernetBytes = 14;

/** The end of the TLVs may be left out where the frame ends (IEEE 802.1AB, section 8.5.1); here it is always there. */
function withEnd(bytes: Uint8Array): Uint8Array {
  let at = ethernetBytes;
  while (at + 2 <= bytes.length) {
    const header = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (header >> 9 === 0) return bytes;
    at += 2 + (header & 0x1ff);
  }
  return at === bytes.length ? Buffer.concat([bytes, Buffer.alloc(2)]) : bytes;
}

function textOf(id: string | Uint8Array): string {
  return typeof id === "string" ? id : Buffer.from(id).toString("hex");
}
