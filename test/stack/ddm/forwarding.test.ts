import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { NextHop, RouteChange } from "../../../src/stack/ddm/engine/input-output.ts";
import { ForwardingPlan } from "../../../src/stack/ddm/engine/forwarding-plan.ts";
import type { ForwardingDriver, RouteFailure } from "../../../src/stack/ddm/forwarding/driver.ts";
import { ForwardingProgrammer } from "../../../src/stack/ddm/forwarding/programmer.ts";
import { daemonLog, OnceLog } from "../../../src/stack/daemon/log.ts";

const hop = (link: string): NextHop => ({ link, address: `fe80::${link}` });

test("whatever was done to a table, comparing it leads back to what is wanted", () => {
  const destination = fc.constantFrom<string>("a", "b", "c", "d");
  const hops = fc.subarray([hop("1"), hop("2"), hop("3")]);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(destination, hops)),
      fc.array(fc.tuple(destination, hops)),
      fc.nat(3),
      (wanted, installed, batch) => {
        const plan = new ForwardingPlan();
        plan.settle(undefined);
        for (const [name, nextHops] of wanted) plan.want({ destination: name, nextHops });
        const table = new Map(installed.filter(([, nextHops]) => nextHops.length > 0));
        plan.compare(table);
        for (let changes = plan.next(batch + 1); changes.length > 0; changes = plan.next(batch + 1)) {
          for (const { destination: name, nextHops } of changes) {
            if (nextHops.length === 0) table.delete(name);
            else table.set(name, [...nextHops]);
          }
        }
        expect(new Map(table)).toEqual(new Map(plan.wanted));
        expect(plan.compare(table)).toBe(0);
      },
    ),
  );
});

/** A table that takes as long as it is told to, and can fail. */
class SlowTable implements ForwardingDriver {
  readonly routes = new Map<string, readonly NextHop[]>();
  readonly batches: number[] = [];
  gate: Promise<unknown> = Promise.resolve();
  failing = new Set<string>();
  unreachable = false;

  snapshot(): Promise<ReadonlyMap<string, readonly NextHop[]>> {
    return this.unreachable ? Promise.reject(new Error("gone")) : Promise.resolve(new Map(this.routes));
  }

  async program(changes: readonly RouteChange[]): Promise<readonly RouteFailure[]> {
    this.batches.push(changes.length);
    await this.gate;
    if (this.unreachable) throw new Error("gone");
    for (const { destination, nextHops } of changes) {
      if (this.failing.has(destination)) continue;
      if (nextHops.length === 0) this.routes.delete(destination);
      else this.routes.set(destination, nextHops);
    }
    return changes
      .filter(({ destination }) => this.failing.has(destination))
      .map(({ destination }) => ({ destination, reason: "no room" }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function programmer(driver: ForwardingDriver): ForwardingProgrammer {
  const log = daemonLog("test");
  vi.spyOn(log, "info").mockReturnValue();
  vi.spyOn(log, "warn").mockReturnValue();
  return new ForwardingProgrammer({ driver, log, once: new OnceLog(log), reconcileMs: 50, retryMs: 10 });
}

const change = (destination: string, ...links: readonly string[]): RouteChange => ({
  destination,
  nextHops: links.map(hop),
});

test("D30, Q8: while the table is slow nobody waits, and only the last state of each route is made", async () => {
  const table = new SlowTable();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  table.gate = promise;
  await using forwarding = programmer(table);
  forwarding.apply([change("a", "1")]);
  await expect.poll(() => table.batches).toEqual([1]);
  for (let at = 0; at < 100; at += 1) forwarding.apply([change("b", at % 2 === 0 ? "1" : "2"), change("c", "1")]);
  forwarding.apply([change("c")]);
  resolve(undefined);
  await expect.poll(() => forwarding.waiting).toBe(0);
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual({ a: [hop("1")], b: [hop("2")] });
  expect(table.batches).toEqual([1, 2]);
});

test("a table that was changed by somebody else, or was away, is made right again", async () => {
  const table = new SlowTable();
  table.routes.set("stale", [hop("9")]);
  await using forwarding = programmer(table);
  forwarding.settle(undefined);
  forwarding.apply([change("a", "1"), change("b", "1", "2")]);
  const right = { a: [hop("1")], b: [hop("1"), hop("2")] };
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual(right);
  table.routes.clear();
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual(right);
  table.unreachable = true;
  forwarding.apply([change("c", "1")]);
  await expect.poll(() => table.batches.length).toBeGreaterThan(2);
  table.routes.clear();
  table.unreachable = false;
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual({ ...right, c: [hop("1")] });
});

test("a route that cannot be made is tried again, and holds up no other", async () => {
  const table = new SlowTable();
  table.failing.add("a");
  await using forwarding = programmer(table);
  forwarding.apply([change("a", "1"), change("b", "1")]);
  await expect.poll(() => [...table.routes.keys()]).toEqual(["b"]);
  table.failing.clear();
  await expect.poll(() => [...table.routes.keys()].sort()).toEqual(["a", "b"]);
});

test("at the end the table stays as it is, unless it is to be cleared", async () => {
  const table = new SlowTable();
  {
    await using forwarding = programmer(table);
    forwarding.apply([change("a", "1")]);
    await expect.poll(() => table.routes.size).toBe(1);
  }
  expect(table.routes.size).toBe(1);
  await using next = programmer(table);
  await next.clear();
  expect(table.routes.size).toBe(0);
});

test("what an earlier run left stays, next hop by next hop, until the link that it leads to is settled", async () => {
  const table = new SlowTable();
  table.routes
    .set("a", [hop("1"), hop("2")])
    .set("b", [hop("2")])
    .set("c", [hop("3")]);
  const told: string[] = [];
  await using forwarding = programmer(table);
  forwarding.whenProgrammed((destinations) => told.push(...destinations));
  expect(await forwarding.found).toEqual(new Set(["1", "2", "3"]));
  forwarding.apply([change("a", "1"), change("d", "1")]);
  await expect.poll(() => table.routes.has("d")).toBe(true);
  expect(told.toSorted()).toEqual(["a", "d"]);
  const kept = { b: [hop("2")], c: [hop("3")], d: [hop("1")] };
  expect(Object.fromEntries(table.routes)).toEqual({ a: [hop("1"), hop("2")], ...kept });
  forwarding.settle("1");
  forwarding.settle("2");
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual({ a: [hop("1")], c: [hop("3")], d: [hop("1")] });
  forwarding.settle(undefined);
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual({ a: [hop("1")], d: [hop("1")] });
});

test("a table that could not be looked at when the daemon started is adopted later", async () => {
  const table = new SlowTable();
  table.routes.set("a", [hop("1")]).set("b", [hop("2")]);
  table.unreachable = true;
  await using forwarding = programmer(table);
  expect(await forwarding.found).toEqual(new Set());
  forwarding.settle("2");
  table.unreachable = false;
  await expect.poll(() => Object.fromEntries(table.routes)).toEqual({ a: [hop("1")] });
});
