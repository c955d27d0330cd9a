import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Bgp,
  bgp,
  build,
  canonicalIpv6,
  complete,
  type Dhcpv6Option,
  type DnsRecord,
  ethernet,
  type IaOption,
  ipv6,
  type Layer,
  lldp,
  lldpMac,
  type LldpTlv,
  type Packet,
  packet,
  type ProtocolName,
  tcp,
  udp,
} from "../../src/packet/index.ts";
import { anyBgpMessage } from "./arbitrary-bgp.ts";
import { anyDhcpv4, anyDhcpv6 } from "./arbitrary-dhcp.ts";
import { anyDns } from "./arbitrary-dns.ts";
import { anyBfd, anyLldp } from "./arbitrary-link.ts";
import { anyGeneve } from "./arbitrary-tunnel.ts";
import { hasTshark, tshark } from "./tshark.ts";

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const below = [link, ipv6({ src: "fe80::1", dst: "fe80::2" })];
const over = (srcPort: number, dstPort: number, ...above: readonly Layer[]): Packet =>
  packet(...below, udp({ srcPort, dstPort }), ...above);

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, "0")}`;
const bit = (value: boolean | undefined): string => (value === true ? "1" : "0");

/** Values that tshark prints for a packet, by column; lists with commas between. */
type Expected = Readonly<Record<string, string>>;

interface Case {
  readonly packets: fc.Arbitrary<Packet>;
  readonly expected: (whole: Packet) => Expected;
}

const cases: readonly (readonly [ProtocolName, Case])[] = [
  [
    "geneve",
    {
      packets: anyGeneve.map((layer) => over(50000, 6081, layer, link)),
      expected(whole) {
        const layer = whole.find("geneve");
        const known = { external: 0, multicast: 1, "maximum-segment-size": 2 };
        const options = layer?.options ?? [];
        return {
          "geneve.vni": hex(layer?.vni ?? 0, 6),
          "geneve.proto_type": "0x6558",
          "geneve.flags.oam": bit(layer?.control),
          "geneve.flags.critical": bit(layer?.critical),
          "geneve.option.class": options
            .map((each) => hex(each.option === "unknown" ? each.class : 0x0129, 4))
            .join(","),
          "geneve.option.type": options
            .flatMap((each) => {
              if (each.option === "unreadable") return [];
              return [hex(each.option === "unknown" ? each.type : known[each.option], 2)];
            })
            .join(","),
          "eth.src": `${link.src},${link.src}`,
        };
      },
    },
  ],
  [
    "lldp",
    {
      // tshark insists on the three that must come first.
      packets: anyLldp.map((layers) => {
        const tlvs: LldpTlv[] = [
          { tlv: "chassis-id", subtype: "mac-address", id: link.src },
          { tlv: "port-id", subtype: "interface-name", id: "net0" },
          { tlv: "time-to-live", seconds: 120 },
        ];
        const more = layers.flatMap((layer) => (layer.layer === "lldp" ? layer.tlvs : []));
        const repeatable = more.filter(({ tlv }) => tlv.startsWith("system") || tlv === "management-address");
        return packet({ ...link, dst: lldpMac }, lldp({ tlvs: [...tlvs, ...repeatable] }));
      }),
      expected(whole) {
        const tlvs = whole.find("lldp")?.tlvs ?? [];
        const addresses = tlvs.flatMap((each) => (each.tlv === "management-address" ? [each.address] : []));
        return {
          "lldp.chassis.id.mac": link.src,
          "lldp.port.id": "net0",
          "lldp.time_to_live": "120",
          "lldp.mgn.addr.ip4": addresses.filter((text) => String(text).includes(".")).join(","),
          "lldp.mgn.interface.number": tlvs
            .flatMap((each) => (each.tlv === "management-address" ? [each.interfaceNumber] : []))
            .join(","),
        };
      },
    },
  ],
  [
    "bfd",
    {
      packets: anyBfd.map((layer) => over(50000, 3784, layer)),
      expected(whole) {
        const layer = whole.find("bfd");
        const states = ["admin-down", "down", "init", "up"];
        return {
          "bfd.sta": hex(states.indexOf(String(layer?.state)), 2),
          "bfd.flags.p": bit(layer?.poll),
          "bfd.flags.f": bit(layer?.final),
          "bfd.flags.d": bit(layer?.demand),
          "bfd.flags.a": bit(layer?.authentication !== undefined),
          "bfd.message_length": String(24 + (layer?.authentication?.length ?? 0)),
          "bfd.my_discriminator": hex(layer?.myDiscriminator ?? 0, 8),
          "bfd.required_min_rx_interval": String(layer?.requiredMinRx),
        };
      },
    },
  ],
  [
    "bgp",
    {
      packets: fc
        .array(anyBgpMessage, { minLength: 1, maxLength: 3 })
        .map((messages) =>
          packet(...below, tcp({ srcPort: 50000, dstPort: 179, flags: ["ACK"] }), ...messages.map(bgp)),
        ),
      expected(whole) {
        const messages = whole.all("bgp");
        const attributes = messages.flatMap((each) => (each.message === "update" ? each.attributes : []));
        const opens = messages.flatMap((each) => (each.message === "open" ? [each] : []));
        return {
          "bgp.type": messages.map(bgpType).join(","),
          "bgp.open.identifier": opens.map(({ identifier }) => identifier).join(","),
          "bgp.open.holdtime": opens.map(({ holdTime }) => holdTime).join(","),
          "bgp.update.path_attribute.local_pref": attributes
            .flatMap((each) => (each.attribute === "local-preference" ? [each.preference] : []))
            .join(","),
          "bgp.update.path_attribute.next_hop": attributes
            .flatMap((each) => (each.attribute === "next-hop" ? [each.address] : []))
            .join(","),
        };
      },
    },
  ],
  [
    "dhcpv4",
    {
      packets: anyDhcpv4.map((layer) => over(68, 67, layer)),
      expected(whole) {
        const layer = whole.find("dhcpv4");
        return {
          "dhcp.id": hex(layer?.transactionId ?? 0, 8),
          "dhcp.hops": String(layer?.hops),
          "dhcp.flags.bc": bit(layer?.broadcast),
          "dhcp.ip.client": String(layer?.clientAddress),
          "dhcp.ip.your": String(layer?.yourAddress),
          "dhcp.option.interface_mtu": (layer?.options ?? [])
            .flatMap((each) => (each.option === "interface-mtu" ? [each.mtu] : []))
            .join(","),
          "dhcp.option.subnet_mask": (layer?.options ?? [])
            .flatMap((each) => (each.option === "subnet-mask" ? [each.mask] : []))
            .join(","),
        };
      },
    },
  ],
  [
    "dhcpv6",
    {
      packets: anyDhcpv6.map((layer) => over(546, 547, layer)),
      expected(whole) {
        const layer = whole.find("dhcpv6");
        const options = layer?.options ?? [];
        const relayed = options.some(({ option }) => option === "relay-message");
        return {
          ...(layer !== undefined && "transactionId" in layer && !relayed
            ? { "dhcpv6.xid": hex(layer.transactionId, 6) }
            : {}),
          "dhcpv6.iaaddr.valid_lifetime": options.flatMap(leases).join(","),
        };
      },
    },
  ],
  [
    "dns",
    {
      packets: anyDns.map((layer) => over(50000, 53, layer)),
      expected(whole) {
        const layer = whole.find("dns");
        const records = [...(layer?.answers ?? []), ...(layer?.authorities ?? []), ...(layer?.additionals ?? [])];
        const each = (pick: (record: DnsRecord) => readonly unknown[]): string => records.flatMap(pick).join(",");
        return {
          "dns.id": hex(layer?.id ?? 0, 4),
          "dns.flags.response": bit(layer?.response),
          "dns.count.queries": String(layer?.questions.length),
          "dns.a": each((record) => (record.type === "A" ? [record.address] : [])),
          "dns.aaaa": each((record) => (record.type === "AAAA" ? [record.address] : [])),
          "dns.srv.port": each((record) => (record.type === "SRV" ? [record.port] : [])),
          "dns.mx.preference": each((record) => (record.type === "MX" ? [record.preference] : [])),
          "dns.soa.serial_number": each((record) => (record.type === "SOA" ? [record.serial] : [])),
          // It takes a zero byte in a name for the name's end.
          ...(records.some((record) => record.type === "MX" && record.exchange.includes("\\000"))
            ? {}
            : { "dns.mx.mail_exchange": each((record) => (record.type === "MX" ? [unescaped(record.exchange)] : [])) }),
        };
      },
    },
  ],
];

function bgpType(layer: Bgp): number {
  const types = { open: 1, update: 2, notification: 3, keepalive: 4, "route-refresh": 5 };
  return layer.message === "other" ? layer.type : types[layer.message];
}

function leases(option: Dhcpv6Option): readonly number[] {
  if (option.option !== "ia-na" && option.option !== "ia-ta" && option.option !== "ia-pd") return [];
  return option.options.flatMap((each: IaOption) => (each.option === "ia-address" ? [each.validLifetime] : []));
}

/** A name as tshark writes it: the root by a word, and a dot in a label like one between labels. */
function unescaped(name: string): string {
  return name === "." ? "<Root>" : name.replace(/\\(\D)/g, "$1");
}

test.skipIf(!hasTshark).each(cases)(
  "tshark reads the same of 400 arbitrary messages of %s",
  (_, { packets, expected }) => {
    const sample = fc.sample(packets, { numRuns: 400, seed: 1 }).map(complete);
    const wanted = sample.map(expected);
    const columns = [...new Set(wanted.flatMap((each) => Object.keys(each)))];
    const read = tshark(sample.map(build), [...columns, "_ws.malformed"], "all");
    expect(read).toHaveLength(sample.length);
    let compared = 0;
    for (const [i, values] of wanted.entries()) {
      const found = read[i] ?? new Map<string, string>();
      // Some of what is drawn at random it holds for faulty, say bytes in an option of another vendor, and reads no further.
      if (found.get("_ws.malformed") !== "") continue;
      compared += 1;
      const frame = build(sample[i] ?? packet()).toString("hex");
      for (const [column, value] of Object.entries(values)) {
        expect(canonical(found.get(column) ?? ""), `${column} of ${frame}`).toBe(canonical(value));
      }
    }
    expect(compared).toBeGreaterThan(100);
  },
  60_000,
);

/** Addresses that begin with 96 zero bits are written by tshark with a dotted decimal end. */
function canonical(list: string): string {
  return list
    .split(",")
    .map((text) =>
      /^[0-9a-f:]*:[0-9a-f:.]*$/.test(text) && !/^([0-9a-f]{2}:){5}/.test(text) ? canonicalIpv6(text) : text,
    )
    .join(",");
}
