import fc from "fast-check";
import { expect, test } from "vitest";
import { build, canonicalIpv6, complete, Packet } from "../../src/packet/index.ts";
import { anyPacket } from "./arbitrary-packet.ts";
import { hasTshark, tshark } from "./tshark.ts";

const columns = [
  ...["eth.dst", "eth.type", "ipv6.src", "ipv6.hlim", "ipv6.plen", "ip.src", "ip.ttl", "ip.len", "ip.dsfield.dscp"],
  ...["udp.dstport", "tcp.seq_raw", "tcp.flags", "ip.checksum.status", "udp.checksum.status", "tcp.checksum.status"],
  ...["icmpv6.checksum.status", "icmpv6.type"],
] as const;

/** The layers up to the first that tshark does not know. */
function readable({ layers }: Packet): Packet {
  const foreign = layers.findIndex(({ layer }) => layer === "sidecar" || layer === "ddm");
  return new Packet(foreign < 0 ? layers : layers.slice(0, foreign));
}

/** What this folder thinks that tshark will say; undefined where it does not matter. */
function expectations(packet: Packet): Partial<Record<(typeof columns)[number], string>> {
  const whole = readable(complete(packet));
  const six = whole.find("ipv6");
  const four = whole.find("ipv4");
  return {
    "eth.dst": whole.find("ethernet")?.dst ?? "",
    ...(six === undefined
      ? {}
      : { "ipv6.src": six.src, "ipv6.hlim": String(six.hopLimit), "ipv6.plen": String(six.payloadLength) }),
    ...(four === undefined
      ? {}
      : {
          "ip.src": four.src,
          "ip.ttl": String(four.ttl),
          "ip.len": String(four.totalLength),
          "ip.dsfield.dscp": String(four.dscp),
        }),
  };
}

/** Older and newer versions say it in different ways. */
const good = /^(1|Good)$/;
const bad = /^(0|Bad)$/;

const summed = { ipv4: "ip", udp: "udp", tcp: "tcp", icmpv6: "icmpv6" } as const;

/** Whether tshark judges all checksums: not those of fragments, nor behind extension headers drawn at random. */
function isPlain({ layers }: Packet): boolean {
  const plain = ["ethernet", "vlan", "ipv4", "ipv6", "udp", "tcp", "icmpv6", "payload", "padding"];
  return layers.every((layer) => plain.includes(layer.layer) && !("moreFragments" in layer && layer.moreFragments));
}

test.skipIf(!hasTshark)(
  "tshark reads the same of 1500 arbitrary packets, and finds the checksums right",
  () => {
    const packets = fc.sample(anyPacket, { numRuns: 1500, seed: 1 });
    const read = tshark(packets.map(build), columns, "first");
    expect(read).toHaveLength(packets.length);
    const judged = new Set<string>();
    for (const [i, packet] of packets.entries()) {
      const found = read[i] ?? new Map<string, string>();
      const hex = build(packet).toString("hex");
      for (const [column, value] of Object.entries(expectations(packet))) {
        const text = found.get(column) ?? "";
        // Addresses that begin with 96 zero bits are written there with a dotted decimal end.
        const written = column === "ipv6.src" && text !== "" ? canonicalIpv6(text) : text;
        expect(written, `${column} of ${hex}`).toBe(value);
      }
      for (const [name, protocol] of Object.entries(summed)) {
        const status = found.get(`${protocol}.checksum.status`);
        expect(status, `${name} checksum of ${hex}`).not.toMatch(bad);
        if (!isPlain(packet) || !packet.layers.some(({ layer }) => layer === name)) continue;
        expect(status, `${name} checksum of ${hex}`).toMatch(good);
        judged.add(name);
      }
    }
    expect([...judged].toSorted()).toEqual(Object.keys(summed).toSorted());
  },
  60_000,
);
