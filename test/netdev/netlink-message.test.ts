import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newAddressMessage, parseAddressEvent } from "../../src/netdev/addresses.ts";
import { newVethMessage, parseLinkEvent, setLinkMessage } from "../../src/netdev/links.ts";
import { parseNeighbourEvent, resolveNeighbourMessage } from "../../src/netdev/neighbours.ts";
import {
  type NetlinkMessage,
  parseAcknowledgements,
  parseAttributes,
  parseNetlinkMessages,
} from "../../src/netdev/netlink-message.ts";
import { newNexthopMessage, parseNexthopEvent } from "../../src/netdev/nexthops.ts";
import { deleteRouteMessage, newRouteMessage, parseRouteEvent } from "../../src/netdev/routes.ts";

interface Parts {
  readonly sequence?: number;
  readonly errno?: number;
  readonly flags?: number;
  readonly echo?: Buffer;
  readonly tail?: Buffer;
}

/** An NLMSG_ERROR message as the kernel makes it (netlink(7)). */
function acknowledgement({
  sequence = 0,
  errno = 0,
  flags = 0,
  echo = Buffer.alloc(16),
  tail = Buffer.alloc(0),
}: Parts): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(20 + echo.length + tail.length, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt32LE(sequence, 8);
  head.writeInt32LE(errno, 16);
  return Buffer.concat([head, echo, tail]);
}

