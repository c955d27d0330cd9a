import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Journal } from "../../../../src/stack/dpd/engine/journal.ts";
import { Refusal } from "../../../../src/stack/dpd/engine/refusal.ts";
import { maxTargets, Routes, type Target } from "../../../../src/stack/dpd/engine/routes.ts";
import { type RowChange, RowStore } from "../../../../src/stack/dpd/engine/row-store.ts";
import type { Row, TableName } from "../../../../src/stack/dpd/engine/tables.ts";

const indexTable = "ingress.router.v6_idx.rtr";
const targetTable = "ingress.router.v6_route.rtr";
const prefix = (number: number): string => `fd00:${(number + 1).toString(16)}::/64`;

function target(number: number, tag = "test"): Target {
  const port = 1 + (number % 4);
  return {
    tag,
    portId: `rear${port}`,
    linkId: 0,
    port,
    nextHop: `fe80::${(number + 1).toString(16)}`,
    vlan: undefined,
  };
}

/** Tables as a switch has them, changed one operation at a time. */
class Tables {
  readonly #rows = new Map<TableName, Map<string, Row>>();

  apply({ table, identity, before, after }: RowChange): void {
    const rows = this.#rows.get(table) ?? new Map<string, Row>();
    this.#rows.set(table, rows);
    // A switch refuses to add what is there, and to change or delete what is not.
    expect(rows.has(identity)).toBe(before !== undefined);
    if (after === undefined) rows.delete(identity);
    else rows.set(identity, after);
  }

  /** Next hops by prefix: what packets to it may get. A slot that holds nothing is undefined. */
  forwarding(): ReadonlyMap<string, readonly (bigint | undefined)[]> {
    const slots = new Map(
      [...(this.#rows.get(targetTable)?.values() ?? [])].map(({ key: [part], data }) => [
        part?.kind === "exact" ? part.value : undefined,
        data[1],
      ]),
    );
    return new Map(
      [...(this.#rows.get(indexTable) ?? [])].map(
        ([
          identity,
          {
            data: [first = 0n, count = 0n],
          },
        ]) => [identity, Array.from({ length: Number(count) }, (_, at) => slots.get(first + BigInt(at)))],
      ),
    );
  }

  get slotsUsed(): number {
    return this.#rows.get(targetTable)?.size ?? 0;
  }
}

class Subject {
  readonly journal = new Journal();
  readonly rows = new RowStore(this.journal);
  readonly routes: Routes;
  readonly tables = new Tables();

  constructor(slots: number) {
    this.routes = new Routes(6, this.rows, this.journal, slots);
  }

