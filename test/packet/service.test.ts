import { describe as suite, expect, test } from "vitest";
import {
  build,
  describe,
  dhcpv4,
  type Dhcpv4Option,
  dhcpv6,
  dns,
  explain,
  ipv4,
  ipv6,
  type Layer,
  packet,
  PacketError,
  parse,
  payload,
  udp,
} from "../../src/packet/index.ts";

/*
 * Messages laid out by hand from the pictures of the RFCs, and the ones that OPTE is known to send; the headers below them
 * have golden tests of their own.
 */

const v6 = ipv6({ src: "fe80::1", dst: "ff02::1:2" });
const guestMac = "a8:40:25:f0:00:01";
const gatewayDuid = { duid: "link-layer", hardwareType: 1, mac: "a8:40:25:ff:77:77" } as const;
const clientDuid = { duid: "link-layer-time", hardwareType: 1, time: 0x01020304, mac: guestMac } as const;
const forever = 0xffffffff;
const zeros = (length: number): string => "00".repeat(length);

const discover = dhcpv4({
  operation: "request",
  transactionId: 0x3903f326,
  clientMac: guestMac,
  broadcast: true,
  options: [
    { option: "message-type", message: "discover" },
    { option: "client-identifier", hardwareType: 1, id: guestMac },
    { option: "parameter-request-list", types: [1, 3, 121] },
  ],
  trailer: new Uint8Array(4),
});
const offer = dhcpv4({
  operation: "reply",
  transactionId: 0x3903f326,
  clientMac: guestMac,
  yourAddress: "172.30.0.5",
  serverAddress: "172.30.0.1",
  options: [
    { option: "message-type", message: "offer" },
    { option: "subnet-mask", mask: "255.255.255.255" },
    { option: "routers", addresses: ["172.30.0.1"] },
    { option: "server-identifier", address: "172.30.0.1" },
    { option: "lease-time", seconds: 86400 },
    { option: "dns-servers", addresses: ["8.8.8.8", "1.1.1.1"] },
    {
      option: "classless-routes",
      routes: [
        { destination: "172.30.0.1/32", router: "0.0.0.0" },
        { destination: "0.0.0.0/0", router: "172.30.0.1" },
      ],
    },
    { option: "host-name", name: "myhost" },
    { option: "interface-mtu", mtu: 1500 },
    { option: "domain-search", domains: ["oxide.computer"] },
    { option: "unknown", type: 252, data: Uint8Array.of(1) },
  ],
});
const response = dns({
  id: 0x1234,
  response: true,
  recursionAvailable: true,
  questions: [{ name: "www.example.com", type: "A", class: "IN" }],
  answers: [
    { name: "www.example.com", class: "IN", ttl: 60, type: "CNAME", target: "web.example.com" },
    { name: "web.example.com", class: "IN", ttl: 60, type: "A", address: "192.0.2.1" },
  ],
  authorities: [{ name: "example.com", class: "IN", ttl: 3600, type: "NS", target: "ns.example.com" }],
  additionals: [{ type: "OPT", udpPayloadSize: 1232, extendedRcode: 0, version: 0, dnssecOk: true, options: [] }],
});
const responseHex = `1234 8180 0001 0002 0001 0001
  03777777 076578616d706c65 03636f6d 00 0001 0001
  c00c 0005 0001 0000003c 0006 03776562 c010
  c02d 0001 0001 0000003c 0004 c0000201
  c010 0002 0001 00000e10 0005 026e73 c010
  00 0029 04d0 00 00 8000 0000`;

