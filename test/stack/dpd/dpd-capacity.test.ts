import { expect, test, vi } from "vitest";
import type { Intent } from "../../../src/stack/dpd/engine/intent.ts";
import type { TableName } from "../../../src/stack/dpd/engine/tables.ts";
import { apiMac, part, startDpd, tableText } from "./dpd-fixture.ts";

/** A10: every table takes exactly as many objects as the specification says (section 4.1), and is empty again afterwards. */

vi.setConfig({ testTimeout: 240_000 });

const mac = "02:00:00:00:00:01";
const guest = { internalIp: "fd00::1", innerMac: mac, vni: 1 };
const guestBody = { internal_ip: "fd00::1", inner_mac: apiMac(mac), vni: 1 };
const group = (number: number): string => number.toString(16);
const v4 = (number: number): string => `10.1.${number >> 8}.${number & 0xff}`;
const v6 = (number: number): string => `fd00:7::${group(number)}`;
const target = { tag: "t", port_id: "rear0", link_id: 0, tgt_ip: "fe80::1" };
const engineTarget = { tag: "t", portId: "rear0", linkId: 0, port: 1, nextHop: "fe80::1", vlan: undefined };

interface Case {
  readonly what: string;
  readonly table: TableName;
  readonly capacity: number;
  /** Add object `number` to the intent. */
  readonly fill: (intent: Intent, number: number) => void;
  /** Add it over the API. */
  readonly add: (number: number) => readonly ["PUT" | "POST", string, unknown];
  readonly clear: (intent: Intent) => void;
}

const cases: readonly Case[] = [
  ...([4, 6] as const).map((family): Case => {
    const prefix = (number: number): string => `${family === 4 ? v4(number) : v6(number)}/${family === 4 ? 32 : 128}`;
    return {
      what: `IPv${family} routes`,
      table: `ingress.router.v${family}_idx.rtr`,
      capacity: 8191,
      fill: (intent, number) => {
        intent.routes[family].add(prefix(number), engineTarget);
      },
      add: (number) => [
        "POST",
        `/route/ipv${family}`,
        { cidr: prefix(number), target: family === 4 ? { V6: target } : target },
      ],
      clear: (intent) => {
        intent.routes[family].removeTag(undefined);
      },
    };
  }),
  ...([4, 6] as const).map((family): Case => {
    const ip = family === 4 ? v4 : v6;
    return {
      what: family === 4 ? "ARP entries" : "NDP entries",
      table: `ingress.resolver.resolver_v${family}`,
      capacity: 512,
      fill: (intent, number) => {
        intent.neighbors[family].set({ tag: "t", ip: ip(number), mac, updatedMs: 0 });
      },
      add: (number) => ["POST", family === 4 ? "/arp" : "/ndp", { tag: "t", ip: ip(number), mac: apiMac(mac) }],
      clear: (intent) => {
        intent.neighbors[family].removeTag(undefined);
      },
    };
  }),
  ...([4, 6] as const).map((family): Case => {
    const address = family === 4 ? "203.0.113.9" : "2001:db8::9";
    return {
      what: `ranges of IPv${family} NAT`,
      table: `ingress.nat.nat_v${family}`,
      capacity: 1024,
      fill: (intent, number) => {
        intent.nat.set({ external: address, low: number, high: number, target: guest });
      },
      add: (number) => ["PUT", `/nat/ipv${family}/${part(address)}/${number}/${number}`, guestBody],
      clear: (intent) => {
        intent.nat.removeAll(family);
      },
    };
  }),
  ...([4, 6] as const).map((family): Case => {
    const subnet = (number: number): string => `${family === 4 ? v4(number) : v6(number)}/${family === 4 ? 32 : 128}`;
    return {
      what: `attached IPv${family} subnets`,
      table: `ingress.attached.attached_subnet_v${family}`,
      capacity: 512,
      fill: (intent, number) => {
        intent.attachedSubnets.set({ subnet: subnet(number), target: guest });
      },
      add: (number) => ["PUT", `/attached_subnet/${part(subnet(number))}`, guestBody],
      clear: (intent) => {
        intent.attachedSubnets.removeAll();
      },
    };
  }),
  ...([4, 6] as const).map((family): Case => {
    const address = family === 4 ? v4 : v6;
    return {
      what: `IPv${family} addresses of ports`,
      table: `ingress.local.local_v${family}`,
      capacity: 255,
      fill: (intent, number) => {
        intent.addresses.add({ address: address(number), tag: "t", port: 3, withLink: false });
      },
      add: (number) => ["POST", `/ports/qsfp0/links/0/ipv${family}`, { tag: "t", addr: address(number) }],
      clear: (intent) => {
        intent.addresses.removeWhere(({ tag }) => tag === "t");
      },
    };
  }),
];

test.for(cases)("$capacity $what, and no more", async ({ capacity, fill, add, clear, table }) => {
  // No port has a link-local address, which would take a place.
  await using tested = await startDpd({
    ports: [
      { id: "rear0", interface: "test-rear0", number: 1, mac: "a8:40:25:00:00:01", link: { ipv6_enabled: false } },
      { id: "qsfp0", interface: "test-qsfp0", number: 3, mac: "a8:40:25:00:00:03" },
    ],
  });
  const { control } = tested.dpd;
  const begin = tableText(tested.switch);
  await control.change((intent) => {
    for (let number = 0; number < capacity - 1; number++) fill(intent, number);
  });
  expect((await tested.call(...add(capacity - 1))).status).toBe(204);
  const full = tableText(tested.switch).length;
  const answer = await tested.call(...add(capacity));
  expect(answer).toMatchObject({ status: 507, value: { error_code: "TableFull" } });
  expect(tableText(tested.switch)).toHaveLength(full);
  await control.change(clear);
  expect(tableText(tested.switch)).toEqual(begin);
  expect(tested.switch.device.control.table(table).size).toBe(0);
});