  /** Change the routes, and the tables an operation at a time, none of which may lead packets astray. */
  change(act: (routes: Routes) => void, undo = false): void {
    const before = this.tables.forwarding();
    this.journal.cut();
    let changes: readonly RowChange[];
    try {
      act(this.routes);
    } catch (error) {
      this.journal.cut()();
      this.rows.takeChanges();
      throw error;
    }
    changes = this.rows.takeChanges();
    const takeBack = this.journal.cut();
    const afterwards = this.#wanted();
    if (undo) {
      takeBack();
      changes = [...changes, ...changes.toReversed().map(reversed)];
    }
    for (const change of changes) {
      this.tables.apply(change);
      checkMoment(before, afterwards, this.tables.forwarding());
    }
    expect(this.tables.forwarding()).toEqual(this.#wanted());
    expect(this.tables.slotsUsed).toBe(this.routes.all().reduce((sum, { targets }) => sum + targets.length, 0));
  }

  #wanted(): ReadonlyMap<string, readonly bigint[]> {
    return new Map(
      [...this.rows.rows(indexTable)].map(([identity, row]) => {
        const route = this.routes.all().find(({ first }) => BigInt(first) === row.data[0]);
        return [
          identity,
          (route?.targets ?? []).map(({ nextHop }) => BigInt(`0xfe80${nextHop.slice(6).padStart(28, "0")}`)),
        ];
      }),
    );
  }
}

function reversed({ table, identity, before, after }: RowChange): RowChange {
  return { table, identity, before: after, after: before };
}

type Forwarding = ReadonlyMap<string, readonly (bigint | undefined)[]>;

function checkMoment(before: Forwarding, after: Forwarding, now: Forwarding): void {
  for (const identity of new Set([...before.keys(), ...after.keys(), ...now.keys()])) {
    const hops = now.get(identity);
    if (hops === undefined) {
      if (before.has(identity) && after.has(identity)) expect.fail(`${identity} leads nowhere for a moment`);
      continue;
    }
    const allowed = new Set([...(before.get(identity) ?? []), ...(after.get(identity) ?? [])]);
    for (const hop of hops) {
      if (!allowed.has(hop)) expect.fail(`a packet to ${identity} goes to ${hop ?? "an empty slot"}`);
    }
  }
}

const step = fc.record({
  kind: fc.constantFrom("add", "add", "add", "set", "replace", "removeTarget", "remove", "removeTag", "setOfTag"),
  prefix: fc.nat(5),
  target: fc.nat(7),
  tag: fc.constantFrom("one", "two"),
  undo: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the routes shall be, without a thought of slots. Returns whether the step is refused. */
function refusedBy(model: Map<string, Target[]>, slots: number, { kind, ...at }: Step): boolean {
  const name = prefix(at.prefix);
  const wanted = target(at.target, at.tag);
  const targets = model.get(name) ?? [];
  const same = targets.find(({ nextHop }) => nextHop === wanted.nextHop);
  const used = [...model.values()].reduce((sum, { length }) => sum + length, 0);
  switch (kind) {
    case "add":
      if (same !== undefined) return false;
      if (used >= slots) return true;
      model.set(name, [...targets, wanted]);
      return false;
    case "set":
    case "replace":
      if (targets.length === 1 && same !== undefined) return false;
      if (targets.length > 0 && kind === "set") return true;
      if (targets.length === 0 && used >= slots) return true;
      model.set(name, [same ?? wanted]);
      return false;
    case "removeTarget":
      if (same === undefined) return true;
      model.set(
        name,
        targets.filter((other) => other !== same),
      );
      break;
    case "remove":
      if (targets.length === 0) return true;
      model.delete(name);
      break;
    case "setOfTag": {
      const some = twoTargets(at);
      const fresh = some.filter((one) => targets.every(({ nextHop }) => nextHop !== one.nextHop));
      if (used + fresh.length > slots) return true;
      const isWanted = ({ nextHop }: Target): boolean => some.some((one) => one.nextHop === nextHop);
      model.set(
        name,
        [...targets, ...fresh].filter((one) => one.tag !== at.tag || isWanted(one)),
      );
      break;
    }
    case "removeTag":
      for (const [key, value] of model) {
        model.set(
          key,
          value.filter(({ tag }) => tag !== at.tag),
        );
      }
      break;
  }
  for (const [key, value] of model) if (value.length === 0) model.delete(key);
  return false;
}

/** The targets that an owner shall have: none, one or two. */
function twoTargets({ target: at, tag }: Pick<Step, "target" | "tag">): readonly Target[] {
  return [target(at, tag), target(at + 1, tag)].slice(at % 3);
}

function act(routes: Routes, { kind, ...at }: Step): void {
  const name = prefix(at.prefix);
  const wanted = target(at.target, at.tag);
  switch (kind) {
    case "add":
      routes.add(name, wanted);
      break;
    case "set":
    case "replace":
      routes.set(name, wanted, kind === "replace");
      break;
    case "removeTarget":
      routes.removeTarget(name, wanted.portId, 0, wanted.nextHop);
      break;
    case "remove":
      routes.remove(name);
      break;
    case "setOfTag":
      routes.setOfTag(name, at.tag, twoTargets(at));
      break;
    case "removeTag":
      routes.removeTag(at.tag);
      break;
  }
}

function ofRoutes(routes: Routes): ReadonlyMap<string, readonly Target[]> {
  return new Map(routes.all().map((route) => [route.prefix, route.targets]));
}

describe("routes and their slots", () => {
  test("are what was asked for, use every slot there is, and lead no packet astray at any moment", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 40 }), (slots, steps) => {
        const subject = new Subject(slots);
        let model = new Map<string, Target[]>();
        for (const one of steps) {
          const before = model;
          model = new Map(model);
          const refused = refusedBy(model, slots, one);
          if (refused) {
            expect(() => {
              subject.change((routes) => {
                act(routes, one);
              });
            }).toThrow(Refusal);
          } else {
            subject.change((routes) => {
              act(routes, one);
            }, one.undo);
          }
          if (refused || one.undo) model = before;
          expect(ofRoutes(subject.routes)).toEqual(model);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("one more target than can be is refused", () => {
    const subject = new Subject(100);
    for (let number = 0; number < maxTargets; number++) {
      subject.change((routes) => {
        routes.add(prefix(0), target(number));
      });
    }
    expect(() => {
      subject.change((routes) => {
        routes.add(prefix(0), target(maxTargets));
      });
    }).toThrow("32 targets");
  });

  test("targets with one next hop on two links are told apart when one is removed", () => {
    const subject = new Subject(4);
    const [one, other] = [target(0), { ...target(0), portId: "rear2", port: 2 }];
    subject.change((routes) => {
      routes.add(prefix(0), one);
      routes.add(prefix(0), other);
    });
    subject.change((routes) => {
      routes.removeTarget(prefix(0), "rear2", 0, one.nextHop);
    });
    expect(subject.routes.get(prefix(0))?.targets).toEqual([one]);
    // On whatever link it is asked for: the reference looks at the next hop alone.
    subject.change((routes) => {
      routes.removeTarget(prefix(0), "rear9", 0, one.nextHop);
    });
    expect(subject.routes.all()).toEqual([]);
  });
});