const vectors: readonly (readonly [name: string, ports: readonly [number, number], layer: Layer, hex: string])[] = [
  [
    "a DHCP discover, filled up (RFC 2131, RFC 2132)",
    [68, 67],
    discover,
    `01 01 06 00 3903f326 0000 8000 ${zeros(16)} a84025f00001 ${zeros(10 + 64 + 128)} 63825363
     35 01 01  3d 07 01 a84025f00001  37 03 01 03 79  ff ${zeros(4)}`,
  ],
  [
    "the DHCP offer of OPTE with classless routes (RFC 3442)",
    [67, 68],
    offer,
    `02 01 06 00 3903f326 0000 0000 00000000 ac1e0005 ac1e0001 00000000 a84025f00001 ${zeros(10 + 64 + 128)} 63825363
     35 01 02  01 04 ffffffff  03 04 ac1e0001  36 04 ac1e0001  33 04 00015180  06 08 08080808 01010101
     79 0e 20 ac1e0001 00000000 00 ac1e0001  0c 06 6d79686f7374  1a 02 05dc
     77 10 056f78696465 08636f6d7075746572 00  fc 01 01  ff`,
  ],
  [
    "a DHCPv6 solicit (RFC 8415)",
    [546, 547],
    dhcpv6({
      message: "solicit",
      transactionId: 0x102030,
      options: [
        { option: "client-id", duid: clientDuid },
        { option: "option-request", types: [23, 24] },
        { option: "elapsed-time", centiseconds: 0 },
        { option: "ia-na", iaid: 1, t1: 0, t2: 0, options: [] },
        { option: "rapid-commit" },
      ],
    }),
    `01 102030  0001 000e 0001 0001 01020304 a84025f00001  0006 0004 0017 0018  0008 0002 0000
     0003 000c 00000001 00000000 00000000  000e 0000`,
  ],
  [
    "the DHCPv6 reply of OPTE with an address (RFC 8415, RFC 3646, RFC 4704)",
    [547, 546],
    dhcpv6({
      message: "reply",
      transactionId: 0x102030,
      options: [
        { option: "server-id", duid: gatewayDuid },
        {
          option: "ia-na",
          iaid: 1,
          t1: forever,
          t2: forever,
          options: [
            {
              option: "ia-address",
              address: "fd77::5",
              preferredLifetime: forever,
              validLifetime: forever,
              options: [],
            },
          ],
        },
        { option: "dns-servers", addresses: ["2001:4860:4860::8888"] },
        { option: "domain-list", domains: ["test.oxide.computer"] },
        {
          option: "client-fqdn",
          noServerUpdate: false,
          serverOverride: true,
          serverUpdate: true,
          domains: ["testbox.test.oxide.computer"],
        },
        { option: "status-code", status: "not-on-link", text: "no" },
      ],
    }),
    `07 102030  0002 000a 0003 0001 a84025ff7777
     0003 0028 00000001 ffffffff ffffffff  0005 0018 fd770000000000000000000000000005 ffffffff ffffffff
     0017 0010 20014860486000000000000000008888
     0018 0015 0474657374 056f78696465 08636f6d7075746572 00
     0027 001e 03 0774657374626f78 0474657374 056f78696465 08636f6d7075746572 00
     000d 0004 0004 6e6f`,
  ],
  [
    "a DHCPv6 message that a relay passes on (RFC 8415 section 9)",
    [547, 547],
    dhcpv6({
      message: "relay-forward",
      hopCount: 1,
      linkAddress: "fd00::1",
      peerAddress: "fe80::5",
      options: [
        { option: "interface-id", data: Uint8Array.of(0x6e, 0x30) },
        { option: "relay-message", data: Uint8Array.of(11, 0x10, 0x20, 0x30) },
      ],
    }),
    `0c 01 fd000000000000000000000000000001 fe800000000000000000000000000005
     0012 0002 6e30  0009 0004 0b102030`,
  ],
  [
    "a DNS query (RFC 1035)",
    [50000, 53],
    dns({ id: 1, questions: [{ name: "1.0.0.10.in-addr.arpa", type: "PTR", class: "IN" }] }),
    "0001 0100 0001 0000 0000 0000 0131 0130 0130 023130 07696e2d61646472 0461727061 00 000c 0001",
  ],
  [
    "a DNS response with shortened names and EDNS (RFC 1035 section 4.1.4, RFC 6891)",
    [53, 50000],
    response,
    responseHex,
  ],
  [
    "DNS records of the other types (RFC 1035, RFC 3596, RFC 2782)",
    [53, 50000],
    dns({
      id: 2,
      response: true,
      recursionDesired: false,
      authoritative: true,
      rcode: "name-error",
      answers: [
        { name: "a.b", class: "IN", ttl: 0, type: "AAAA", address: "fd00::1" },
        { name: "a.b", class: "IN", ttl: 0, type: "TXT", strings: ["hello", ""] },
        { name: "a.b", class: "IN", ttl: 0, type: "MX", preference: 10, exchange: "m.b" },
        { name: "_s._tcp.b", class: "IN", ttl: 0, type: "SRV", priority: 1, weight: 2, port: 3, target: "a.b" },
        { name: "a.b", class: "IN", ttl: 0, type: 99, data: Uint8Array.of(7) },
      ],
      authorities: [
        {
          name: "b",
          class: "IN",
          ttl: 1,
          type: "SOA",
          primary: "a.b",
          mailbox: "x\\.y.b",
          serial: 1,
          refresh: 2,
          retry: 3,
          expire: 4,
          minimum: 5,
        },
      ],
    }),
    `0002 8403 0000 0005 0001 0000
     0161 0162 00 001c 0001 00000000 0010 fd000000000000000000000000000001
     c00c 0010 0001 00000000 0007 0568656c6c6f 00
     c00c 000f 0001 00000000 0006 000a 016d c00e
     025f73 045f746370 c00e 0021 0001 00000000 000b 0001 0002 0003 0161 0162 00
     c00c 0063 0001 00000000 0001 07
     c00e 0006 0001 00000001 001c c00c 03782e79 c00e 00000001 00000002 00000003 00000004 00000005`,
  ],
];

