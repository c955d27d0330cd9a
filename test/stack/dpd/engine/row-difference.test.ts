import fc from "fast-check";
import { expect, test } from "vitest";
import { Intent } from "../../../../src/stack/dpd/engine/intent.ts";
import { rowDifference } from "../../../../src/stack/dpd/engine/row-difference.ts";
import {
  type Row,
  rowIdentity,
  type TableName,
  tableNames,
  tableShape,
} from "../../../../src/stack/dpd/engine/tables.ts";

const ports = [1, 2].map((number) => ({ id: `rear${number}`, number, mac: `02:00:00:00:00:0${number}` }));
const prefixes = ["fd10::/16", "fd10:1::/32", "fd10:1:2::/48", "::/0"];

const change = fc.record({
  kind: fc.constantFrom("add", "add", "add", "remove", "neighbor", "address", "nat"),
  at: fc.nat(3),
  port: fc.nat(1),
  hop: fc.nat(5),
});

function intentOf(changes: readonly (typeof change extends fc.Arbitrary<infer T> ? T : never)[]): Intent {
  const intent = new Intent({ ports, links: [], loopbacks: [] });
  for (const { kind, at, port, hop } of changes) {
    const prefix = prefixes[at] ?? "::/0";
    const nextHop = `fe80::${hop + 1}`;
    try {
      intent.change(() => {
        if (kind === "add") {
          const target = { tag: "t", portId: `rear${port + 1}`, linkId: 0, port: port + 1, nextHop, vlan: undefined };
          intent.routes[6].add(prefix, target);
        } else if (kind === "remove") intent.routes[6].remove(prefix);
        else if (kind === "neighbor") {
          intent.neighbors[6].set({ tag: "t", ip: nextHop, mac: `02:00:00:00:01:0${port}`, updatedMs: 0 });
        } else if (kind === "address") {
          intent.addresses.add({ address: `fd00::${hop + 1}`, tag: "t", port, withLink: false });
        } else {
          const target = { internalIp: "fd00::9", innerMac: "02:00:00:00:00:09", vni: at };
          intent.nat.set({ external: "203.0.113.1", low: hop * 2, high: hop * 2 + port, target });
        }
      });
    } catch {
      // Refused: nothing has changed.
    }
  }
  return intent;
}

/** Next hops of a prefix by its index row; an empty slot is undefined. */
function hopsOf(
  tables: ReadonlyMap<TableName, Map<string, Row>>,
): ReadonlyMap<string, readonly (bigint | undefined)[]> {
  const slots = tables.get("ingress.router.v6_route.rtr");
  return new Map(
    [...(tables.get("ingress.router.v6_idx.rtr") ?? [])].map(
      ([
        identity,
        {
          data: [first = 0n, count = 0n],
        },
      ]) => [
        identity,
        Array.from({ length: Number(count) }, (_, at) => {
          const key = [{ kind: "exact", value: first + BigInt(at) }] as const;
          return slots?.get(rowIdentity({ key, priority: -1 }))?.data[1];
        }),
      ],
    ),
  );
}

test(
  "whatever a switch holds, it comes to hold what is wanted, and no prefix leads where nobody wanted it meanwhile",
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), fc.array(change, { maxLength: 25 }), (old, next) => {
        const [held, wanted] = [intentOf(old).rows, intentOf(next).rows];
        const tables = new Map(tableNames.map((name) => [name, new Map(held.rows(name))]));
        const before = hopsOf(tables);
        const after = hopsOf(new Map(tableNames.map((name) => [name, new Map(wanted.rows(name))])));
        const changes = rowDifference(new Map(tableNames.map((name) => [name, [...held.rows(name).values()]])), wanted);
        for (const { table, identity, before: from, after: to } of changes) {
          const rows = tables.get(table) ?? expect.fail(`there is no table ${table}`);
          if (rows.has(identity) !== (from !== undefined)) expect.fail(`${identity} of ${table} is not as it was said`);
          if (to === undefined) rows.delete(identity);
          else rows.set(identity, to);
          if (rows.size > tableShape(table).capacity) expect.fail(`${table} is too small`);
          for (const [prefix, hops] of hopsOf(tables)) {
            const allowed = new Set([...(before.get(prefix) ?? []), ...(after.get(prefix) ?? [])]);
            for (const hop of hops) if (!allowed.has(hop)) expect.fail(`${prefix} leads to ${hop ?? "an empty slot"}`);
          }
        }
        for (const name of tableNames) expect(tables.get(name)).toEqual(new Map(wanted.rows(name)));
      }),
      { numRuns: 100 },
    );
  },
);

test("a switch that holds what is wanted is left alone", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
      const { rows } = intentOf(changes);
      expect(rowDifference(new Map(tableNames.map((name) => [name, [...rows.rows(name).values()]])), rows)).toEqual([]);
    }),
  );
});
