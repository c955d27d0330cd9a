import { linkLocalOfMac } from "../../../../packet/index.ts";
import { IpAddress, IpPrefix, MacAddress } from "../parse/address.ts";
import { isDomainName } from "./domain-name.ts";
import { OpteError } from "../port/opte-error.ts";

/** One external address whose ports are shared: the guest's block is `first` … `last`. */
export interface SnatConfiguration {
  readonly address: string;
  readonly first: number;
  readonly last: number;
}

/** The external addresses of one family. */
export interface ExternalIpConfiguration {
  readonly snat?: SnatConfiguration | undefined;
  readonly ephemeral?: string | undefined;
  readonly floating?: readonly string[] | undefined;
}

/** One family's addresses of a port. */
export interface FamilyConfiguration extends ExternalIpConfiguration {
  readonly subnet: string;
  readonly privateIp: string;
  readonly gatewayIp: string;
  /** Prefixes that the guest owns besides its address. */
  readonly attachedSubnets?: Readonly<Record<string, { readonly isExternal: boolean }>> | undefined;
  /** Prefixes that the guest forwards for. */
  readonly transitIps?: Readonly<Record<string, { readonly in: boolean; readonly out: boolean }>> | undefined;
}

/** What guests are told by DHCP. */
export interface DhcpConfiguration {
  readonly hostname?: string | undefined;
  readonly domain?: string | undefined;
  readonly searchList?: readonly string[] | undefined;
  readonly dns4?: readonly string[] | undefined;
  readonly dns6?: readonly string[] | undefined;
}

/** A port as the control plane describes it: JSON (specification, section 3, VpcCfg). */
export interface PortConfiguration {
  readonly guestMac: string;
  readonly gatewayMac: string;
  readonly vni: number;
  /** The sled's address on the underlay. */
  readonly underlayIp: string;
  /** Largest IP packet of the guest; 1500 unless said. */
  readonly mtu?: number | undefined;
  readonly ipv4?: FamilyConfiguration | undefined;
  readonly ipv6?: FamilyConfiguration | undefined;
  readonly dhcp?: DhcpConfiguration | undefined;
}

/** One family's addresses, read. */
export interface Family {
  readonly version: 4 | 6;
  readonly subnet: IpPrefix;
  readonly privateIp: IpAddress;
  readonly gatewayIp: IpAddress;
}

/** The parts of a port's configuration that stay, read. */
export interface PortIdentity {
  readonly guestMac: MacAddress;
  readonly gatewayMac: MacAddress;
  /** The gateway's link-local address, by its MAC address. */
  readonly gatewayLinkLocal: IpAddress;
  readonly vni: number;
  readonly underlayIp: IpAddress;
  readonly mtu: number;
  readonly ipv4: Family | undefined;
  readonly ipv6: Family | undefined;
  readonly dhcp: DhcpConfiguration;
}

/** Network identifiers that mean something. */
export const vnis = { boundary: 99, multicast: 77, largest: 0xff_ffff } as const;

/** Read a configuration. Throws {@link OpteError}, PortCreate, with all faults at once. */
export function portIdentity(name: string, configuration: PortConfiguration): PortIdentity {
  const faults: string[] = [];
  const attempt = <T>(field: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      faults.push(`${field}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const guestMac = attempt("guestMac", () => MacAddress.parse(configuration.guestMac));
  const gatewayMac = attempt("gatewayMac", () => MacAddress.parse(configuration.gatewayMac));
  const gatewayLinkLocal = attempt("gatewayMac", () => IpAddress.parse(linkLocalOfMac(configuration.gatewayMac)));
  const underlayIp = attempt("underlayIp", () => addressOf(configuration.underlayIp, 6));
  const family = (version: 4 | 6, given: FamilyConfiguration | undefined): Family | undefined =>
    given && attempt(`ipv${version}`, () => readFamily(version, given));
  const ipv4 = family(4, configuration.ipv4);
  const ipv6 = family(6, configuration.ipv6);
  const { vni, mtu = 1500, dhcp = {} } = configuration;
  faults.push(...dhcpFaults(dhcp));
  if (!Number.isInteger(vni) || vni < 0 || vni > vnis.largest) faults.push(`vni: expected 0 to 16777215, found ${vni}`);
  if (!Number.isInteger(mtu) || mtu < 576 || mtu > 65_535) faults.push(`mtu: expected 576 to 65535, found ${mtu}`);
  if (configuration.ipv4 === undefined && configuration.ipv6 === undefined) faults.push("expected ipv4 or ipv6");
  if (!guestMac || !gatewayMac || !gatewayLinkLocal || !underlayIp || faults.length > 0) {
    throw new OpteError("PortCreate", "create port", name, undefined, faults.join("; "));
  }
  return {
    guestMac,
    gatewayMac,
    gatewayLinkLocal,
    vni,
    underlayIp,
    mtu,
    ipv4,
    ipv6,
    dhcp,
  };
}

/** What is wrong with what guests are to be told: found here, so that no packet meets it. */
function dhcpFaults({ hostname, domain, searchList = [], dns4 = [], dns6 = [] }: DhcpConfiguration): readonly string[] {
  const names = [hostname, domain, ...searchList].filter((name) => name !== undefined && !isDomainName(name));
  const servers = [
    ...dns4.filter((text) => !isAddress(text, 4)).map((text) => `dns4: expected IPv4 address, found ${text}`),
    ...dns6.filter((text) => !isAddress(text, 6)).map((text) => `dns6: expected IPv6 address, found ${text}`),
  ];
  return [...names.map((name) => `dhcp: expected a domain name, found "${name ?? ""}"`), ...servers];
}

function isAddress(text: string, version: 4 | 6): boolean {
  try {
    return IpAddress.parse(text).family === version;
  } catch {
    return false;
  }
}

function readFamily(version: 4 | 6, given: FamilyConfiguration): Family {
  const subnet = IpPrefix.parse(given.subnet);
  if (subnet.family !== version) throw new Error(`expected IPv${version} VPC subnet`);
  return {
    version,
    subnet,
    privateIp: addressOf(given.privateIp, version),
    gatewayIp: addressOf(given.gatewayIp, version, `expected IPv${version} gateway IP`),
  };
}

/** An address of one family. Throws an Error for another. */
export function addressOf(text: string, version: 4 | 6, complaint = `expected IPv${version} address`): IpAddress {
  const address = IpAddress.parse(text);
  if (address.family !== version) throw new Error(`${complaint}, found ${text}`);
  return address;
}