suite("bytes by the RFCs and of OPTE", () => {
  test.each(vectors)("%s", (_, [srcPort, dstPort], layer, hex) => {
    const bytes = hex.replace(/\s/g, "");
    expect(build(packet(layer)).toString("hex")).toBe(bytes);
    const whole = packet(v6, udp({ srcPort, dstPort }), layer);
    expect(parse(build(whole), "ipv6")).toEqual(whole);
  });

  test.each<[Dhcpv4Option, string]>([
    [{ option: "classless-routes", routes: [{ destination: "0.0.0.0/0", router: "10.0.0.1" }] }, "7905000a000001"],
    [
      {
        option: "classless-routes",
        routes: [
          { destination: "0.0.0.0/0", router: "10.0.0.1" },
          { destination: "10.0.0.0/8", router: "10.0.0.1" },
        ],
      },
      "790b000a000001080a0a000001",
    ],
    [{ option: "host-name", name: "myhost" }, "0c066d79686f7374"],
  ])("DHCP option %o", (option, hex) => {
    const bytes = build(
      packet(dhcpv4({ operation: "reply", transactionId: 1, clientMac: guestMac, options: [option] })),
    );
    expect(bytes.subarray(240).toString("hex")).toBe(`${hex}ff`);
  });
});

suite("DNS names", () => {
  const overUdp = (hex: string): Buffer =>
    build(packet(v6, udp({ srcPort: 53, dstPort: 50000 }), payload(Buffer.from(hex.replace(/\s/g, ""), "hex"))));

  test("that are not shortened say so, and are built as they were", () => {
    const plain = { ...response, compression: "none" as const };
    const whole = packet(v6, udp({ srcPort: 53, dstPort: 50000 }), plain);
    expect(parse(build(whole), "ipv6")).toEqual(whole);
    expect(build(packet(plain)).length).toBeGreaterThan(build(packet(response)).length);
  });

  test("that are shortened in another way tell their pointers", () => {
    // The second answer points to the question's name, though `com` alone is pointed to in the first.
    const odd = overUdp(
      `0001 8000 0001 0001 0000 0000 0161 03636f6d 00 0001 0001
       0161 c00e 0001 0001 00000000 0004 0a000001`,
    );
    const parsed = parse(odd, "ipv6");
    expect(parsed.find("dns")).toMatchObject({
      answers: [{ name: "a.com", type: "A", address: "10.0.0.1" }],
      compression: [{ at: 25, to: 14 }],
    });
    expect(build(parsed).equals(odd)).toBe(true);
    // Of a name that was changed the pointers hold no more.
    const changed = parsed.with("dns", {
      answers: [{ name: "a.org", type: "A", class: "IN", ttl: 0, address: "10.0.0.1" }],
    });
    expect(parse(build(changed), "ipv6").find("dns")?.answers[0]).toMatchObject({ name: "a.org" });
  });

  test.each([
    ["a pointer to itself", "0001 0000 0001 0000 0000 0000 c00c 0001 0001"],
    ["a pointer forward", "0001 0000 0001 0000 0000 0000 c00e 0161 00 0001 0001"],
    ["pointers in a circle", "0001 0000 0001 0000 0000 0000 0161 c00c 0001 0001"],
    ["a label that is cut off", "0001 0000 0001 0000 0000 0000 0561"],
    ["fewer records than counted", "0001 0000 0001 0002 0000 0000 00 0001 0001"],
  ])("with %s are payload", (_, hex) => {
    const frame = overUdp(hex);
    expect(parse(frame, "ipv6").layers.map(({ layer }) => layer)).toEqual(["ipv6", "udp", "payload"]);
    expect(build(parse(frame, "ipv6")).equals(frame)).toBe(true);
  });

  test("are refused where they are too long", () => {
    const long = packet(dns({ id: 1, questions: [{ name: "x".repeat(64), type: "A", class: "IN" }] }));
    expect(() => build(long)).toThrow(PacketError);
    expect(() => build(long)).toThrow(/questions\[0\]\.name: expected labels of 1 to 63 bytes/);
    for (const name of ["a..b", ".a", "bücher.example"]) {
      expect(() => build(packet(dns({ id: 1, questions: [{ name, type: "A", class: "IN" }] })))).toThrow(PacketError);
    }
  });

  test("may end in a dot", () => {
    const question = { type: "A", class: "IN" } as const;
    const [withDot, without] = ["a.b.", "a.b"].map((name) =>
      build(packet(dns({ id: 1, questions: [{ name, ...question }] }))),
    );
    expect(withDot).toEqual(without);
  });
});