function explanation(words: string): Buffer {
  const value = Buffer.from(`${words}\0`);
  const attribute = Buffer.alloc((4 + value.length + 3) & ~3);
  attribute.writeUInt16LE(4 + value.length, 0);
  attribute.writeUInt16LE(1, 2);
  attribute.set(value, 4);
  return attribute;
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((value) => Buffer.from(value));

/** Random bytes, and random bytes dressed as an acknowledgement so that the inner fields are reached. */
const datagrams = fc.oneof(
  bytes(200),
  fc
    .record({
      errno: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      flags: fc.integer({ min: 0, max: 0xffff }),
      echo: bytes(40),
      tail: bytes(60),
    })
    .map(acknowledgement),
);

describe("acknowledgements of the kernel", () => {
  test("no bytes of any length crash the parser", () => {
    fc.assert(
      fc.property(fc.array(datagrams, { maxLength: 3 }), (parts) => {
        const datagram = Buffer.concat(parts);
        const found = parseAcknowledgements(datagram);
        expect(found.length).toBeLessThanOrEqual(datagram.length / 20);
      }),
      { numRuns: 1000 },
    );
  });

  test("say what was done and what was refused, with the explanation where there is one", () => {
    const NLM_F_CAPPED = 0x100;
    const NLM_F_ACK_TLVS = 0x200;
    const echo = Buffer.alloc(32);
    echo.writeUInt32LE(30, 0);
    const datagram = Buffer.concat([
      acknowledgement({ sequence: 1 }),
      acknowledgement({ sequence: 2, errno: -17, flags: NLM_F_CAPPED }),
      acknowledgement({ sequence: 3, errno: -22, flags: NLM_F_CAPPED | NLM_F_ACK_TLVS, tail: explanation("too long") }),
      acknowledgement({ sequence: 4, errno: -22, flags: NLM_F_ACK_TLVS, echo, tail: explanation("echoed") }),
      acknowledgement({ sequence: 5, errno: -99999 }),
    ]);
    expect(parseAcknowledgements(datagram)).toEqual([
      { refusal: undefined },
      { refusal: "EEXIST" },
      { refusal: "EINVAL: too long" },
      { refusal: "EINVAL: echoed" },
      { refusal: "Unknown system error -99999" },
    ]);
  });
});

const hex = (message: Buffer): string => message.toString("hex");

describe("requests", () => {
  test("have their length, and attributes that fill them exactly", () => {
    const names = fc.string({ unit: fc.constantFrom("a", "b", "z", "0", "9", "_", "-"), minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(names, fc.integer({ min: 68, max: 65535 }), (name, mtu) => {
        const message = setLinkMessage(7, { name, mac: "02:00:00:00:00:01", mtu, up: true });
        expect(message.readUInt32LE(0)).toBe(message.length);
        const parsed = parseNetlinkMessages(message);
        expect(parsed).toHaveLength(1);
        const attributes = parseAttributes(message, 32);
        expect([...attributes.values()].reduce((sum, { length }) => sum + ((length + 7) & ~3), 32)).toBe(
          message.length,
        );
        expect(attributes.get(3)?.toString()).toBe(`${name}\0`);
        expect(attributes.get(1)?.toString("hex")).toBe("020000000001");
        expect(attributes.get(4)?.readUInt32LE()).toBe(mtu);
      }),
    );
  });

  test("leave out what is not given", () => {
    expect(setLinkMessage(7, {}).length).toBe(32);
    const anywhere = newRouteMessage({ destination: "0.0.0.0/0", gateway: "10.0.0.1", index: 1 });
    const somewhere = newRouteMessage({ destination: "10.0.0.0/8", gateway: "10.0.0.1", index: 1 });
    expect(somewhere.length - anywhere.length).toBe(8);
    // The flag that switches duplicate address detection off exists for IPv6 alone.
    expect(newAddressMessage({ index: 1, address: "10.0.0.1", prefixLength: 24 }).length).toBe(24 + 2 * 8);
    expect(newAddressMessage({ index: 1, address: "::1", prefixLength: 64 }).length).toBe(24 + 2 * 20 + 8);
  });

  // What strace shows of iproute2 6.1 for the command in the name.
  test("ip nexthop replace id 5 group 1,30/2,70 proto 223", () => {
    expect(
      hex(
        newNexthopMessage({
          id: 5,
          protocol: 223,
          members: [
            { id: 1, weight: 30 },
            { id: 2, weight: 70 },
          ],
        }),
      ),
    ).toBe(
      "340000006800050500000000000000000000df000000000008000100050000001400020001000000" +
        "1d000000" +
        "0200000045000000",
    );
  });

  test("ip -6 route append fd00:1::/48 nhid 5 proto 223 metric 7", () => {
    const message = newRouteMessage({ destination: "fd00:1::/48", nexthopId: 5, protocol: 223, metric: 7 }, "append");
    expect(message.readUInt16LE(6)).toBe(0x1 | 0x4 | 0x400 | 0x800);
    expect(hex(message.subarray(16, 28))).toBe("0a300000fedf000100000000");
    const attributes = parseAttributes(message, 28);
    expect(attributes.get(1)?.toString("hex")).toBe("fd000001000000000000000000000000");
    expect(attributes.get(6)?.readUInt32LE()).toBe(7);
    expect(attributes.get(30)?.readUInt32LE()).toBe(5);
    expect(attributes.has(5)).toBe(false);
  });

  test("a route over a gateway of the other family names it by RTA_VIA; a deletion fits any scope and type", () => {
    const message = newRouteMessage({ destination: "10.0.0.0/8", gateway: "fe80::1", index: 3 });
    expect(parseAttributes(message, 28).get(18)?.toString("hex")).toBe("0a00fe800000000000000000000000000001");
    const deletion = deleteRouteMessage({ destination: "10.0.0.0/8" });
    expect(hex(deletion.subarray(16, 28))).toBe("02080000fe00ff0000000000");
  });

  test("a veth pair holds its other end; addr-gen-mode lies in the IPv6 settings", () => {
    const message = newVethMessage({ name: "a0" }, { name: "a1", mtu: 9000 });
    const attributes = parseAttributes(message, 32);
    const settings = parseAttributes(setLinkMessage(4, { addressGeneration: "none" }), 32);
    expect(settings.get(26)?.toString("hex")).toBe("0c000a80050008000100" + "0000");
    const info = parseAttributes(attributes.get(18) ?? Buffer.alloc(0));
    expect(info.get(1)?.toString()).toBe("veth");
    const peer = parseAttributes(info.get(2) ?? Buffer.alloc(0)).get(1) ?? Buffer.alloc(0);
    expect(parseAttributes(peer, 16).get(3)?.toString()).toBe("a1\0");
    expect(parseAttributes(peer, 16).get(4)?.readUInt32LE()).toBe(9000);
  });

  test("resolution is asked for by NTF_USE without a state", () => {
    const message = resolveNeighbourMessage({ index: 2, address: "fe80::1" });
    expect(hex(message.subarray(16, 28))).toBe("0a0000000200000000000100");
  });
});

const parsers = [parseLinkEvent, parseAddressEvent, parseRouteEvent, parseNexthopEvent, parseNeighbourEvent] as const;

describe("messages of the kernel", () => {
  test("no body of any type crashes a parser", () => {
    // Attributes that are nearly right reach what lies behind them.
    const attributes = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 40 }), bytes(24), fc.integer({ min: -2, max: 2 })), { maxLength: 6 })
      .map((list) =>
        Buffer.concat(
          list.map(([type, value, off]) => {
            const attribute = Buffer.alloc((4 + value.length + 3) & ~3);
            attribute.writeUInt16LE(Math.max(0, 4 + value.length + off), 0);
            attribute.writeUInt16LE(type, 2);
            attribute.set(value, 4);
            return attribute;
          }),
        ),
      );
    const types = fc.constantFrom(16, 17, 20, 21, 24, 25, 28, 29, 104, 105, 0, 3);
    const families = fc.constantFrom(0, 2, 10, 7);
    fc.assert(
      fc.property(types, families, bytes(16), attributes, (type, family, head, tail) => {
        const body = Buffer.concat([Buffer.of(family), head, tail]);
        const message: NetlinkMessage = { type, flags: 0, sequence: 0, body };
        for (const parse of parsers) parse(message);
      }),
      { numRuns: 1000 },
    );
  });

  test("what was built for a group, a neighbour, a route is read back", () => {
    const messageOf = (request: Buffer): NetlinkMessage => {
      const [message] = parseNetlinkMessages(request);
      if (message === undefined) throw new Error("no message");
      return message;
    };
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.integer({ min: 1, max: 2 ** 32 - 1 }), weight: fc.integer({ min: 1, max: 255 }) })),
        (members) => {
          const group = { id: 9, protocol: 223, members };
          expect(parseNexthopEvent(messageOf(newNexthopMessage(group)))).toEqual({ event: "present", nexthop: group });
        },
      ),
    );
    const route = { destination: "fd00:1::/48", gateway: "fe80::1", index: 4, metric: 3, table: 1000, protocol: 223 };
    expect(parseRouteEvent(messageOf(newRouteMessage(route)))).toEqual({
      event: "present",
      route: {
        destination: "fd00:1::/48",
        table: 1000,
        protocol: 223,
        type: "unicast",
        metric: 3,
        preferredSource: undefined,
        nexthopId: undefined,
        hops: [{ gateway: "fe80::1", index: 4, weight: 1 }],
      },
    });
  });
});