suite("DHCP", () => {
  test("whose options have no end is payload", () => {
    const bytes = build(packet(discover)).subarray(0, 250);
    const frame = build(
      packet(ipv4({ src: "0.0.0.0", dst: "255.255.255.255" }), udp({ srcPort: 68, dstPort: 67 }), payload(bytes)),
    );
    expect(parse(frame, "ipv4").find("dhcpv4")).toBeUndefined();
    expect(build(parse(frame, "ipv4")).equals(frame)).toBe(true);
  });

  test("refuses values that have no place, all at once", () => {
    const impossible = dhcpv4({
      operation: "reply",
      transactionId: 2 ** 32,
      clientMac: guestMac,
      serverName: "x".repeat(65),
      options: [
        { option: "routers", addresses: ["fd00::1"] },
        { option: "classless-routes", routes: [{ destination: "10.0.0.0/33", router: "10.0.0.1" }] },
        { option: "host-name", name: "x".repeat(256) },
      ],
    });
    expect(() => build(packet(impossible))).toThrow(
      /transactionId: expected 0 to 4294967295[^]*serverName: expected at most 64 bytes, found 65[^]*options\[0\]\.addresses\[0\][^]*options\[1\]\.routes\[0\]\.prefix[^]*options\[2\]\.data: expected at most 255 bytes, found 256/,
    );
  });
});

suite("described in a few words", () => {
  test.each([
    [discover, `DHCP discover from ${guestMac} xid 3903f326`],
    [offer, `DHCP offer 172.30.0.5 to ${guestMac} xid 3903f326`],
    [vectors[2]?.[2], `DHCPv6 solicit xid 102030 client ${guestMac} rapid commit`],
    [vectors[3]?.[2], "DHCPv6 reply xid 102030 fd77::5 (not on link)"],
    [vectors[4]?.[2], "DHCPv6 relay forward of fe80::5"],
    [vectors[5]?.[2], "DNS query PTR 1.0.0.10.in-addr.arpa?"],
    [response, "DNS response A www.example.com? web.example.com 192.0.2.1"],
    [vectors[7]?.[2], 'DNS response name error fd00::1 "hello" "" m.b and 2 more'],
  ])("%o", (layer, text) => {
    expect(describe(packet(...(layer === undefined ? [] : [layer])))).toBe(text);
  });

  test("without control characters that a name brings", () => {
    const name = dhcpv4({
      ...discover,
      options: [{ option: "host-name", name: "\u001b[31mred\nline" }],
    });
    expect(explain(packet(name))).toContain("host-name name \\u001b[31mred\\u000aline");
  });

  test("and explained field by field", () => {
    expect(explain(packet(response)).split("\n").slice(-6)).toEqual([
      "  rcode               no-error",
      "  questions           name www.example.com type A class IN",
      "  answers             name www.example.com type CNAME class IN ttl 60 target web.example.com",
      "                      name web.example.com type A class IN ttl 60 address 192.0.2.1",
      "  authorities         name example.com type NS class IN ttl 3600 target ns.example.com",
      "  additionals         type OPT udpPayloadSize 1232 extendedRcode 0 version 0 dnssecOk yes options none",
    ]);
    expect(explain(packet(offer))).toContain(
      "classless-routes routes destination 172.30.0.1/32 router 0.0.0.0, destination 0.0.0.0/0 router 172.30.0.1",
    );
  });
});
